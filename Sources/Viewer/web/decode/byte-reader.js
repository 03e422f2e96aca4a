// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ChunkError } from './chunk-error.js';

/**
 * Reads little-endian values from a Uint8Array, front to back. Every read is checked against the end and throws a
 * `ChunkError` that names the field. Hot loops use `bytes`, `at` and `end` themselves.
 */
export class ByteReader {
    #view;

    /**
     * @param {Uint8Array} bytes
     * @param {number} start first byte to read
     * @param {number} end one past the last
     */
    constructor(bytes, start = 0, end = bytes.length) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
        this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    get remaining() { return this.end - this.at; }

    u8(field) { return this.#view.getUint8(this.take(1, field)); }
    u16(field) { return this.#view.getUint16(this.take(2, field), true); }
    u32(field) { return this.#view.getUint32(this.take(4, field), true); }
    i32(field) { return this.#view.getInt32(this.take(4, field), true); }
    f32(field) { return this.#view.getFloat32(this.take(4, field), true); }
    f64(field) { return this.#view.getFloat64(this.take(8, field), true); }

    /** Moves past `count` bytes and returns where they begin. */
    take(count, field) {
        if (count > this.remaining) {
            throw new ChunkError(`${field}: truncated, ${count} bytes needed, ${this.remaining} left`);
        }
        this.at += count;
        return this.at - count;
    }

    /** An unsigned LEB128 number below 2^32. */
    varint(field) {
        const { bytes, end } = this;
        let value = 0;
        for (let shift = 0; shift <= 28; shift += 7) {
            if (this.at >= end) throw new ChunkError(`${field}: truncated in a number`);
            const byte = bytes[this.at];
            this.at += 1;
            if (shift === 28 && byte > 15) break;
            value |= (byte & 127) << shift;
            if (byte < 128) return value >>> 0;
        }
        throw new ChunkError(`${field}: a number above 2^32 - 1`);
    }

    /** Throws if anything is left. */
    finish(field) {
        if (this.remaining > 0) throw new ChunkError(`${field}: ${this.remaining} bytes are left over`);
    }
}
