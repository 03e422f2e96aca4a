// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What the tests ask of the meshes that the viewer's decoder makes.

import assert from 'node:assert/strict';

import { ChunkError } from '../../Sources/Viewer/web/decode/chunk-error.js';
import { vertexFormat } from '../../Sources/Viewer/web/decode/vertex-packing.js';

/** A mesh's vertices, field by field; `code` is the octahedral code that the normal's words are of. */
export function unpack({ vertexClass, vertexCount, vertices }) {
    const format = vertexFormat(vertexClass);
    const view = new DataView(vertices);
    const isWide = (vertexClass & 1) === 1;
    const sets = (vertexClass >> 1) & 3;
    return Array.from({ length: vertexCount }, (_, vertex) => {
        const at = vertex * format.stride;
        const position = [0, 1, 2].map((axis) => (
            isWide ? view.getInt32(at + 4 * axis, true) : view.getUint16(at + 2 * axis, true)));
        const [u, v] = [0, 2].map((byte) => view.getInt16(at + format.normal + byte, true));
        const uv = Array.from({ length: 2 * sets }, (__, i) => view.getFloat32(at + format.coordinates + 4 * i, true));
        const color = vertexClass & 8 ? [...new Uint8Array(vertices, at + format.colors, 4)] : [];
        const [low, high] = [u, v].map((word) => Math.round((word / 32767 + 1) * 2047));
        return { position, normal: direction(u / 32767, v / 32767), code: low + 4096 * high, uv, color };
    });
}

function direction(u, v) {
    const z = 1 - Math.abs(u) - Math.abs(v);
    const sign = (value) => (value < 0 ? -1 : 1);
    const vector = z >= 0 ? [u, v, z] : [(1 - Math.abs(v)) * sign(u), (1 - Math.abs(u)) * sign(v), z];
    return vector.map((value) => value / Math.hypot(...vector));
}

export const cosine = (a, b) => a.reduce((sum, value, axis) => sum + value * b[axis], 0);

/** Decodes, and lets through nothing but a mesh or a ChunkError. */
export function survives(decoder, bytes, known) {
    try {
        for (const { mesh } of decoder.decodeChunk(bytes, known)) {
            assert.ok(mesh.indices.every((index) => index < mesh.vertexCount));
            assert.ok(mesh.vertices.byteLength <= 40 * (1 << 20));
        }
        return true;
    } catch (error) {
        assert.ok(error instanceof ChunkError, error.stack);
        assert.ok(error.message.length > 5);
        return false;
    }
}
