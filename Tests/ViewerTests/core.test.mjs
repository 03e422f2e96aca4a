// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The browser's core: what it selects is what the native one selects, bit for bit; a real archive fed chunk by chunk is
// always drawn whole; nonsense does not stop it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';

import { encodeGeometry } from '../../Sources/Viewer/web/wire/messages.generated.js';
import { Archive, Reader, none } from './archive-reader.mjs';
import { Core, compileCore } from './core-module.mjs';

const vantage = fileURLToPath(new URL('../../.build/debug/vantage', import.meta.url));
const fixtures = new URL('../Fixtures/selection/', import.meta.url);
const module = compileCore();
const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** Same numbers in every run (mulberry32). */
function generator(seed) {
    let state = seed;
    return (limit) => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) % limit;
    };
}

function shuffled(values, random) {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i -= 1) {
        const j = random(i + 1);
        [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
}

/** FNV-1a over the words of a result, as the Swift test computes it. */
function hash(result) {
    let value = 0x811c9dc5;
    for (const part of [result.draws, result.visible, result.instances, result.reference, result.statistics]) {
        for (const word of new Uint32Array(part.buffer)) value = Math.imul(value ^ word, 0x01000193) >>> 0;
    }
    return value.toString(16).padStart(8, '0');
}

test('imports nothing', () => assert.deepEqual(WebAssembly.Module.imports(module), []));

test('selects what the native core selects, bit for bit', () => {
    const reader = new Reader(readFileSync(new URL('recording.bin', fixtures)));
    const expected = readFileSync(new URL('recording.txt', fixtures), 'utf8').split('\n').slice(0, -1);
    const core = new Core(module);
    const block = () => reader.raw(reader.u32());
    const hashes = [];
    while (reader.offset < reader.bytes.length) {
        const step = reader.u8();
        if (step === 1) assert.equal(core.addGeometry(block()), 0);
        if (step === 2) assert.equal(core.addSector(block(), block()), 0);
        if (step === 3) {
            const [chunk, bytes] = [reader.u32(), reader.u32()];
            assert.equal(core.addNode(block(), chunk, bytes), 0);
        }
        if (step === 4) core.setLimits(reader.f64(), reader.u32());
        if (step === 5) {
            const numbers = reader.many(12, reader.f64);
            assert.ok(core.select({
                eye: numbers.slice(0, 3), orientation: numbers.slice(3, 7), projection: numbers[7], scale: numbers[8],
                width: numbers[9], height: numbers[10],
            }, numbers[11]) >= 0);
            hashes.push(hash(core.result));
        }
        if (step === 6) hashes.push(core.evict().join(' '));
    }
    assert.ok(hashes.length > 50);
    assert.deepEqual(hashes, expected);
});

let folder;
before(() => {
    assert.ok(existsSync(vantage), `${vantage} is missing: run \`swift build\` first (tools/test does)`);
    folder = mkdtempSync(join(tmpdir(), 'vantage-core-'));
});
after(() => folder && rmSync(folder, { recursive: true, force: true }));

/** An archive of a sample model, and what a server would send of it. */
function sample(kind, extension, ...options) {
    const [source, output] = [join(folder, `${kind}.${extension}`), join(folder, `${kind}.vantage`)];
    execFileSync(vantage, ['sample', kind, ...options, '-o', source], { stdio: 'pipe' });
    execFileSync(vantage, ['import', source, '-o', output], { stdio: 'pipe' });
    const archive = new Archive(readFileSync(output));
    return { archive, ...messages(archive) };
}

function messages(archive) {
    const geometries = archive.geometries.map((record, geometry) => {
        const nodes = archive.nodes.slice(record.firstNode, record.firstNode + record.nodes);
        const low = [0, 1, 2].map((axis) => Math.min(...nodes.map(({ origin }) => origin[axis])));
        const high = [0, 1, 2].map((axis) => Math.max(...nodes.map((node) => node.origin[axis] + node.extent[axis])));
        return encodeGeometry({
            geometry, gridStep: record.step, layout: record.layout, coordinateStep: record.coordinateStep,
            isProxy: record.isProxy, boxOrigin: low, boxExtent: high.map((end, axis) => end - low[axis]),
            materials: record.materials,
        });
    });
    const sectors = archive.sectors.map((record) => {
        const bytes = archive.chunk(record.chunk);
        const end = 72 + 4 * record.children.length + 4 + 4;
        return [bytes.subarray(0, end), new Uint8Array(inflateSync(bytes.subarray(end)))];
    });
    const nodes = archive.nodes.map((record, node) => {
        const bytes = archive.chunk(record.chunk).subarray(record.offset, record.offset + record.size);
        const gpuBytes = 12 * record.vertices + 6 * record.triangles;
        return { node, chunk: record.chunk, header: nodeHeader(bytes), gpuBytes };
    });
    return { geometries, sectors, nodes };
}

/** A payload up to its body, with the body's size. */
function nodeHeader(bytes) {
    const reader = new Reader(bytes);
    reader.raw(58);
    reader.raw(4 * reader.u16());
    const count = reader.u16();
    for (let range = 0; range < count; range += 1) {
        reader.raw(6);
        reader.varint();
    }
    reader.u32();
    return bytes.subarray(0, reader.offset);
}

/** Sees all of the model at any distance. */
function wholeView({ header: { minimum, maximum } }) {
    const size = Math.hypot(...minimum.map((low, axis) => maximum[axis] - low));
    return {
        eye: minimum.map((low, axis) => (low + maximum[axis]) / 2 + (axis === 2 ? size : 0)),
        orientation: [0, 0, 0, 1], projection: 1, scale: size, width: 1280, height: 720,
    };
}

/**
 * Triangles to draw of a node and what replaces its patches, given the index ranges that are drawn of each
 * resident node; fails where a patch is neither drawn nor replaced, or both.
 */
function covered(archive, ranges, node, drawn, resident, seen) {
    if (seen.has(node)) return 0;
    seen.add(node);
    let first = 0;
    let total = 0;
    for (const { child, triangles } of ranges[node]) {
        const isDrawn = (drawn.get(node) ?? []).some(([a, b]) => a <= first && first + triangles <= b);
        if (isDrawn) total += triangles;
        else {
            assert.ok(child !== none && resident.has(child), `a patch of node ${node} is missing`);
            total += covered(archive, ranges, child, drawn, resident, seen);
        }
        first += triangles;
    }
    return total;
}

test('a scan is whole whatever has arrived, and ends as the source', () => {
    const { archive, geometries, sectors, nodes } = sample('scan', 'ply', '--triangles', '60000');
    const ranges = nodes.map(({ header }) => {
        const reader = new Reader(header);
        reader.raw(58);
        reader.raw(4 * reader.u16());
        return reader.many(reader.u16(), () => {
            const [child] = [reader.u32(), reader.u16()];
            return { child, triangles: reader.varint() };
        });
    });
    const core = new Core(module);
    for (const message of geometries) assert.equal(core.addGeometry(message), 0);
    for (const [header, table] of sectors) assert.equal(core.addSector(header, table), 0);
    const view = wholeView(archive);
    const resident = new Set();
    const [root, ...others] = nodes;
    for (const { node, header, chunk, gpuBytes } of [root, ...shuffled(others, generator(1))]) {
        assert.equal(core.addNode(header, chunk, gpuBytes), 0);
        resident.add(node);
        assert.ok(core.select(view, 0.001) > 0);
        const { draws, triangles } = core.result;
        const drawn = new Map();
        for (let i = 0; i < draws.length; i += 6) {
            const list = drawn.get(draws[i]) ?? drawn.set(draws[i], []).get(draws[i]);
            list.push([draws[i + 1] / 3, (draws[i + 1] + draws[i + 2]) / 3]);
        }
        assert.equal(covered(archive, ranges, 0, drawn, resident, new Set()), triangles);
    }
    assert.equal(core.result.triangles, archive.header.triangles);
});

/** Looks straight down at (x, y) from a height. */
function viewFrom(x, y, height) {
    return { eye: [x, y, height], orientation: [0, 0, 0, 1], projection: 0, scale: 0.8, width: 1920, height: 1080 };
}

/** Milliseconds that a selection takes: the median of 20. */
function measure(core, view, threshold) {
    const times = Array.from({ length: 20 }, () => {
        const start = performance.now();
        core.select(view, threshold);
        return performance.now() - start;
    });
    return times.sort((a, b) => a - b)[10].toFixed(2);
}

test('twenty thousand nodes: the threshold decides how many are drawn', (t) => {
    const core = new Core(module);
    const leaves = 24_000;
    const levels = grid(leaves);
    core.setLimits(8 * 2 ** 30, 2 ** 31);
    assert.equal(core.addGeometry(encodeGeometry({
        geometry: 0, gridStep: 2 ** -10, layout: 0, coordinateStep: 1, isProxy: false, boxOrigin: [0, 0, 0],
        boxExtent: [1 << 20, 1 << 20, 1 << 10], materials: [0],
    })), 0);
    const instance = { geometry: 0, matrix: identity, translation: [0, 0, 0] };
    assert.equal(core.addSector(...sector([0, 0, 0, 1024, 1024, 1], [instance])), 0);
    for (const { header, node } of levels) assert.equal(core.addNode(header, node, 1000), 0);
    let previous = Infinity;
    for (const [height, threshold] of [[600, 0.05], [600, 1], [2000, 1]]) {
        const time = measure(core, viewFrom(512, 512, height), threshold);
        const { drawCount, residentNodes, triangles } = core.result;
        assert.ok(triangles < previous);
        previous = triangles;
        t.diagnostic(`${residentNodes} nodes from ${height} m at ${threshold} px: ${time} ms, ${drawCount} draws`);
    }
});

test('ten thousand instances in view take few draws', (t) => {
    const core = new Core(module);
    core.setLimits(8 * 2 ** 30, 2 ** 31);
    for (let geometry = 0; geometry < 20; geometry += 1) {
        assert.equal(core.addGeometry(encodeGeometry({
            geometry, gridStep: 2 ** -10, layout: 0, coordinateStep: 1, isProxy: false, boxOrigin: [0, 0, 0],
            boxExtent: [1024, 1024, 1024], materials: [0],
        })), 0);
        assert.equal(core.addNode(node({
            node: geometry * 2, geometry, error: Infinity, extent: [1024, 1024, 1024], parents: [],
            ranges: [[geometry * 2 + 1, 100]],
        }), geometry, 1000), 0);
        assert.equal(core.addNode(node({
            node: geometry * 2 + 1, geometry, error: 0.01, extent: [1024, 1024, 1024], parents: [geometry * 2],
            ranges: [[none, 400]],
        }), 100 + geometry, 4000), 0);
    }
    const instances = Array.from({ length: 10_000 }, (_, i) => ({
        geometry: i % 20, matrix: identity, translation: [(i % 100) * 2, Math.floor(i / 100) * 2, 0],
    }));
    assert.equal(core.addSector(...sector([0, 0, 0, 201, 201, 1], instances)), 0);
    for (const height of [20, 150, 400]) {
        const time = measure(core, viewFrom(100, 100, height), 0.2);
        const { drawCount, visibleInstances } = core.result;
        assert.ok(height === 20 ? visibleInstances < 1000 : visibleInstances === 10_000);
        assert.ok(drawCount <= 100);
        t.diagnostic(`${visibleInstances} instances from ${height} m: ${time} ms, ${drawCount} draws`);
    }
});

/** A quadtree of square nodes over a plain of 1024 m with about `leaves` leaves: headers, coarse first. */
function grid(leaves) {
    const depth = Math.round(Math.log(leaves) / Math.log(4));
    const first = Array.from({ length: depth + 2 }, (_, level) => (4 ** level - 1) / 3);
    const result = [];
    for (let level = 0; level <= depth; level += 1) {
        const side = 2 ** level;
        const size = (1 << 20) / side;
        for (let y = 0; y < side; y += 1) {
            for (let x = 0; x < side; x += 1) {
                const child = (i) => first[level + 1] + (2 * y + (i >> 1)) * 2 * side + 2 * x + (i & 1);
                const number = first[level] + y * side + x;
                result.push({ node: number, header: node({
                    node: number, geometry: 0, error: level === 0 ? Infinity : 8 / 2 ** level,
                    origin: [x * size, y * size, 0], extent: [size, size, 1 << 10],
                    parents: level === 0 ? [] : [first[level - 1] + (y >> 1) * (side / 2) + (x >> 1)],
                    ranges: level === depth ? [[none, 4000]] : [0, 1, 2, 3].map((i) => [child(i), 250]),
                }) });
            }
        }
    }
    return result;
}

/** A node's payload up to its body. */
function node({ node: number, geometry, error, origin = [0, 0, 0], extent, parents, ranges }) {
    const bytes = Buffer.alloc(64 + 4 * parents.length + 10 * ranges.length);
    let at = 4;
    const u32 = (value) => { at = bytes.writeUInt32LE(value, at); };
    const triangles = ranges.reduce((sum, [, count]) => sum + count, 0);
    [number, geometry, triangles, triangles].forEach(u32);
    at = bytes.writeFloatLE(error, at);
    at = bytes.writeFloatLE(0, at);
    for (const value of [...origin, ...extent]) at = bytes.writeInt32LE(value, at);
    at += 6;
    at = bytes.writeUInt16LE(parents.length, at);
    parents.forEach(u32);
    at = bytes.writeUInt16LE(ranges.length, at);
    for (const [child, count] of ranges) {
        u32(child);
        at = bytes.writeUInt16LE(0, at);
        let rest = count;
        for (; rest >= 128; rest >>= 7) at = bytes.writeUInt8((rest & 127) | 128, at);
        at = bytes.writeUInt8(rest, at);
    }
    return bytes.subarray(0, at);
}

/** Sector 0 without proxy: header and table. */
function sector(box, instances) {
    const header = Buffer.alloc(76);
    header.writeUInt32LE(none, 4);
    header.writeUInt32LE(none, 8);
    box.forEach((value, i) => header.writeDoubleLE(value, 20 + 8 * i));
    const n = instances.length;
    header.writeUInt32LE(n, 72);
    const table = Buffer.alloc(4 + 72 * n);
    const matrices = 8 * n + 4;
    table.writeUInt32LE(n, 8 * n);
    instances.forEach(({ geometry, matrix, translation }, i) => {
        table.writeUInt32LE(geometry, 4 * i);
        table.writeUInt32LE(i, 4 * (n + i));
        matrix.forEach((value, component) => table.writeFloatLE(value, matrices + 4 * (component * n + i)));
        table.writeUInt32LE(i, matrices + 36 * n + 4 * i);
        translation.forEach((value, axis) => table.writeDoubleLE(value, matrices + 40 * n + 8 * (axis * n + i)));
    });
    return [header, table];
}

test('nonsense is refused with a code and never stops the core', () => {
    const core = new Core(module);
    const random = generator(7);
    const geometry = encodeGeometry({
        geometry: 0, gridStep: 1, layout: 0, coordinateStep: 1, isProxy: false, boxOrigin: [0, 0, 0],
        boxExtent: [9, 9, 9], materials: [],
    });
    const root = node({
        node: 0, geometry: 0, error: Infinity, extent: [9, 9, 9], parents: [], ranges: [[1, 5], [2, 5]],
    });
    const child = node({ node: 1, geometry: 0, error: 1, extent: [9, 9, 9], parents: [0], ranges: [[none, 9]] });
    const [header, table] = sector([0, 0, 0, 9, 9, 9], [
        { geometry: 0, matrix: identity, translation: [0, 0, 0] },
    ]);
    const view = { eye: [4, 4, 30], orientation: [0, 0, 0, 1], projection: 0, scale: 0.5, width: 640, height: 480 };
    const damaged = (bytes) => {
        const copy = Uint8Array.from(bytes);
        const telling = [0, 1, 127, 128, 255, random(256)];
        for (let i = 0; i <= random(3); i += 1) copy[random(copy.length)] = telling[random(6)];
        return copy.subarray(0, random(8) === 0 ? random(copy.length) : copy.length);
    };
    for (let round = 0; round < 4000; round += 1) {
        const codes = [
            core.addGeometry(damaged(geometry)), core.addSector(damaged(header), table),
            core.addSector(header, damaged(table)), core.addNode(damaged(root), random(4), random(2 ** 31)),
            core.addNode(damaged(child), random(4), 0xffffffff),
        ];
        for (const code of codes) assert.ok(code <= 0 && code >= -3);
        core.removeChunk(random(4));
        assert.ok(core.select(view, 1) >= 0);
        core.evict();
        if (round % 50 === 49) core.reset();
    }
    assert.equal(core.addNode(root.subarray(0, 20), 0, 0), -1);
    assert.equal(core.addGeometry(new Uint8Array(0)), -1);
    for (const wrong of [
        { eye: [NaN, 0, 0] }, { orientation: [0, 0, 0, 0] }, { scale: 0 }, { width: 0 }, { projection: 2 },
    ]) {
        assert.ok(core.select({ ...view, ...wrong }, 1) < 0);
    }
    assert.ok(core.select(view, NaN) < 0 && core.select(view, 0) < 0);
});

test('what is released is used again', () => {
    const core = new Core(module);
    const instances = Array.from({ length: 2000 }, () => ({ geometry: 0, matrix: identity, translation: [0, 0, 0] }));
    const [header, table] = sector([0, 0, 0, 1, 1, 1], instances);
    const round = () => {
        assert.equal(core.addSector(header, table), 0);
        core.reset();
    };
    for (let i = 0; i < 5; i += 1) round();
    const size = core.memoryByteCount;
    for (let i = 0; i < 50; i += 1) round();
    assert.equal(core.memoryByteCount, size);
});
