// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// An archive that `vantage import` writes, read in JavaScript: FORMAT.md is enough to write a reader, the browser's
// Draco decoder reads the chunks, and cuts through the levels have no cracks.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';

import { Archive, decodeNormal, none, readSector } from './archive-reader.mjs';
import { loadDraco } from './draco-module.mjs';

const vantage = fileURLToPath(new URL('../../.build/debug/vantage', import.meta.url));
let folder;
let archive;
let nodes;

before(() => {
    assert.ok(existsSync(vantage), `${vantage} is missing: run \`swift build\` first (tools/test does)`);
    folder = mkdtempSync(join(tmpdir(), 'vantage-chunks-'));
    const [source, output] = [join(folder, 'scan.ply'), join(folder, 'scan.vantage')];
    execFileSync(vantage, ['sample', 'scan', '--triangles', '60000', '-o', source], { stdio: 'pipe' });
    execFileSync(vantage, ['import', source, '-o', output], { stdio: 'pipe' });
    archive = new Archive(readFileSync(output));
    const draco = loadDraco();
    nodes = archive.nodes.map((_, number) => archive.node(number, draco));
});
after(() => folder && rmSync(folder, { recursive: true, force: true }));

/** A node's patches: runs of ranges with one child, as { child, first, end } in triangles. */
function patches({ header }) {
    const result = [];
    let first = 0;
    for (const { child, triangles } of header.ranges) {
        if (result.at(-1)?.child !== child) result.push({ child, first, end: first });
        first += triangles;
        result.at(-1).end = first;
    }
    return result;
}

/** The edges of what a cut draws that are not run as often one way as the other. */
function openEdges(expanded) {
    const balance = new Map();
    let triangles = 0;
    nodes.forEach((node, number) => {
        if (!expanded[number]) return;
        const { indices, positions } = node.mesh;
        const key = (vertex) => positions.subarray(3 * vertex, 3 * vertex + 3).join();
        for (const { child, first, end } of patches(node)) {
            if (child !== none && expanded[child]) continue;
            triangles += end - first;
            for (let triangle = first; triangle < end; triangle += 1) {
                const corners = [0, 1, 2].map((corner) => key(indices[3 * triangle + corner]));
                corners.forEach((a, corner) => {
                    const b = corners[(corner + 1) % 3];
                    const edge = a < b ? `${a} ${b}` : `${b} ${a}`;
                    balance.set(edge, (balance.get(edge) ?? 0) + (a < b ? 1 : -1));
                });
            }
        }
    });
    return { triangles, open: [...balance.values()].filter((count) => count !== 0).length };
}

/** Expands, coarse to fine, what `wants` says and whose parents are expanded. */
function cut(wants) {
    const expanded = [];
    archive.nodes.forEach(({ parents }, number) => {
        expanded.push(parents.length === 0 || (parents.every((parent) => expanded[parent]) && wants(number)));
    });
    return expanded;
}

test('every chunk has its hash, and the chunks fill the file up to the index', () => {
    let end = 65536;
    archive.chunks.forEach(({ offset, size }, number) => {
        assert.equal(offset, end);
        end += size;
        assert.ok(archive.isIntact(number));
    });
    assert.equal(end, archive.header.index.offset);
    assert.equal(end + archive.header.index.size, archive.header.description.offset);
});

test('every payload says what the index says', () => {
    assert.ok(archive.nodes.length > 20);
    nodes.forEach(({ header }, number) => {
        const record = archive.nodes[number];
        assert.equal(header.node, number);
        const keys = ['geometry', 'level', 'triangles', 'vertices', 'error', 'rms', 'origin', 'extent', 'parents'];
        for (const key of keys) assert.deepEqual(header[key], record[key], `${key} of node ${number}`);
        assert.deepEqual(patches({ header }).map(({ child }) => child).filter((child) => child !== none), record.children);
        assert.equal(record.error === Infinity, record.parents.length === 0);
        for (const child of record.children) assert.ok(archive.nodes[child].error <= record.error);
        const sum = header.facing.reduce((a, b) => a + b);
        assert.ok(Math.abs(sum - 255) <= 3, `facing adds up to ${sum}`);
    });
    const codecs = new Set(nodes.map(({ header }) => header.codec));
    assert.deepEqual([...codecs].sort(), [0, 1], 'both codecs were read');
});

test('every node decodes to its triangles, inside its box', () => {
    nodes.forEach(({ header, mesh }, number) => {
        assert.equal(mesh.indices.length, 3 * header.triangles);
        assert.equal(mesh.positions.length, 3 * header.vertices);
        assert.ok(mesh.indices.every((index) => index < header.vertices));
        for (let axis = 0; axis < 3; axis += 1) {
            const values = mesh.positions.filter((_, i) => i % 3 === axis);
            const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
            assert.equal(low, header.origin[axis], `node ${number}`);
            assert.equal(high, header.origin[axis] + header.extent[axis], `node ${number}`);
        }
    });
});

test('a copied normal is the same in every node that holds it', () => {
    const known = new Map();
    let shared = 0;
    nodes.forEach(({ header, mesh }) => {
        for (const [vertex, code] of mesh.borderNormals ?? []) {
            assert.ok(Math.abs(Math.hypot(...decodeNormal(code)) - 1) < 1e-12);
            const key = `${header.level} ${mesh.positions.subarray(3 * vertex, 3 * vertex + 3).join()}`;
            if (known.has(key)) {
                shared += 1;
                assert.equal(known.get(key), code);
            }
            known.set(key, code);
        }
    });
    assert.ok(shared > 100, `${shared} shared vertices`);
});

test('the uniform cut of level 0 is the source, closed', () => {
    const result = openEdges(cut(() => true));
    assert.deepEqual(result, { triangles: archive.geometries[0].triangles, open: 0 });
});

test('cuts that mix levels are closed', () => {
    const middle = (number) => archive.nodes[number].origin[0] + archive.nodes[number].extent[0] / 2;
    const center = archive.nodes.reduce((sum, _, number) => sum + middle(number), 0) / archive.nodes.length;
    const mixed = [() => false, (number) => middle(number) < center, (number) => middle(number) > center];
    for (let level = 1; level < archive.nodes[0].level; level += 1) {
        mixed.push((number) => archive.nodes[number].level >= level);
        mixed.push((number) => archive.nodes[number].level >= level || middle(number) > center);
    }
    for (let seed = 1; seed < 8; seed += 1) {
        mixed.push((number) => Math.imul(number + 1, 0x9e3779b1 * seed) >>> 0 < 0xd0000000);
    }
    const counts = mixed.map((wants, number) => {
        const { triangles, open } = openEdges(cut(wants));
        assert.equal(open, 0, `cut ${number}`);
        return triangles;
    });
    assert.ok(new Set(counts).size > 8, `the cuts differ: ${counts}`);
});

test('sectors place the geometry where the header says the model is', () => {
    const [low, high] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
    let instances = 0;
    let triangles = 0;
    archive.sectors.forEach((record, number) => {
        const sector = readSector(archive.chunk(record.chunk), inflateSync);
        assert.equal(sector.sector, number);
        assert.deepEqual([sector.parent, sector.proxy, sector.box, sector.children, sector.count], [
            record.parent, record.proxy, record.box, record.children, record.instances,
        ]);
        for (const { geometry, treeNode, matrix, translation } of sector.instances) {
            instances += 1;
            triangles += archive.geometries[geometry].triangles;
            assert.ok(treeNode < archive.description.tree.names.length);
            const { step, firstNode, nodes: count } = archive.geometries[geometry];
            for (let node = firstNode; node < firstNode + count; node += 1) {
                if (nodes[node].header.level !== 0) continue;
                const { positions } = nodes[node].mesh;
                for (let vertex = 0; vertex < positions.length; vertex += 3) {
                    for (let axis = 0; axis < 3; axis += 1) {
                        let value = translation[axis];
                        for (let column = 0; column < 3; column += 1) {
                            value += matrix[3 * column + axis] * positions[vertex + column] * step;
                        }
                        low[axis] = Math.min(low[axis], value);
                        high[axis] = Math.max(high[axis], value);
                    }
                }
            }
        }
    });
    assert.equal(instances, archive.description.instanceCount);
    assert.equal(triangles, archive.header.triangles);
    const tolerance = 2 * archive.geometries[0].step;
    for (let axis = 0; axis < 3; axis += 1) {
        assert.ok(Math.abs(low[axis] - archive.header.minimum[axis]) <= tolerance);
        assert.ok(Math.abs(high[axis] - archive.header.maximum[axis]) <= tolerance);
    }
});

test('the thumbnail slot holds a JPEG or nothing', () => {
    const { thumbnailSize } = archive.header;
    if (thumbnailSize === 0) return;
    assert.deepEqual([...archive.bytes.subarray(256, 259)], [0xff, 0xd8, 0xff]);
    assert.deepEqual([...archive.bytes.subarray(256 + thumbnailSize - 2, 256 + thumbnailSize)], [0xff, 0xd9]);
});
