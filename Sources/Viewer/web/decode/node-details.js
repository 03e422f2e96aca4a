// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// What the codecs leave out of a node's mesh. Layout: Sources/ModelStorage/FORMAT.md, "Details".

import { BinaryDecoder, bitModels, numberModels } from './binary-decoder.js';
import { ChunkError } from './chunk-error.js';
import { Codec } from './node-header.js';

const maximumShift = 12;
const streamFlag = 16;
const recentCapacity = 16;

/**
 * Reads the byte in front of a body.
 *
 * @returns {{shift, hasStream}} low bits of positions that the codec was not given; whether a stream follows its bytes
 */
export function readDetails(body) {
    const byte = body.u8('details');
    const [shift, hasStream] = [byte & 15, (byte & streamFlag) !== 0];
    if (byte >= 2 * streamFlag || shift > maximumShift || (shift > 0 && !hasStream)) {
        throw new ChunkError(`details: ${byte} is unknown`);
    }
    return { shift, hasStream };
}

/** Begins the stream behind the codec's bytes; null where there is none. */
export function openDetails(body, { hasStream }, header) {
    if (hasStream) return new BinaryDecoder(body);
    if (isUnsorted(header)) throw new ChunkError('details: the ranges of the triangles are missing');
    return null;
}

/** Whether the stream begins with the ranges of the triangles. */
export function isUnsorted({ codec, rangeTriangleCounts }) {
    return codec === Codec.draco && rangeTriangleCounts.length > 1;
}

/**
 * Sorts triangles by range, keeping their order within one.
 *
 * @param {Uint32Array} indices three per triangle in Draco's order
 * @param {number[]} rangeTriangleCounts adds up to the number of triangles
 * @param {Uint32Array} sorted where the sorted triangles go
 * @param {Uint32Array} next working memory, at least two values for each range
 */
export function sortByRange(decoder, indices, rangeTriangleCounts, sorted, next) {
    const rangeCount = rangeTriangleCounts.length;
    for (let range = 0, total = 0; range < rangeCount; range += 1) {
        next[range] = 3 * total;
        total += rangeTriangleCounts[range];
        next[rangeCount + range] = 3 * total;
    }
    const [lengths, places] = [numberModels(), numberModels()];
    const recent = [];
    for (let corner = 0; corner < indices.length;) {
        const cornerCount = 3 * (decoder.number(lengths) + 1);
        const range = recentLabel(recent, decoder.number(places));
        if (range >= rangeCount || cornerCount > next[rangeCount + range] - next[range]
            || cornerCount > indices.length - corner) {
            throw new ChunkError(`label run: ${cornerCount / 3} triangles are too many for range ${range}`);
        }
        let target = next[range];
        for (const end = corner + cornerCount; corner < end; corner += 1, target += 1) sorted[target] = indices[corner];
        next[range] = target;
    }
}

/** The label at a place among the recent ones, or beyond them; the latest afterwards. */
function recentLabel(recent, place) {
    const label = place < recent.length ? recent[place] : place - recent.length;
    if (place < recent.length) recent.splice(place, 1);
    else if (recent.length === recentCapacity) recent.pop();
    recent.unshift(label);
    return label;
}

/**
 * Puts the low bits behind those of positions and makes them relative to the origin, in place.
 *
 * @param {Int32Array} positions relative to the origin without its `shift` low bits, in steps of 2^shift
 * @param {Uint8Array} depths per vertex, how many low bits it had: written
 */
export function readFinePositions(decoder, positions, shift, origin, depths) {
    const flags = bitModels(2 * shift);
    const [originX, originY, originZ] = origin.map((value) => value & ((1 << shift) - 1));
    let previousDepth = 0;
    for (let vertex = 0, at = 0; vertex < depths.length; vertex += 1, at += 3) {
        let [x, y, z] = [0, 0, 0];
        let depth = 0;
        while (depth < shift && decoder.bit(flags, 2 * depth + (previousDepth > 0 ? 1 : 0)) === 1) {
            const bits = decoder.bits(3);
            const place = shift - 1 - depth;
            x |= (bits >> 2) << place;
            y |= ((bits >> 1) & 1) << place;
            z |= (bits & 1) << place;
            depth += 1;
        }
        positions[at] = ((positions[at] << shift) | x) - originX;
        positions[at + 1] = ((positions[at + 1] << shift) | y) - originY;
        positions[at + 2] = ((positions[at + 2] << shift) | z) - originZ;
        previousDepth = depth;
        depths[vertex] = depth;
    }
}
