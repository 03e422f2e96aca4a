// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The browser's Draco decoder against Debian's own tools: what it decodes is what libdraco decodes, bit for bit, and
// bad bytes are an error value, never a trap and never a growing memory. tools/setup builds the module.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readPly, terrainPly } from './ply.mjs';

const bytesOfModule = readFileSync(new URL('../../.work/draco/draco_decoder.wasm', import.meta.url));
const module = new WebAssembly.Module(bytesOfModule);
const Type = { float32: 0, uint16: 1, int32: 2, uint8: 3 };
const arrays = [Float32Array, Uint16Array, Int32Array, Uint8Array];
const anyTriangles = 1 << 20;

/** A fresh decoder, as a worker makes one. */
class Decoder {
    constructor() {
        this.exports = new WebAssembly.Instance(module, {}).exports;
        this.exports._initialize();
    }

    /** The triangle count, or a negative failure. */
    decode(bytes, maximumTriangles = anyTriangles) {
        const pointer = this.exports.draco_alloc(Math.max(bytes.length, 1));
        assert.notEqual(pointer, 0);
        new Uint8Array(this.exports.memory.buffer, pointer, bytes.length).set(bytes);
        const result = this.exports.draco_decode(pointer, bytes.length, maximumTriangles);
        this.exports.draco_release(pointer);
        return result;
    }

    indices() {
        const pointer = this.exports.draco_indices();
        return new Uint32Array(this.exports.memory.buffer, pointer, 3 * this.exports.draco_triangle_count()).slice();
    }

    /** The values of an attribute, or null when it is missing or does not fit the type. */
    attribute(id, type) {
        const pointer = this.exports.draco_attribute(id, type);
        if (pointer === 0) return null;
        const count = this.exports.draco_point_count() * this.exports.draco_component_count(id);
        const values = new arrays[type](this.exports.memory.buffer, pointer, count).slice();
        this.exports.draco_release(pointer);
        return values;
    }

    get memoryByteCount() {
        return this.exports.memory.buffer.byteLength;
    }
}

let folder;
/** Draco bytes and what Debian's draco_decoder makes of them, for a terrain with the given vertex properties. */
function encode(name, options, positionType, hasColors) {
    const [ply, drc, decoded] = ['ply', 'drc', 'decoded.ply'].map((suffix) => join(folder, `${name}.${suffix}`));
    writeFileSync(ply, terrainPly(24, positionType, hasColors));
    execFileSync('draco_encoder', ['-i', ply, '-o', drc, ...options], { stdio: 'pipe' });
    execFileSync('draco_decoder', ['-i', drc, '-o', decoded], { stdio: 'pipe' });
    return { bytes: readFileSync(drc), expected: readPly(readFileSync(decoded)) };
}

let meshes;
before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vantage-draco-'));
    meshes = {
        integers: encode('integers', ['-cl', '3'], 'int', false),
        valence: encode('valence', ['-cl', '10'], 'int', false),
        floats: encode('floats', ['-cl', '7', '-qp', '14'], 'float', true),
    };
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the module imports nothing', () => {
    assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test('integer positions and indices equal the native decoder', () => {
    for (const { bytes, expected } of [meshes.integers, meshes.valence]) {
        const decoder = new Decoder();
        assert.equal(decoder.decode(bytes), expected.indices.length / 3);
        assert.equal(decoder.exports.draco_point_count(), expected.vertexCount);
        assert.deepEqual(decoder.indices(), expected.indices);
        assert.deepEqual(decoder.attribute(0, Type.int32), Int32Array.from(expected.positions));
        assert.deepEqual(decoder.attribute(0, Type.uint16), Uint16Array.from(expected.positions));
        assert.deepEqual(decoder.attribute(0, Type.float32), Float32Array.from(expected.positions));
    }
});

test('quantised floats and byte colours equal the native decoder bit for bit', () => {
    const { bytes, expected } = meshes.floats;
    const decoder = new Decoder();
    assert.equal(decoder.decode(bytes), expected.indices.length / 3);
    assert.deepEqual(decoder.indices(), expected.indices);
    const bits = (floats) => new Uint32Array(floats.buffer);
    assert.deepEqual(bits(decoder.attribute(0, Type.float32)), bits(Float32Array.from(expected.positions)));
    assert.equal(decoder.exports.draco_component_count(1), 3);
    assert.deepEqual(decoder.attribute(1, Type.uint8), Uint8Array.from(expected.colors));
});

test('a value that does not fit the type, and an attribute that is not there, are refused', () => {
    const decoder = new Decoder();
    assert.ok(decoder.decode(meshes.integers.bytes) > 0);
    assert.equal(decoder.attribute(0, Type.uint8), null);
    assert.equal(decoder.attribute(7, Type.float32), null);
    assert.equal(decoder.exports.draco_component_count(7), 0);
    assert.equal(decoder.exports.draco_attribute(0, 99), 0);
});

test('more triangles than the caller allows are refused before they are decoded', () => {
    const { bytes, expected } = meshes.integers;
    const decoder = new Decoder();
    assert.equal(decoder.decode(bytes, expected.indices.length / 3 - 1), -2);
    assert.equal(decoder.exports.draco_point_count(), 0);
    assert.ok(decoder.decode(bytes, expected.indices.length / 3) > 0);
});

test('a failed decode leaves no mesh, and done frees it', () => {
    const decoder = new Decoder();
    assert.ok(decoder.decode(meshes.integers.bytes) > 0);
    assert.ok(decoder.decode(new Uint8Array(16)) < 0);
    assert.equal(decoder.exports.draco_triangle_count(), 0);
    assert.equal(decoder.exports.draco_indices(), 0);
    assert.equal(decoder.attribute(0, Type.int32), null);
    assert.ok(decoder.decode(meshes.integers.bytes) > 0);
    decoder.exports.draco_done();
    assert.equal(decoder.exports.draco_point_count(), 0);
});

test('every truncation is refused, and the memory stays as it is', () => {
    for (const { bytes } of Object.values(meshes)) {
        const decoder = new Decoder();
        assert.ok(decoder.decode(bytes) > 0);
        const settled = decoder.memoryByteCount;
        for (let length = 0; length < bytes.length; length += 1) {
            assert.ok(decoder.decode(bytes.subarray(0, length)) < 0, `decoded the first ${length} bytes`);
        }
        assert.ok(decoder.memoryByteCount <= settled + (4 << 20), `grew to ${decoder.memoryByteCount} bytes`);
        assert.ok(decoder.decode(bytes) > 0, 'still works afterwards');
    }
});

test('garbage and damaged bytes never trap, and memory stays bounded', () => {
    const random = xorshift(7);
    const decoder = new Decoder();
    for (let round = 0; round < 2000; round += 1) {
        const garbage = Uint8Array.from({ length: random() % 400 }, () => random());
        if (round % 2) garbage.set(meshes.integers.bytes.subarray(0, Math.min(12, garbage.length)));
        decoder.decode(garbage, 4096);
    }
    for (const { bytes } of Object.values(meshes)) {
        for (let round = 0; round < 3000; round += 1) {
            const damaged = Uint8Array.from(bytes);
            for (let flips = 1 + (random() % 3); flips > 0; flips -= 1) {
                damaged[random() % damaged.length] ^= 1 << random() % 8;
            }
            const triangles = decoder.decode(damaged, 4096);
            const points = decoder.exports.draco_point_count();
            if (triangles > 0) assert.ok(decoder.indices().every((index) => index < points));
        }
    }
    assert.ok(decoder.memoryByteCount <= 64 << 20, `grew to ${decoder.memoryByteCount} bytes`);
});

test('decoding the same chunk many times does not leak', () => {
    const decoder = new Decoder();
    const { bytes } = meshes.floats;
    for (let round = 0; round < 20; round += 1) decoder.decode(bytes);
    const settled = decoder.memoryByteCount;
    for (let round = 0; round < 2000; round += 1) {
        assert.ok(decoder.decode(bytes) > 0);
        decoder.attribute(0, Type.float32);
    }
    assert.equal(decoder.memoryByteCount, settled);
});

test('the memory has a maximum: more is refused, and the decoder still works', () => {
    const decoder = new Decoder();
    assert.equal(decoder.exports.draco_alloc(300 << 20), 0);
    assert.ok(decoder.memoryByteCount <= 256 << 20);
    assert.ok(decoder.decode(meshes.integers.bytes) > 0);
});

/** Marsaglia's 32-bit xorshift: the same damage in every run. */
function xorshift(seed) {
    let state = seed;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    };
}
