// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What a node's codec leaves out, read from nothing but what Sources/ModelStorage/FORMAT.md says in "Details". Every
// name below is the document's.

import assert from 'node:assert/strict';

const newModel = () => ({ zero: 2048 });

/** Models in a table of any number of dimensions. */
export const newModels = (count, ...more) => Array.from(
    { length: count }, () => (more.length > 0 ? newModels(...more) : newModel()));

/** The models of a number. */
export const newNumberModels = () => ({ length: newModels(31), first: newModels(32) });

/** What a model learns from a bit. */
export function learn(model, bit) {
    model.zero += bit === 0 ? Math.floor((4096 - model.zero) / 16) : -Math.floor(model.zero / 16);
}

class ArithmeticDecoder {
    #reader;
    #range = 2 ** 32 - 1;
    #code = 0;

    constructor(reader) {
        this.#reader = reader;
        for (let i = 0; i < 4; i += 1) this.#code = this.#code * 256 + reader.u8();
    }

    #normalise() {
        while (this.#range < 2 ** 24) {
            this.#code = (this.#code * 256 + this.#reader.u8()) % 2 ** 32;
            this.#range *= 256;
        }
    }

    /** Goes on in the lower or the upper part of the range. */
    #choose(bound, rangeOfOne) {
        const bit = this.#code < bound ? 0 : 1;
        this.#code -= bit * bound;
        this.#range = bit === 0 ? bound : rangeOfOne;
        this.#normalise();
        return bit;
    }

    bit(model) {
        const bound = Math.floor(this.#range / 4096) * model.zero;
        const bit = this.#choose(bound, this.#range - bound);
        learn(model, bit);
        return bit;
    }

    plainBit() {
        const half = Math.floor(this.#range / 2);
        return this.#choose(half, half);
    }

    number({ length: lengths, first }) {
        let length = 0;
        while (length < 31 && this.bit(lengths[length]) === 1) length += 1;
        if (length === 0) return 0;
        let value = 2 + this.bit(first[length]);
        for (let i = 1; i < length; i += 1) value = 2 * value + this.plainBit();
        return value - 1;
    }
}

/** The byte in front of the codec's bytes: { shift, hasStream }. */
export function readDetailsByte(body) {
    const byte = body.u8();
    const details = { shift: byte % 16, hasStream: Math.floor(byte / 16) === 1 };
    assert.ok(byte < 32 && details.shift <= 12 && (details.hasStream || details.shift === 0), 'details');
    return details;
}

/**
 * Completes a mesh as its codec holds it: sorts `indices` by range, turns `positions` into grid positions, adds
 * `borderNormals`, a map from vertices to codes, where normals are computed.
 */
export function completeMesh(mesh, header, { shift, hasStream }, body) {
    const stream = hasStream ? new ArithmeticDecoder(body) : null;
    if (header.codec === 1 && header.ranges.length > 1) {
        assert.ok(stream, 'the labels are missing');
        mesh.indices = sortByRange(mesh.indices, header.ranges, stream);
    }
    const lowBits = Array.from({ length: header.vertices }, () => ({ count: 0, values: [0, 0, 0] }));
    if (shift > 0) readLowBits(stream, lowBits, shift);
    mesh.positions = mesh.positions.map((position, i) => {
        const axis = i % 3;
        const high = position + Math.floor(header.origin[axis] / 2 ** shift);
        return high * 2 ** shift + lowBits[Math.floor(i / 3)].values[axis];
    });
    if (header.layout.isStored) return;
    mesh.borderNormals = stream ? readBorderNormals(stream, mesh, lowBits) : new Map();
}

function sortByRange(indices, ranges, stream) {
    const lists = ranges.map(() => []);
    const [lengths, places] = [newNumberModels(), newNumberModels()];
    let recent = [];
    for (let triangle = 0; triangle < indices.length / 3;) {
        const length = stream.number(lengths) + 1;
        const place = stream.number(places);
        const range = place < recent.length ? recent[place] : place - recent.length;
        recent = [range, ...recent.filter((_, i) => i !== place)].slice(0, 16);
        assert.ok(range < ranges.length, 'a range that is not there');
        assert.ok(3 * (triangle + length) <= indices.length, 'a run goes past the last triangle');
        for (const end = triangle + length; triangle < end; triangle += 1) {
            lists[range].push(...indices.subarray(3 * triangle, 3 * triangle + 3));
        }
    }
    lists.forEach((list, range) => assert.equal(list.length, 3 * ranges[range].triangles, 'labels'));
    return Uint32Array.from(lists.flat());
}

function readLowBits(stream, lowBits, shift) {
    const hasFurther = newModels(shift, 2);
    let hadAny = 0;
    for (const vertex of lowBits) {
        while (vertex.count < shift && stream.bit(hasFurther[vertex.count][hadAny]) === 1) {
            vertex.count += 1;
            for (const axis of [0, 1, 2]) vertex.values[axis] += stream.plainBit() * 2 ** (shift - vertex.count);
        }
        hadAny = vertex.count > 0 ? 1 : 0;
    }
}

function readBorderNormals(stream, mesh, lowBits) {
    const coarseness = [8, 4, 2, 1].reduce((sum, place) => sum + place * stream.plainBit(), 0);
    assert.ok(coarseness <= 4, 'coarseness');
    const computed = computedNormals(mesh);
    const isListed = newModels(3, 2);
    const differences = [newNumberModels(), newNumberModels()];
    const normals = new Map();
    let wasListed = 0;
    lowBits.forEach(({ count }, vertex) => {
        wasListed = stream.bit(isListed[Math.min(count, 2)][wasListed]);
        if (wasListed === 0) return;
        const [u, v] = differences.map((models, half) => (
            halfOfStep(stepOfHalf(computed[vertex][half], coarseness) + signed(stream.number(models)), coarseness)));
        normals.set(vertex, u + v * 4096);
    });
    return normals;
}

const signed = (number) => (number % 2 === 0 ? number / 2 : -(number + 1) / 2);

/** The step of half of an octahedral code on the grid of a coarseness. */
export function stepOfHalf(half, coarseness) {
    const distance = half - 2047;
    return Math.sign(distance) * Math.floor((Math.abs(distance) + Math.floor(2 ** coarseness / 2)) / 2 ** coarseness);
}

/** Half of an octahedral code. */
export function halfOfStep(step, coarseness) {
    assert.ok(Math.abs(step) <= stepOfHalf(4094, coarseness), `a step of ${step}`);
    return Math.min(Math.max(step * 2 ** coarseness, -2047), 2047) + 2047;
}

/** Both halves of the octahedral code of the computed normal of each vertex. */
export function computedNormals({ positions, indices }) {
    const sums = Array.from({ length: positions.length / 3 }, () => [0, 0, 0]);
    for (let corner = 0; corner < indices.length; corner += 3) {
        const [a, b, c] = [...indices.subarray(corner, corner + 3)].map((i) => positions.subarray(3 * i, 3 * i + 3));
        const [p, q] = [b, c].map((end) => [...end].map((value, axis) => value - a[axis]));
        const cross = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
        for (const vertex of indices.subarray(corner, corner + 3)) {
            for (const axis of [0, 1, 2]) sums[vertex][axis] += cross[axis];
        }
    }
    return sums.map(encodeNormal);
}

function encodeNormal([x, y, z]) {
    const s = Math.abs(x) + Math.abs(y) + Math.abs(z);
    if (s === 0) return [2047, 2047];
    const sign = (value) => (value < 0 ? -1 : 1);
    let [u, v] = [x / s, y / s];
    if (z < 0) [u, v] = [(1 - Math.abs(v)) * sign(u), (1 - Math.abs(u)) * sign(v)];
    return [u, v].map((value) => Math.round((value + 1) * 2047));
}
