// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The box that stands for a geometry until its first node is there.

import { vertexClassOf, vertexFormat } from '../decode/vertex-packing.js';

/** Number of the pseudo node of a geometry, which the core's draw lists use. */
export const boxNode = (geometry) => (0x80000000 | geometry) >>> 0;

/** Whether a node is a box's. */
export const isBoxNode = (node) => node >= 0x80000000;

// The corners of each face, counter-clockwise from outside; bit 0 of a corner is x, bit 1 y, bit 2 z.
const faces = [
    { corners: [0, 4, 6, 2], normal: [-1, 0, 0] }, { corners: [1, 3, 7, 5], normal: [1, 0, 0] },
    { corners: [0, 1, 5, 4], normal: [0, -1, 0] }, { corners: [2, 6, 7, 3], normal: [0, 1, 0] },
    { corners: [0, 2, 3, 1], normal: [0, 0, -1] }, { corners: [4, 5, 7, 6], normal: [0, 0, 1] },
];
const octahedral = ([x, y, z]) => (z < 0 ? [32767, 32767] : [32767 * x, 32767 * y]);

/**
 * @param {object} geometry a Geometry message
 * @returns the box as a `mesh` event: 24 vertices, 12 triangles, flat normals
 */
export function makeBox({ geometry, gridStep, boxOrigin, boxExtent }) {
    const vertexClass = vertexClassOf(boxExtent, { setCount: 0, colorCount: 0 });
    const { stride, normal } = vertexFormat(vertexClass);
    const vertices = new ArrayBuffer(24 * stride);
    const positions = vertexClass === 0 ? new Uint16Array(vertices) : new Int32Array(vertices);
    const normals = new Int16Array(vertices);
    const indices = new Uint16Array(36);
    faces.forEach((face, number) => {
        face.corners.forEach((corner, place) => {
            const byte = (4 * number + place) * stride;
            const first = byte / positions.BYTES_PER_ELEMENT;
            boxExtent.forEach((size, axis) => { positions[first + axis] = (corner >> axis) & 1 ? size : 0; });
            normals.set(octahedral(face.normal), (byte + normal) / 2);
        });
        indices.set([0, 1, 2, 0, 2, 3].map((place) => 4 * number + place), 6 * number);
    });
    return {
        node: boxNode(geometry), geometry, origin: boxOrigin, extent: boxExtent, gridStep, vertexClass, vertexCount: 24,
        indexCount: 36, vertices, indices, gpuByteCount: vertices.byteLength + indices.byteLength,
    };
}
