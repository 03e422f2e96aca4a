// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { WireError } from './wire-error.js';

const encoder = new TextEncoder();
const integerLimits = { u8: 0xff, u16: 0xffff, u32: 0xffffffff, u64: Number.MAX_SAFE_INTEGER };

/** Writes the fields of one message; for the generated encoders. Methods throw WireError for what does not fit. */
export class WireWriter {
    #message;
    #bytes = new Uint8Array(64);
    #view = new DataView(this.#bytes.buffer);
    #length = 0;

    /**
     * @param {string} message
     * @param {number} type
     */
    constructor(message, type) {
        this.#message = message;
        this.u8('type', type);
    }

    /** The message. */
    get result() { return this.#bytes.slice(0, this.#length); }

    u8(field, value) { this.#set('setUint8', 1, this.#integer(field, 'u8', value)); }
    u16(field, value) { this.#set('setUint16', 2, this.#integer(field, 'u16', value)); }
    u32(field, value) { this.#set('setUint32', 4, this.#integer(field, 'u32', value)); }
    u64(field, value) { this.#set('setBigUint64', 8, BigInt(this.#integer(field, 'u64', value))); }

    i32(field, value) {
        if (value !== (value | 0)) throw this.#error(field, `${value} is not a 32-bit integer`);
        this.#set('setInt32', 4, value);
    }

    f32(field, value) { this.#set('setFloat32', 4, this.#finite(field, Math.fround(value))); }
    f64(field, value) { this.#set('setFloat64', 8, this.#finite(field, value)); }

    bool(field, value) {
        if (typeof value !== 'boolean') throw this.#error(field, `${value} is neither true nor false`);
        this.u8(field, value ? 1 : 0);
    }

    enumeration(field, value, values) {
        if (!values.includes(value)) throw this.#error(field, `unknown value ${value}`);
        this.u8(field, value);
    }

    vector(field, type, count, values) {
        if (values?.length !== count) throw this.#error(field, `not ${count} numbers`);
        for (const value of values) this[type](field, value);
    }

    list(field, values) {
        if (values?.length === undefined) throw this.#error(field, 'not a list');
        this.u32(field, values.length);
        for (const value of values) this.u32(field, value);
    }

    bytes(field, value) {
        if (!(value instanceof Uint8Array)) throw this.#error(field, 'not a Uint8Array');
        const start = this.#grow(value.length);
        this.#bytes.set(value, start);
    }

    json(field, value) {
        if (value === null || typeof value !== 'object') throw this.#error(field, 'not an object');
        this.bytes(field, encoder.encode(JSON.stringify(value)));
    }

    #integer(field, type, value) {
        if (!Number.isInteger(value) || value < 0 || value > integerLimits[type]) {
            throw this.#error(field, `${value} is not a ${type}`);
        }
        return value;
    }

    #finite(field, value) {
        if (!Number.isFinite(value)) throw this.#error(field, `${value} is not a finite number`);
        return value;
    }

    #error(field, problem) { return new WireError(this.#message, field, problem); }

    #set(method, size, value) {
        const start = this.#grow(size);
        this.#view[method](start, value, true);
    }

    /** Makes room for `size` more bytes and returns where they go. */
    #grow(size) {
        const start = this.#length;
        this.#length += size;
        if (this.#length > this.#bytes.length) {
            const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
            larger.set(this.#bytes);
            this.#bytes = larger;
            this.#view = new DataView(larger.buffer);
        }
        return start;
    }
}
