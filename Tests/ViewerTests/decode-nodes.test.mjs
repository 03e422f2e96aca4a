// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The viewer's decoder of node chunks against the reader that follows FORMAT.md word by word, and against damage.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { ChunkError } from '../../Sources/Viewer/web/decode/chunk-error.js';
import { DracoCodec } from '../../Sources/Viewer/web/decode/draco-codec.js';
import { warmUp } from '../../Sources/Viewer/web/decode/draco-warm-up.js';
import { NodeDecoder } from '../../Sources/Viewer/web/decode/node-decoder.js';
import { decodeNormal, readNode } from './archive-reader.mjs';
import { dracoModule, geometryFacts, plainPayload, sampleArchive, writeHeader, xorshift } from './decode-fixtures.mjs';
import { cosine, survives, unpack } from './decoded-meshes.mjs';
import { loadDraco } from './draco-module.mjs';

const nodesKind = 1;
const module = dracoModule();
let archives;

before(() => {
    archives = {
        scan: sampleArchive('scan', '--triangles', '30000'),
        assembly: sampleArchive('assembly'),
        textured: sampleArchive('textured'),
        terrain: sampleArchive('terrain'),
    };
});

function makeDecoder() {
    const decoder = new NodeDecoder();
    decoder.draco = new DracoCodec(module);
    return decoder;
}

/** Sums of cross products, unit length, or null without direction. */
function expectedNormals({ positions, indices }) {
    const sums = Array.from({ length: positions.length / 3 }, () => [0, 0, 0]);
    for (let corner = 0; corner < indices.length; corner += 3) {
        const [a, b, c] = [0, 1, 2].map((i) => positions.subarray(3 * indices[corner + i]));
        const [p, q] = [b, c].map((end) => [0, 1, 2].map((axis) => end[axis] - a[axis]));
        const cross = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
        for (let i = 0; i < 3; i += 1) cross.forEach((value, axis) => { sums[indices[corner + i]][axis] += value; });
    }
    return sums.map((sum) => {
        const length = Math.hypot(...sum);
        return length > 1e-9 * Math.hypot(...positions.subarray(0, 3)) ? sum.map((value) => value / length) : null;
    });
}

function checkNormals(vertices, { header, mesh }) {
    const computed = header.layout.isStored ? [] : expectedNormals(mesh);
    vertices.forEach(({ normal, code }, vertex) => {
        let expected = computed[vertex];
        if (mesh.normals) expected = decodeNormal(mesh.normals[vertex]);
        if (mesh.floatNormals) expected = mesh.floatNormals.subarray(3 * vertex, 3 * vertex + 3);
        if (mesh.borderNormals?.has(vertex)) expected = decodeNormal(mesh.borderNormals.get(vertex));
        if (expected) assert.ok(cosine(normal, expected) > 1 - 1e-5, `normal of vertex ${vertex}`);
        if (mesh.borderNormals?.has(vertex)) assert.equal(code, mesh.borderNormals.get(vertex));
    });
}

function checkMesh(result, { header, mesh }, facts, payload) {
    assert.deepEqual([result.node, result.geometry], [header.node, header.geometry]);
    assert.equal(result.gridStep, facts.gridStep);
    assert.deepEqual([result.vertexCount, result.indexCount], [header.vertices, 3 * header.triangles]);
    assert.deepEqual([...result.origin], header.origin);
    assert.deepEqual(Uint32Array.from(result.indices), mesh.indices);
    assert.equal(result.gpuByteCount, result.vertices.byteLength + result.indices.byteLength, `${payload} bytes`);
    const vertices = unpack(result);
    vertices.forEach(({ position, uv, color }, vertex) => {
        const expected = [0, 1, 2].map((axis) => mesh.positions[3 * vertex + axis] - header.origin[axis]);
        assert.deepEqual(position, expected);
        const expectedUV = mesh.coordinates.flatMap((set) => [0, 1].map(
            (axis) => Math.fround(set[2 * vertex + axis] * facts.coordinateStep)));
        assert.deepEqual(uv, expectedUV);
        const count = header.layout.colors;
        const components = count ? [...mesh.colors.subarray(count * vertex, count * vertex + count)] : [];
        assert.deepEqual(color, count === 3 ? [...components, 255] : components);
    });
    checkNormals(vertices, { header, mesh });
}

for (const name of ['scan', 'assembly', 'textured', 'terrain']) {
    test(`every node of the ${name} equals what the format's reader finds`, () => {
        const archive = archives[name];
        const facts = geometryFacts(archive);
        const [decoder, draco] = [makeDecoder(), loadDraco()];
        const codecs = new Set();
        let count = 0;
        archive.chunks.forEach(({ kind }, chunk) => {
            if (kind !== nodesKind) return;
            const bytes = archive.chunk(chunk);
            const decoded = decoder.decodeChunk(bytes, facts);
            const members = archive.nodes.map((record, node) => ({ ...record, node })).filter((r) => r.chunk === chunk);
            members.sort((a, b) => a.offset - b.offset);
            assert.deepEqual(decoded.map(({ mesh }) => mesh.node), members.map(({ node }) => node));
            decoded.forEach(({ headerOffset, headerByteCount, mesh }, place) => {
                const { offset, size, node } = members[place];
                const expected = archive.node(node, draco);
                codecs.add(expected.header.codec);
                count += 1;
                assert.equal(headerOffset, offset);
                assert.ok(headerByteCount > 64 && headerByteCount < size);
                checkMesh(mesh, expected, facts.get(mesh.geometry), size);
            });
        });
        assert.equal(count, archive.nodes.length);
        assert.ok(codecs.size >= 1);
    });
}

test('the archives have nodes with each of the details, and without any', () => {
    const draco = loadDraco();
    const found = new Set();
    for (const archive of Object.values(archives)) {
        archive.nodes.forEach((_, number) => {
            const { header, details, mesh } = archive.node(number, draco);
            found.add(`codec ${header.codec}, ${details.hasStream ? 'a stream' : 'none'}`);
            if (details.shift > 0) found.add('low bits');
            if (mesh.borderNormals?.size > 0) found.add('border normals');
            if (header.codec === 1 && header.ranges.length > 1) found.add('labels');
        });
    }
    const kinds = ['codec 0, none', 'codec 0, a stream', 'codec 1, a stream', 'low bits', 'border normals', 'labels'];
    for (const kind of kinds) {
        assert.ok(found.has(kind), `${kind} is missing from ${[...found].join('; ')}`);
    }
});

test('what a fresh decoder runs on is a payload that the format\'s reader reads', async () => {
    const decoder = makeDecoder();
    const decoded = [];
    await warmUp({
        decodeChunk(bytes, geometries) {
            const nodes = decoder.decodeChunk(bytes, geometries);
            if (decoded.length === 0) decoded.push({ bytes, geometries, nodes });
            return nodes;
        },
    });
    const [{ bytes, geometries, nodes }] = decoded;
    assert.ok(NodeDecoder.needsDraco(bytes, geometries));
    assert.equal(nodes.length, 1);
    const expected = readNode(bytes, loadDraco());
    assert.deepEqual([expected.header.triangles, expected.details.hasStream], [528, true]);
    checkMesh(nodes[0].mesh, expected, geometries.get(0), bytes.length);
});

test('plain nodes decode before Draco is there, and a chunk says whether it needs it', () => {
    const archive = archives.scan;
    const facts = geometryFacts(archive);
    const decoder = new NodeDecoder();
    let [plain, draco] = [0, 0];
    archive.nodes.forEach(({ chunk }) => {
        const bytes = archive.chunk(chunk);
        if (NodeDecoder.needsDraco(bytes, facts)) {
            draco += 1;
            assert.throws(() => decoder.decodeChunk(bytes, facts), /Draco decoder is not loaded/);
        } else {
            plain += 1;
            assert.equal(decoder.decodeChunk(bytes, facts).length, 1);
        }
    });
    assert.ok(plain > 0 && draco > 0);
});

// A tetrahedron-like strip with everything that a vertex can have.
const strip = {
    positions: [[-5, 3, 8], [70, 3, 8], [-5, 90, 9], [70, 90, -4]],
    indices: [0, 1, 2, 2, 1, 3],
    normals: [2047 | (2047 << 12), 4094 | (2047 << 12), 2047, 1000 | (3000 << 12)],
    coordinates: [[[0, 0], [4096, 0], [0, -4096], [100, 200]], [[1, 2], [3, 4], [5, 6], [7, 8]]],
    colors: [[1, 2, 3, 4], [255, 254, 253, 252], [0, 0, 0, 0], [9, 8, 7, 6]],
};
const facts = new Map([[0, { gridStep: 0.5, coordinateStep: 1 / 4096, materialCount: 3 }]]);
const decodeOne = (bytes) => new NodeDecoder().decodeChunk(bytes, facts)[0].mesh;

test('all attributes of a plain payload come through, in every combination', () => {
    for (let layout = 0; layout < 32; layout += 1) {
        const [isStored, sets, colors] = [layout & 1, (layout >> 1) & 3, layout >> 3];
        if (sets > 2 || colors > 2) {
            assert.throws(() => decodeOne(plainPayload(strip, { layout })), /vertex layout: \d+ is unknown/);
            continue;
        }
        const part = {
            ...strip, layout, normals: isStored ? strip.normals : undefined,
            coordinates: strip.coordinates.slice(0, sets),
            colors: colors === 0 ? [] : strip.colors.map((color) => color.slice(0, colors + 2)),
        };
        const mesh = decodeOne(plainPayload(part));
        assert.equal(mesh.vertexClass, (sets << 1) | (colors > 0 ? 8 : 0));
        unpack(mesh).forEach(({ position, normal, uv, color }, vertex) => {
            assert.deepEqual(position, strip.positions[vertex].map((value, axis) => value - mesh.origin[axis]));
            if (isStored) assert.ok(cosine(normal, decodeNormal(strip.normals[vertex])) > 1 - 1e-6);
            assert.deepEqual(uv, part.coordinates.flatMap((set) => set[vertex].map((value) => value / 4096)));
            const expected = part.colors[vertex] ?? [];
            assert.deepEqual(color, expected.length === 3 ? [...expected, 255] : expected);
        });
        assert.deepEqual([...mesh.indices], strip.indices);
    }
});

test('border normals replace computed ones; vertices without direction face +z', () => {
    const border = [[1, 4094 | (2047 << 12)]];
    const flat = { positions: [[0, 0, 0], [4, 0, 0], [8, 0, 0]], indices: [0, 1, 2], border };
    const normals = unpack(decodeOne(plainPayload(flat))).map(({ normal }) => normal);
    assert.deepEqual(normals, [[0, 0, 1], [1, 0, 0], [0, 0, 1]]);
});

test('positions wider than 65,535 steps are written in 32 bits', () => {
    const wide = { positions: [[-70000, 0, 0], [5, 0, 0], [0, 100000000, 3]], indices: [0, 1, 2] };
    const mesh = decodeOne(plainPayload(wide));
    assert.equal(mesh.vertexClass, 1);
    assert.deepEqual(unpack(mesh).map(({ position }) => position), [[0, 0, 0], [70005, 0, 0], [70000, 100000000, 3]]);
    const narrow = { positions: [[0, 0, 0], [65535, 0, 0], [0, 9, 3]], indices: [0, 1, 2] };
    assert.equal(decodeOne(plainPayload(narrow)).vertexClass, 0);
});

test('indices are 16 bits up to 65,535 vertices, so that no index restarts the primitive', () => {
    for (const [count, Indices] of [[65535, Uint16Array], [65538, Uint32Array]]) {
        const positions = Array.from({ length: count }, (_, i) => [i % 60000, i % 7, i % 11]);
        const payload = plainPayload({ positions: positions.slice(0, 3), indices: [0, 1, 2] }, {
            vertices: count, triangles: count / 3, origin: [0, 0, 0], extent: [59999, 6, 10],
            ranges: [[0xffffffff, 0, count / 3]], body: bigBody(positions),
        });
        const mesh = decodeOne(payload);
        assert.ok(mesh.indices instanceof Indices);
        assert.equal(mesh.indices.at(-1), count - 1);
    }
});

function bigBody(positions) {
    const bytes = new Array(1 + positions.length).fill(0);
    for (const axis of [0, 1, 2]) {
        let previous = 0;
        for (const position of positions) {
            const difference = position[axis] - previous;
            let code = ((difference << 1) ^ (difference >> 31)) >>> 0;
            for (; code > 127; code >>>= 7) bytes.push((code & 127) | 128);
            bytes.push(code);
            previous = position[axis];
        }
    }
    return bytes;
}

test('a node without triangles is a mesh without vertices', () => {
    const empty = writeHeader({
        codec: 0, layout: 0, level: 0, zero: 0, node: 1, geometry: 0, vertices: 0, triangles: 0, error: 0, rms: 0,
        origin: [0, 0, 0], extent: [0, 0, 0], parents: [], ranges: [],
    }).u32(1).u8(0).array;
    assert.equal(decodeOne(empty).vertexCount, 0);
});

test('every rule of the format is checked and named', () => {
    const bare = { ...strip, layout: 0, normals: undefined, coordinates: [], colors: [] };
    const payload = (changes) => plainPayload(bare, changes);
    const good = payload({});
    assert.equal(decodeOne(good).vertexCount, 4);
    const rules = [
        [{ codec: 2 }, /codec: 2/], [{ zero: 1 }, /reserved byte/], [{ layout: 32 }, /vertex layout: 32/],
        [{ vertices: (1 << 20) + 1 }, /vertices: 1048577/], [{ triangles: (1 << 20) + 1 }, /triangles: 1048577/],
        [{ error: -1 }, /error: -1/], [{ error: NaN }, /error: NaN/], [{ rms: -2 }, /root mean square/],
        [{ origin: [-(1 << 28), 0, 0] }, /box/], [{ origin: [1 << 28, 0, 0] }, /box/],
        [{ extent: [-1, 87, 13] }, /box/], [{ extent: [75, 1 << 28, 13] }, /box/],
        [{ origin: [(1 << 28) - 2, 0, 0], extent: [2, 0, 0] }, /box/],
        [{ ranges: [[9, 0, 1]] }, /ranges: 1 triangles of 2/], [{ ranges: [] }, /ranges: 0 triangles of 2/],
        [{ ranges: [[9, 3, 2]] }, /material 3, but its geometry has 3/], [{ geometry: 4 }, /geometry: 4 was not/],
        [{ vertices: 3 }, /3/], [{ vertices: 5 }, /vertices|truncated/], [{ extent: [75, 87, 12] }, /positions/],
        [{ origin: [-6, 3, -4], extent: [76, 87, 13] }, /positions/], [{ bodySize: 5 }, /body/],
        [{ bodySize: 1000 }, /body: truncated/], [{ bodySize: 0xffffffff }, /body: truncated/],
    ];
    for (const [changes, message] of rules) {
        assert.throws(() => decodeOne(payload(changes)), (error) => {
            assert.ok(error instanceof ChunkError, `${JSON.stringify(changes)}: ${error.stack}`);
            assert.match(error.message, message);
            return true;
        });
    }
    assert.throws(() => decodeOne(Uint8Array.of(...good, 0)), /truncated/);
    assert.throws(() => decodeOne(new Uint8Array(0)), /codec: truncated/);
});

test('bad indices and numbers, and bytes left over, are refused', () => {
    const triangle = { positions: [[0, 0, 0], [4, 0, 0], [0, 3, 0]], indices: [0, 1, 2] };
    const columns = [0, 8, 7, 0, 0, 6, 0, 0, 0];
    const body = (...bytes) => plainPayload(triangle, { body: [0, ...bytes] });
    assert.equal(decodeOne(body(0, 0, 0, ...columns)).vertexCount, 3);
    assert.throws(() => decodeOne(body(0, 2, 0, ...columns)), /index 1: 2 below 1/);
    assert.throws(() => decodeOne(body(0, 0, 1, ...columns)), /indices: 2 vertices of 3/);
    assert.throws(() => decodeOne(body(0, 0, 0, ...columns.slice(1))), /body: 11 bytes cannot hold 3 vertices/);
    assert.throws(() => decodeOne(body(0, 0, 0, ...columns, 0)), /1 bytes are left over/);
    const large = [0x80, 0x80, 0x80, 0x80, 0x10];
    assert.throws(() => decodeOne(body(0, 0, 0, ...columns.slice(1), ...large)), /above 2\^32/);
});

/** A plain and a Draco node of each archive. */
function specimens() {
    return Object.values(archives).flatMap((archive) => {
        const known = geometryFacts(archive);
        const small = archive.nodes.filter(({ triangles }) => triangles < 1500);
        const chunks = small.map(({ chunk }) => archive.chunk(chunk));
        const isDraco = (bytes) => NodeDecoder.needsDraco(bytes, known);
        const smallest = (list) => list.sort((a, b) => a.length - b.length)[0];
        return [smallest(chunks.filter(isDraco)), smallest(chunks.filter((bytes) => !isDraco(bytes)))]
            .filter((bytes) => bytes !== undefined).map((bytes) => ({ bytes, known }));
    });
}

test('every truncation is refused', () => {
    for (const { bytes, known } of specimens()) {
        const decoder = makeDecoder();
        const ends = new Set();
        // A chunk of several payloads may end after any of them.
        for (const { headerOffset } of decoder.decodeChunk(bytes, known)) ends.add(headerOffset);
        for (let length = 0; length < bytes.length; length += length < 400 ? 1 : 7) {
            if (ends.has(length) && length > 0) continue;
            assert.equal(survives(decoder, bytes.subarray(0, length), known), false, `the first ${length} bytes`);
        }
        assert.equal(survives(decoder, bytes, known), true);
    }
});

test('damaged bytes give a mesh or a clear error, and memory stays bounded', () => {
    const random = xorshift(11);
    for (const { bytes, known } of specimens()) {
        const decoder = makeDecoder();
        for (let round = 0; round < 1500; round += 1) {
            const damaged = Uint8Array.from(bytes);
            for (let flips = 1 + (random() % 4); flips > 0; flips -= 1) {
                const place = random() % (random() % 2 ? Math.min(120, damaged.length) : damaged.length);
                damaged[place] = random() % 3 ? damaged[place] ^ (1 << random() % 8) : random();
            }
            survives(decoder, damaged, known);
        }
        assert.ok(decoder.byteLength < 256 << 20, `${decoder.byteLength} bytes held`);
        assert.equal(survives(decoder, bytes, known), true, 'still decodes');
    }
});
