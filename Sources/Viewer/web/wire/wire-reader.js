// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { WireError } from './wire-error.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads the fields of one message, front to back; for the generated decoders. Every method throws WireError. */
export class WireReader {
    #bytes;
    #view;
    #offset = 0;
    #lastField = 'type';

    /** What errors name; set once the type is known. */
    message;

    /**
     * @param {ArrayBuffer | Uint8Array} bytes one whole WebSocket message
     * @param {string} message
     */
    constructor(bytes, message) {
        this.#bytes = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
        this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
        this.message = message;
    }

    u8(field) { return this.#view.getUint8(this.#take(field, 1)); }
    u16(field) { return this.#view.getUint16(this.#take(field, 2), true); }
    u32(field) { return this.#view.getUint32(this.#take(field, 4), true); }
    i32(field) { return this.#view.getInt32(this.#take(field, 4), true); }

    /** @returns {number} refuses what a number cannot hold exactly */
    u64(field) {
        const value = Number(this.#view.getBigUint64(this.#take(field, 8), true));
        if (!Number.isSafeInteger(value)) throw this.error(field, 'too large');
        return value;
    }

    f32(field) { return this.#finite(field, this.#view.getFloat32(this.#take(field, 4), true)); }
    f64(field) { return this.#finite(field, this.#view.getFloat64(this.#take(field, 8), true)); }

    bool(field) { return this.enumeration(field, [0, 1]) === 1; }

    /** A u8 that is one of `values`. */
    enumeration(field, values) {
        const value = this.u8(field);
        if (!values.includes(value)) throw this.error(field, `unknown value ${value}`);
        return value;
    }

    /** `count` values of a type: 'i32', 'f32' or 'f64'. */
    vector(field, type, count) { return Array.from({ length: count }, () => this[type](field)); }

    /** @returns {Uint32Array} */
    list(field) {
        const count = this.u32(field);
        if (count > this.#remaining / 4) throw this.error(field, 'more items than the message has bytes for');
        return Uint32Array.from({ length: count }, () => this.u32(field));
    }

    /** @returns {Uint8Array} a view of the rest of the message */
    bytes(field) {
        const start = this.#take(field, this.#remaining);
        return this.#bytes.subarray(start);
    }

    /** @returns {object} */
    json(field) {
        let value;
        try {
            value = JSON.parse(decoder.decode(this.bytes(field)));
        } catch {
            throw this.error(field, 'not JSON');
        }
        if (value === null || typeof value !== 'object' || Array.isArray(value)) {
            throw this.error(field, 'not a JSON object');
        }
        return value;
    }

    finish() {
        if (this.#remaining > 0) throw this.error(this.#lastField, 'bytes follow this, the last field');
    }

    error(field, problem) { return new WireError(this.message, field, problem); }

    get #remaining() { return this.#bytes.length - this.#offset; }

    #take(field, size) {
        if (this.#remaining < size) throw this.error(field, 'the message ends here');
        this.#lastField = field;
        this.#offset += size;
        return this.#offset - size;
    }

    #finite(field, value) {
        if (!Number.isFinite(value)) throw this.error(field, 'not a finite number');
        return value;
    }
}
