// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Working memory of a decoder, kept from mesh to mesh so that decoding makes no garbage.

/** A typed array that grows and never shrinks. */
export class Scratch {
    #values;

    /** @param {Function} Values a typed array's constructor */
    constructor(Values) {
        this.#values = new Values(0);
    }

    get byteLength() { return this.#values.byteLength; }

    /** The first `count` values, which hold whatever was there before. Valid until the next call. */
    take(count) {
        if (this.#values.length < count) {
            const Values = this.#values.constructor;
            this.#values = new Values(Math.max(count, Math.min(2 * this.#values.length, count + (1 << 16))));
        }
        return this.#values.subarray(0, count);
    }
}
