// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import * as wire from '../../Sources/Viewer/web/wire/messages.generated.js';

const folder = new URL('../Fixtures/wire/', import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), 'utf8');
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const clientTypes = [
    'hello', 'view', 'acknowledge', 'evicted', 'holdings', 'budget', 'hint', 'ping', 'lost',
    'frameReceived', 'frameShown', 'pick', 'visibility',
    'facts', 'pathWish', 'pathShown',
];
const listFields = ['materials', 'chunks', 'ranges', 'treeNodes'];
/** Fields that take the rest of their message. */
const byteFields = ['payload', 'depthCodes', 'runs'];

/** The fixtures: name, the fields as the decoder gives them, bytes, and both directions of coding. */
const fixtures = readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => {
    const name = file.slice(0, -'.json'.length);
    const fields = JSON.parse(read(file));
    for (const key of listFields) {
        if (fields[key]) fields[key] = Uint32Array.from(fields[key]);
    }
    const rest = byteFields.find((key) => key in fields);
    if (rest) fields[rest] = Uint8Array.from(Buffer.from(fields[rest], 'hex'));
    const isClient = clientTypes.includes(name);
    return {
        name,
        fields,
        bytes: Uint8Array.from(Buffer.from(read(`${name}.hex`).trim(), 'hex')),
        encode: isClient ? wire.encodeClientMessage : wire.encodeServerMessage,
        decode: isClient ? wire.decodeClientMessage : wire.decodeServerMessage,
        rest,
    };
});

/** Same numbers in every run (mulberry32). */
function generator(seed) {
    let state = seed;
    return (limit) => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) % limit;
    };
}

test('there is a fixture for every message', () => {
    assert.equal(fixtures.length, Object.keys(wire).filter((name) => /^encode(?!.*Message$)/.test(name)).length);
});

for (const { name, fields, bytes, encode, decode, rest } of fixtures) {
    test(`${name}: the golden bytes decode to the expected values`, () => {
        const message = decode(bytes);
        // The decoder gives a view of the message's own bytes.
        if (rest) message[rest] = Uint8Array.from(message[rest]);
        assert.deepEqual(message, { type: name, ...fields });
    });

    test(`${name}: the values encode to the golden bytes`, () => {
        assert.equal(hex(encode({ type: name, ...fields })), hex(bytes));
    });

    test(`${name}: an ArrayBuffer is as good`, () => {
        assert.equal(decode(bytes.slice().buffer).type, name);
    });

    test(`${name}: every truncation is refused, or is what the rest of the message allows`, () => {
        const leastLength = rest ? bytes.length - fields[rest].length : bytes.length;
        for (let length = 0; length < leastLength; length += 1) {
            assert.throws(() => decode(bytes.subarray(0, length)), wire.WireError, `${length} bytes`);
        }
    });

    test(`${name}: a byte too many is refused`, { skip: rest !== undefined }, () => {
        assert.throws(() => decode(Uint8Array.of(...bytes, 0)), wire.WireError);
    });

    test(`${name}: damaged bytes are refused, or are another message`, () => {
        const random = generator(bytes.length);
        for (let round = 0; round < 2000; round += 1) {
            const copy = bytes.slice(0, bytes.length - (random(8) === 0 ? random(bytes.length) : 0));
            for (let i = 0; i <= random(3) && copy.length > 0; i += 1) copy[random(copy.length)] = random(256);
            let message;
            try {
                message = decode(copy);
            } catch (error) {
                assert.ok(error instanceof wire.WireError, `${hex(copy)}: ${error}`);
                continue;
            }
            if (!('json' in fields)) assert.equal(hex(encode(message)), hex(copy));
        }
    });
}

test('errors name the message and the field', () => {
    assert.throws(() => wire.decodeClientMessage(Uint8Array.of(137, 255, 255, 255, 255)), /^WireError: Lost\.chunks: /);
    assert.throws(() => wire.decodeClientMessage(Uint8Array.of(133, 2, 0, 0, 0, 0)), /Holdings\.kind: unknown value 2/);
    assert.throws(() => wire.decodeServerMessage(Uint8Array.of(99)), /ServerMessage\.type: unknown type 99/);
    assert.throws(() => wire.decodeServerMessage(Uint8Array.of(1, 91, 93)), /Welcome\.json: not a JSON object/);
    assert.throws(() => wire.decodeServerMessage(Uint8Array.of(1, 255)), /Welcome\.json: not JSON/);
});

test('numbers that are not finite are refused in both directions', () => {
    const bytes = wire.encodePing({ time: 1 });
    new DataView(bytes.buffer).setFloat64(1, NaN, true);
    assert.throws(() => wire.decodeClientMessage(bytes), /Ping\.time: not a finite number/);
    assert.throws(() => wire.encodePing({ time: Infinity }), /Ping\.time/);
    assert.throws(() => wire.encodeHint({ weight: 1e300, treeNodes: [] }), /Hint\.weight/);
});

test('values that do not fit their field are refused', () => {
    const { fields } = fixtures.find(({ name }) => name === 'view');
    for (const wrong of [
        { sequence: -1 }, { sequence: 1.5 }, { sequence: undefined }, { width: 65536 }, { eye: [1, 2] }, { eye: undefined },
        { eye: ['a', 2, 3] }, { projection: 7 }, { isMoving: 1 },
    ]) {
        assert.throws(() => wire.encodeView({ ...fields, ...wrong }), wire.WireError, JSON.stringify(wrong));
    }
    assert.throws(() => wire.encodeBudget({
        gpuByteLimit: 2 ** 53, gpuByteCount: 0, triangleLimit: 0, triangleCount: 0,
    }), /Budget\.gpuByteLimit/);
});

test('a number above 2^53 is refused', () => {
    const bytes = wire.encodeBudget({ gpuByteLimit: 1, gpuByteCount: 0, triangleLimit: 0, triangleCount: 0 });
    bytes[8] = 0xff;
    assert.throws(() => wire.decodeClientMessage(bytes), /Budget\.gpuByteLimit: too large/);
});
