// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The header of a node's payload. Layout and limits: Sources/ModelStorage/FORMAT.md, "Node payload".

import { ChunkError } from './chunk-error.js';

export const Codec = { plain: 0, draco: 1 };

const maximumCount = 1 << 20;
const gridLimit = 1 << 28;

/** What a vertex has: `isNormalStored`, `setCount` of texture coordinates (0 … 2), `colorCount` (0, 3 or 4). */
function readLayout(byte) {
    const [setCount, colors] = [(byte >> 1) & 3, byte >> 3];
    if (setCount > 2 || colors > 2) throw new ChunkError(`vertex layout: ${byte} is unknown`);
    return { isNormalStored: (byte & 1) === 1, setCount, colorCount: colors === 0 ? 0 : colors + 2 };
}

function readCount(reader, field) {
    const count = reader.u32(field);
    if (count > maximumCount) throw new ChunkError(`${field}: ${count} is above ${maximumCount}`);
    return count;
}

function readError(reader, field) {
    const error = reader.f32(field);
    if (!(error >= 0)) throw new ChunkError(`${field}: ${error} is not a distance`);
    return error;
}

function readBox(reader) {
    const origin = [0, 0, 0].map(() => reader.i32('origin'));
    const extent = [0, 0, 0].map(() => reader.i32('extent'));
    for (let axis = 0; axis < 3; axis += 1) {
        const isInside = origin[axis] > -gridLimit && origin[axis] < gridLimit && extent[axis] >= 0
            && extent[axis] < gridLimit && origin[axis] + extent[axis] < gridLimit;
        if (!isInside) throw new ChunkError(`box: ${origin[axis]} + ${extent[axis]} leaves the grid`);
    }
    return { origin, extent };
}

/** Triangles of each range; they add up to `triangleCount`. */
function readRanges(reader, triangleCount, materialCount) {
    const count = reader.u16('number of ranges');
    const rangeTriangleCounts = new Array(count);
    let total = 0;
    for (let range = 0; range < count; range += 1) {
        reader.take(4, 'range');
        const material = reader.u16('range');
        if (material >= materialCount) {
            throw new ChunkError(`range ${range}: material ${material}, but its geometry has ${materialCount}`);
        }
        rangeTriangleCounts[range] = reader.varint('range');
        total += rangeTriangleCounts[range];
    }
    if (total !== triangleCount) throw new ChunkError(`ranges: ${total} triangles of ${triangleCount}`);
    return rangeTriangleCounts;
}

/**
 * Reads a header up to the payload's body and checks it.
 *
 * @param {ByteReader} reader at the first byte of a payload; afterwards at the first byte of the body
 * @param {(geometry: number) => {materialCount: number}} geometryOf throws for a geometry that is not known
 * @returns codec, layout, node, geometry, vertexCount, triangleCount, origin, extent, rangeTriangleCounts, `start` and
 *     `byteCount` of the header with the body's size, and the body's `bodyByteCount`, which are there
 */
export function readNodeHeader(reader, geometryOf) {
    const start = reader.at;
    const codec = reader.u8('codec');
    if (codec > Codec.draco) throw new ChunkError(`codec: ${codec} is unknown`);
    const layout = readLayout(reader.u8('vertex layout'));
    reader.u8('level');
    if (reader.u8('reserved byte') !== 0) throw new ChunkError('reserved byte: not 0');
    const [node, geometry] = [reader.u32('node'), reader.u32('geometry')];
    const [vertexCount, triangleCount] = [readCount(reader, 'vertices'), readCount(reader, 'triangles')];
    readError(reader, 'error');
    readError(reader, 'root mean square');
    const { origin, extent } = readBox(reader);
    reader.take(6, 'facing');
    reader.take(4 * reader.u16('number of parents'), 'parents');
    const rangeTriangleCounts = readRanges(reader, triangleCount, geometryOf(geometry).materialCount);
    const bodyByteCount = reader.u32('size of the body');
    if (bodyByteCount > reader.remaining) {
        throw new ChunkError(`body: truncated, ${bodyByteCount} bytes needed, ${reader.remaining} left`);
    }
    return {
        codec, layout, node, geometry, vertexCount, triangleCount, origin, extent, rangeTriangleCounts, start,
        byteCount: reader.at - start, bodyByteCount,
    };
}
