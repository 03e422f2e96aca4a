// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The vertices that the browser gives to the GPU, recorded in Tests/Fixtures/packing/meshes.txt: the server's renderer
// must make the same bytes of the same payloads (Tests/RenderingTests/Scene/PackedMeshTests.swift). A line: grid step,
// coordinate step, vertex class, SHA-256 of the vertices, SHA-256 of the indices as u32, payload.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { DracoCodec } from '../../Sources/Viewer/web/decode/draco-codec.js';
import { NodeDecoder } from '../../Sources/Viewer/web/decode/node-decoder.js';
import { dracoModule } from './decode-fixtures.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

test('vertices and indices of recorded payloads are the recorded ones', () => {
    const decoder = new NodeDecoder();
    decoder.draco = new DracoCodec(dracoModule());
    const text = readFileSync(new URL('../Fixtures/packing/meshes.txt', import.meta.url), 'utf8');
    const lines = text.split('\n').slice(0, -1);
    assert.ok(lines.length >= 8);
    for (const line of lines) {
        const [gridStep, coordinateStep, vertexClass, vertices, indices, payload] = line.split(' ');
        const facts = { gridStep: Number(gridStep), coordinateStep: Number(coordinateStep), materialCount: 1 };
        const [{ mesh }] = decoder.decodeChunk(Buffer.from(payload, 'hex'), new Map([[0, facts]]));
        assert.equal(mesh.vertexClass, Number(vertexClass));
        assert.equal(sha256(new Uint8Array(mesh.vertices)), vertices);
        assert.equal(sha256(new Uint8Array(Uint32Array.from(mesh.indices).buffer)), indices);
    }
});
