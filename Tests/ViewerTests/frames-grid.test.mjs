// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// What comes beside a frame's pixels: its depth grid and its map of identities.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { DepthGrid } from '../../Sources/Viewer/web/frames/depth-grid.js';
import { IdentityMap } from '../../Sources/Viewer/web/frames/identity-map.js';
import { VarintReader } from '../../Sources/Viewer/web/frames/varint-reader.js';
import { WireError, decodeServerMessage } from '../../Sources/Viewer/web/wire/messages.generated.js';

const golden = (name) => decodeServerMessage(Uint8Array.from(
    Buffer.from(readFileSync(new URL(`../Fixtures/wire/${name}.hex`, import.meta.url), 'utf8').trim(), 'hex')));

const varint = (value) => (value > 127 ? [(value % 128) | 128, ...varint(Math.floor(value / 128))] : [value]);

/** The reverse of the decoder, written from PROTOCOL.md. */
function encodeCodes(codes, columns) {
    const bytes = [];
    let same = -1;
    const flush = () => {
        if (same >= 0) bytes.push(0, ...varint(same));
        same = -1;
    };
    codes.forEach((code, cell) => {
        const before = cell === 0 ? 0 : cell % columns === 0 ? codes[cell - columns] : codes[cell - 1];
        const difference = ((code - before + 98304) % 65536) - 32768;
        if (difference === 0) {
            same += 1;
            return;
        }
        flush();
        bytes.push(...varint(difference > 0 ? 2 * difference : -2 * difference - 1));
    });
    flush();
    return Uint8Array.from(bytes);
}

const header = (columns, codes, rest = {}) => ({
    depthColumns: columns, depthRows: codes.length / columns, depthNear: 2, depthFar: 8, projection: 0,
    depthCodes: encodeCodes(codes, columns), ...rest,
});

/** Same numbers in every run. */
function generator(seed) {
    let state = seed;
    return (limit) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * limit);
    };
}

test('the golden frame has the depths that its codes stand for', () => {
    const grid = DepthGrid.of(golden('frame'));
    assert.deepEqual([grid.columns, grid.rows], [3, 2]);
    const depths = [0, 1].flatMap((row) => [0, 1, 2].map((column) => grid.depth(column, row)));
    assert.deepEqual(depths, [Infinity, 0.5, 0.5, Infinity, 8, 8]);
});

test('between near and far the reciprocal is linear in perspective, the depth itself is without', () => {
    const middle = 1 + 65534 / 2;
    assert.ok(Math.abs(DepthGrid.of(header(1, [middle])).depth(0, 0) - 3.2) < 1e-9);
    assert.ok(Math.abs(DepthGrid.of(header(1, [middle], { projection: 1 })).depth(0, 0) - 5) < 1e-9);
});

test('grids of every kind come back as they were written', () => {
    const random = generator(5);
    for (let round = 0; round < 200; round += 1) {
        const [columns, rows] = [1 + random(40), 1 + random(30)];
        const kinds = [() => 0, () => random(65536), () => 30000 + random(3), () => (random(4) === 0 ? random(65536) : 0)];
        const codes = Array.from({ length: columns * rows }, kinds[round % kinds.length]);
        const grid = DepthGrid.of(header(columns, codes, { depthNear: 1, depthFar: 65535, projection: 1 }));
        codes.forEach((code, cell) => {
            const depth = grid.depth(cell % columns, Math.floor(cell / columns));
            assert.ok(code === 0 ? depth === Infinity : Math.abs(depth - (65536 - code)) < 1e-6, `${code}: ${depth}`);
        });
    }
});

test('a frame without a grid has none; outside a grid is background', () => {
    assert.equal(DepthGrid.of({ ...header(1, [5]), depthColumns: 0, depthRows: 0, depthCodes: new Uint8Array(0) }), null);
    const grid = DepthGrid.of(header(2, [1, 65535]));
    assert.equal(grid.depth(-1, 0), Infinity);
    assert.equal(grid.depth(2, 0), Infinity);
    assert.equal(grid.depth(0, 1), Infinity);
    assert.equal(grid.depthAt(-0.5, 0), 8);
    assert.equal(grid.depthAt(0.99, 0.99), 2);
    assert.equal(grid.depthAt(1.2, 0), Infinity);
});

test('a grid that is cut short anywhere, or goes on, is refused', () => {
    const whole = header(4, [0, 0, 9, 500, 500, 500, 70, 65535, 0, 0, 0, 0]);
    DepthGrid.of(whole);
    for (let length = 0; length < whole.depthCodes.length; length += 1) {
        assert.throws(() => DepthGrid.of({ ...whole, depthCodes: whole.depthCodes.subarray(0, length) }), WireError);
    }
    assert.throws(() => DepthGrid.of({ ...whole, depthCodes: Uint8Array.of(...whole.depthCodes, 0) }), /bytes follow/);
});

test('hostile codes are refused', () => {
    const refuse = (bytes, problem, rest = {}) =>
        assert.throws(() => DepthGrid.of({ ...header(1, [5]), ...rest, depthCodes: Uint8Array.from(bytes) }), problem);
    refuse([0, 1], /a run goes past/);
    refuse([0, ...varint(0xffffffff)], /a run goes past/);
    refuse([...varint(65536)], /more than 16 bits/);
    refuse([255, 255, 255, 255, 255, 255], /more than 32 bits/);
    refuse([128], /end within/);
    refuse([2], /no range/, { depthNear: 0 });
    refuse([2], /no range/, { depthNear: 9 });
    refuse([2], /no range/, { depthNear: -1, depthFar: -1 });
});

test('variable-length integers have at most 32 bits', () => {
    const read = (...bytes) => new VarintReader(Uint8Array.from(bytes), 'M', 'f').next();
    assert.equal(read(0), 0);
    assert.equal(read(0xab, 2), 299);
    assert.equal(read(255, 255, 255, 255, 15), 0xffffffff);
    assert.throws(() => read(255, 255, 255, 255, 31), /M\.f: an integer has more than 32 bits/);
    assert.throws(() => read(), /M\.f: the bytes end/);
});

test('the golden map says what each pixel shows', () => {
    const map = new IdentityMap(golden('identityMap'));
    const at = (column, row) => map.nodeAt(((column + 0.5) / 300) * 2 - 1, 1 - ((row + 0.5) / 2) * 2);
    assert.equal(at(0, 0), null);
    assert.equal(at(298, 0), null);
    assert.equal(at(299, 0), 5);
    assert.equal(at(298, 1), 5);
    assert.equal(at(299, 1), 4000000000);
    assert.equal(map.nodeAt(1, 0), null);
    assert.equal(map.nodeAt(NaN, 0), null);
    assert.equal(map.nodeAt(0, -1.01), null);
});

test('maps whose runs do not cover the picture exactly, or name what is not listed, are refused', () => {
    const map = (...runs) => new IdentityMap({
        frame: 1, width: 4, height: 2, treeNodes: Uint32Array.of(7), runs: Uint8Array.from(runs),
    });
    assert.equal(map(0, 3, 1, 5).nodeAt(0.9, -0.9), 7);
    assert.throws(() => map(0, 3, 1, 4), /end within/);
    assert.throws(() => map(0, 3, 1, 6), /does not fit/);
    assert.throws(() => map(0, 3, 1, 5, 0), /bytes follow/);
    assert.throws(() => map(0, 0, 1, 8), /does not fit/);
    assert.throws(() => map(2, 8), /index 2 of 1/);
    assert.throws(() => map(0, ...varint(0xffffffff)), /does not fit/);
    assert.throws(() => map(0), /end within/);
});

test('an empty map is one', () => {
    const map = new IdentityMap({ frame: 1, width: 0, height: 0, treeNodes: new Uint32Array(0), runs: new Uint8Array(0) });
    assert.equal(map.nodeAt(0, 0), null);
});
