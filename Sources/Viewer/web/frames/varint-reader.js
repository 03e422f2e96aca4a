// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { WireError } from '../wire/wire-error.js';

/** Reads variable-length integers: seven bits to the byte, lowest first; the highest bit says that another follows. */
export class VarintReader {
    #bytes;
    #offset = 0;
    #message;
    #field;

    /** `message` and `field` are what errors name. */
    constructor(bytes, message, field) {
        this.#bytes = bytes;
        this.#message = message;
        this.#field = field;
    }

    get isAtEnd() {
        return this.#offset >= this.#bytes.length;
    }

    /**
     * The next integer, 0 … 2³² - 1.
     *
     * @throws {WireError} where the bytes end too early or the integer has more than 32 bits
     */
    next() {
        let value = 0;
        for (let shift = 0; shift < 35; shift += 7) {
            if (this.isAtEnd) throw this.error('the bytes end within an integer');
            const byte = this.#bytes[this.#offset];
            this.#offset += 1;
            value += (byte & 0x7f) * 2 ** shift;
            if (byte < 0x80) {
                if (value > 0xffffffff) break;
                return value;
            }
        }
        throw this.error('an integer has more than 32 bits');
    }

    error(problem) {
        return new WireError(this.#message, this.#field, problem);
    }
}
