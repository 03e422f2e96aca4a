// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Octahedral normals (Sources/ModelStorage/FORMAT.md, "Octahedral normals") as WebGL gets them: two signed normalised
// 16-bit numbers, the folded u and v × 32767. Written into every `stride`-th pair of a vertex buffer.

import { bitModels, numberModels } from './binary-decoder.js';
import { ChunkError } from './chunk-error.js';

const middle = 2047;
const coarsestShift = 4;

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
        fold(sums, component);
        words[at] = Math.round(folded[0] * 32767);
        words[at + 1] = Math.round(folded[1] * 32767);
    }
}

/** The folded u and v of the last vector. */
const folded = new Float64Array(2);

/** Folds the vector at a place to the octahedron, in f64: what every decoder computes alike. */
function fold(vectors, at) {
    const [x, y, z] = [vectors[at], vectors[at + 1], vectors[at + 2]];
    const size = Math.abs(x) + Math.abs(y) + Math.abs(z);
    const u = size > 0 ? x / size : 0;
    const v = size > 0 ? y / size : 0;
    folded[0] = z < 0 ? (1 - Math.abs(v)) * (u < 0 ? -1 : 1) : u;
    folded[1] = z < 0 ? (1 - Math.abs(u)) * (v < 0 ? -1 : 1) : v;
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

/**
 * Reads border normals over the computed ones (FORMAT.md, "Details").
 *
 * @param {BinaryDecoder} stream at the border normals
 * @param {Float64Array} sums as `writeComputedNormals` left them
 * @param {Uint8Array|null} depths per vertex, how many low bits its position had
 */
export function readBorderNormals(stream, sums, depths, words, first, stride) {
    const shift = stream.bits(4);
    if (shift > coarsestShift) throw new ChunkError(`border normals: a shift of ${shift}`);
    const flags = bitModels(6);
    const differences = [numberModels(), numberModels()];
    const count = sums.length / 3;
    let wasListed = 0;
    for (let vertex = 0; vertex < count; vertex += 1) {
        const depth = depths === null ? 0 : Math.min(depths[vertex], 2);
        wasListed = stream.bit(flags, 2 * depth + wasListed);
        if (wasListed === 0) continue;
        fold(sums, 3 * vertex);
        const at = first + stride * vertex;
        words[at] = wordOfHalf[readHalf(stream, differences[0], halfOf(folded[0]), shift)];
        words[at + 1] = wordOfHalf[readHalf(stream, differences[1], halfOf(folded[1]), shift)];
    }
}

/** Half of a code, from what was guessed: both on a grid of every 2^shift-th number, and the outermost. */
function readHalf(stream, models, guess, shift) {
    const zigzag = stream.number(models);
    const difference = (zigzag >>> 1) ^ -(zigzag & 1);
    const rounding = (1 << shift) >> 1;
    const size = (Math.abs(guess - middle) + rounding) >> shift;
    const step = (guess < middle ? -size : size) + difference;
    if (Math.abs(step) > (middle + rounding) >> shift) throw new ChunkError(`border normal: a half of ${step}`);
    return Math.min(Math.max(step * 2 ** shift, -middle), middle) + middle;
}

function halfOf(value) {
    return Math.floor((Math.min(Math.max(value, -1), 1) + 1) * middle + 0.5);
}
