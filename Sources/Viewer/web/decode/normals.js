// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Octahedral normals (Sources/ModelStorage/FORMAT.md, "Octahedral normals") as WebGL gets them: two signed normalised
// 16-bit numbers, the folded u and v × 32767. Written into every `stride`-th pair of a vertex buffer.

import { ChunkError } from './chunk-error.js';

/** A 12-bit half of a code → its signed 16-bit number. 4095 means nothing and is read as 4094. */
const wordOfHalf = Int16Array.from(
    { length: 4096 }, (_, half) => Math.round((Math.min(half, 4094) / 2047 - 1) * 32767));

/** Writes a code to `words[at]` and the next. */
function writeCode(words, at, code) {
    words[at] = wordOfHalf[code & 4095];
    words[at + 1] = wordOfHalf[(code >>> 12) & 4095];
}

/** Writes stored normals: one code per vertex. */
export function writeCodes(codes, words, first, stride) {
    for (let vertex = 0, at = first; vertex < codes.length; vertex += 1, at += stride) {
        writeCode(words, at, codes[vertex]);
    }
}

/**
 * The code of a direction, in 32-bit floats as the encoder computes it, so that a vertex of several nodes keeps one
 * normal whatever codec they are in.
 */
export function codeOfDirection(x, y, z) {
    const { abs, fround } = Math;
    const size = fround(fround(abs(x) + abs(y)) + abs(z));
    if (!(size > 0) || size === Infinity) return 2047 | (2047 << 12);
    let u = fround(x / size);
    let v = fround(y / size);
    if (z < 0) {
        const foldedU = fround(fround(1 - abs(v)) * (u < 0 ? -1 : 1));
        v = fround(fround(1 - abs(u)) * (v < 0 ? -1 : 1));
        u = foldedU;
    }
    return quantize(u) | (quantize(v) << 12);
}

/** To 0 … 4094, halves away from zero as in Swift's `rounded()`; the values are never negative. */
function quantize(value) {
    const clamped = Math.min(Math.max(value, -1), 1);
    return Math.floor(Math.fround(Math.fround(clamped + 1) * 2047) + 0.5);
}

/**
 * Writes area-weighted normals: for each vertex the sum of cross(b - a, c - a) over its triangles.
 *
 * @param {Int32Array} positions xyz per vertex
 * @param {Uint32Array} indices three per triangle
 * @param {Float64Array} sums working memory, three values per vertex
 */
export function writeComputedNormals(positions, indices, sums, words, first, stride) {
    sums.fill(0);
    addTriangles(positions, indices, sums);
    for (let component = 0, at = first; component < sums.length; component += 3, at += stride) {
        const x = sums[component];
        const y = sums[component + 1];
        const z = sums[component + 2];
        const size = Math.abs(x) + Math.abs(y) + Math.abs(z);
        let u = size > 0 ? x / size : 0;
        let v = size > 0 ? y / size : 0;
        if (z < 0) {
            const foldedU = (1 - Math.abs(v)) * (u < 0 ? -1 : 1);
            v = (1 - Math.abs(u)) * (v < 0 ? -1 : 1);
            u = foldedU;
        }
        words[at] = Math.round(u * 32767);
        words[at + 1] = Math.round(v * 32767);
    }
}

function addTriangles(positions, indices, sums) {
    for (let corner = 0; corner < indices.length; corner += 3) {
        const a = 3 * indices[corner];
        const b = 3 * indices[corner + 1];
        const c = 3 * indices[corner + 2];
        const abX = positions[b] - positions[a];
        const abY = positions[b + 1] - positions[a + 1];
        const abZ = positions[b + 2] - positions[a + 2];
        const acX = positions[c] - positions[a];
        const acY = positions[c + 1] - positions[a + 1];
        const acZ = positions[c + 2] - positions[a + 2];
        const x = abY * acZ - abZ * acY;
        const y = abZ * acX - abX * acZ;
        const z = abX * acY - abY * acX;
        sums[a] += x;
        sums[a + 1] += y;
        sums[a + 2] += z;
        sums[b] += x;
        sums[b + 1] += y;
        sums[b + 2] += z;
        sums[c] += x;
        sums[c + 1] += y;
        sums[c + 2] += z;
    }
}

/** Reads a body's border normals over the computed ones (FORMAT.md, "Border normals"). */
export function readBorderNormals(body, vertexCount, words, first, stride) {
    const count = body.varint('border normals');
    if (count > vertexCount) throw new ChunkError(`border normals: ${count} of ${vertexCount} vertices`);
    let vertex = 0;
    for (let entry = 0; entry < count; entry += 1) {
        vertex += body.varint('border normal');
        if (vertex >= vertexCount) throw new ChunkError(`border normal: vertex ${vertex} of ${vertexCount}`);
        const at = body.take(3, 'border normal');
        const code = body.bytes[at] | (body.bytes[at + 1] << 8) | (body.bytes[at + 2] << 16);
        writeCode(words, first + stride * vertex, code);
    }
}
