// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ChunkError } from './chunk-error.js';

const even = 2048;
const longest = 31;

/** `count` bit models: how likely a bit is 0, in 1/4096. */
export const bitModels = (count) => new Uint16Array(count).fill(even);

/** The models of a number: of the bits of its length, then of the first bit behind the leading one, by length. */
export const numberModels = () => bitModels(2 * (longest + 1));

/**
 * Reads arithmetic-coded bits and numbers (Sources/ModelStorage/FORMAT.md, "Details"). Reading past the end throws a
 * `ChunkError`.
 */
export class BinaryDecoder {
    #bytes;
    #at;
    #end;
    #range = 0xffffffff;
    #code = 0;

    /** @param {ByteReader} body whose rest is the stream; afterwards at its end */
    constructor(body) {
        this.#bytes = body.bytes;
        this.#at = body.at;
        this.#end = body.end;
        body.at = body.end;
        for (let count = 0; count < 4; count += 1) this.#shiftIn();
    }

    /** A bit, 0 or 1, by the model `models[index]`, which learns it. */
    bit(models, index) {
        const zero = models[index];
        const bound = (this.#range >>> 12) * zero;
        if (this.#code >= bound) {
            this.#code -= bound;
            this.#range -= bound;
            models[index] = zero - (zero >> 4);
            if (this.#range < 0x1000000) this.#normalize();
            return 1;
        }
        this.#range = bound;
        models[index] = zero + ((4096 - zero) >> 4);
        if (bound < 0x1000000) this.#normalize();
        return 0;
    }

    /** `count` equally likely bits, the highest first; at most 31. */
    bits(count) {
        let value = 0;
        for (let left = count; left > 0; left -= 1) {
            this.#range >>>= 1;
            value <<= 1;
            if (this.#code >= this.#range) {
                this.#code -= this.#range;
                value |= 1;
            }
            if (this.#range < 0x1000000) this.#normalize();
        }
        return value;
    }

    /** A number below 2^32 - 1, by `numberModels()`. */
    number(models) {
        let length = 0;
        while (length < longest && this.bit(models, length) === 1) length += 1;
        if (length === 0) return 0;
        const first = 2 + this.bit(models, longest + 1 + length);
        return first * 2 ** (length - 1) + this.bits(length - 1) - 1;
    }

    /** Throws if anything is left. */
    finish() {
        if (this.#at < this.#end) throw new ChunkError(`details: ${this.#end - this.#at} bytes are left over`);
    }

    #normalize() {
        do {
            this.#shiftIn();
            this.#range = (this.#range << 8) >>> 0;
        } while (this.#range < 0x1000000);
    }

    #shiftIn() {
        if (this.#at >= this.#end) throw new ChunkError('details: truncated');
        this.#code = ((this.#code << 8) | this.#bytes[this.#at]) >>> 0;
        this.#at += 1;
    }
}
