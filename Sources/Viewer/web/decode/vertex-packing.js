// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// A decoded mesh → one interleaved vertex buffer and one index buffer, as the renderer uploads them.
//
// Vertex, little endian: position relative to the node's origin, u16 × 3 and a u16 0 (8 bytes) or, when the box is
// wider than 65,535 steps, i32 × 3 (12 bytes); normal, 2 × i16 octahedral; 2 × f32 for each coordinate set; colour
// u8 × 4.

import { ChunkError } from './chunk-error.js';

/** Bits of a mesh's `vertexClass`: 1 wide positions, 2 and 4 the number of coordinate sets, 8 colours. */
export const VertexClass = { wide: 1, setShift: 1, colors: 8 };

const narrowLimit = 65535;

export function vertexClassOf(extent, layout) {
    const isWide = extent[0] > narrowLimit || extent[1] > narrowLimit || extent[2] > narrowLimit;
    return (isWide ? VertexClass.wide : 0) | (layout.setCount << VertexClass.setShift)
        | (layout.colorCount > 0 ? VertexClass.colors : 0);
}

/** Byte offsets within a vertex, and its size. */
export function vertexFormat(vertexClass) {
    const normal = vertexClass & VertexClass.wide ? 12 : 8;
    const coordinates = normal + 4;
    const colors = coordinates + 8 * ((vertexClass >> VertexClass.setShift) & 3);
    return { normal, coordinates, colors, stride: colors + (vertexClass & VertexClass.colors ? 4 : 0) };
}

/** Throws unless the positions' box is exactly 0 … extent. */
export function checkBox(positions, extent) {
    if (positions.length === 0) return;
    let [lowX, lowY, lowZ] = positions;
    let [highX, highY, highZ] = positions;
    for (let at = 3; at < positions.length; at += 3) {
        const x = positions[at];
        const y = positions[at + 1];
        const z = positions[at + 2];
        if (x < lowX) lowX = x; else if (x > highX) highX = x;
        if (y < lowY) lowY = y; else if (y > highY) highY = y;
        if (z < lowZ) lowZ = z; else if (z > highZ) highZ = z;
    }
    const isExact = (lowX | lowY | lowZ) === 0 && highX === extent[0] && highY === extent[1] && highZ === extent[2];
    if (!isExact) {
        throw new ChunkError(`positions: ${lowX}, ${lowY}, ${lowZ} to ${highX}, ${highY}, ${highZ} is not the box, `
            + `0, 0, 0 to ${extent.join(', ')}`);
    }
}

export function writePositions(positions, vertices, { stride }, isWide) {
    const words = isWide ? new Int32Array(vertices) : new Uint16Array(vertices);
    const step = stride / words.BYTES_PER_ELEMENT;
    for (let from = 0, to = 0; from < positions.length; from += 3, to += step) {
        words[to] = positions[from];
        words[to + 1] = positions[from + 1];
        words[to + 2] = positions[from + 2];
    }
}

/** Writes one coordinate set as floats: value × step. */
export function writeCoordinates(values, set, coordinateStep, vertices, { coordinates, stride }) {
    const floats = new Float32Array(vertices);
    for (let from = 0, to = coordinates / 4 + 2 * set; from < values.length; from += 2, to += stride / 4) {
        floats[to] = values[from] * coordinateStep;
        floats[to + 1] = values[from + 1] * coordinateStep;
    }
}

/** Writes colours as RGBA, opaque without an alpha. */
export function writeColors(values, colorCount, vertices, { colors, stride }) {
    const bytes = new Uint8Array(vertices);
    for (let from = 0, to = colors; from < values.length; from += colorCount, to += stride) {
        bytes[to] = values[from];
        bytes[to + 1] = values[from + 1];
        bytes[to + 2] = values[from + 2];
        bytes[to + 3] = colorCount === 4 ? values[from + 3] : 255;
    }
}

/** A copy of the indices, in 16 bits where they fit; 65,535 would restart the primitive. */
export function packIndices(indices, vertexCount) {
    return vertexCount <= narrowLimit ? Uint16Array.from(indices) : indices.slice();
}
