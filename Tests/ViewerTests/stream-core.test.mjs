// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The stream with the browser's real core: what the engine hands over is what the core takes, and what it draws is
// there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { ChunkStore } from '../../Sources/Viewer/web/stream/chunk-store.js';
import { Core, CoreError } from '../../Sources/Viewer/web/stream/core.js';
import { StreamEngine } from '../../Sources/Viewer/web/stream/stream-engine.js';
import { dracoModule, sampleArchive } from './decode-fixtures.mjs';
import { FakeClock, fakeNetwork, InlinePool, MemoryDatabase, settle } from './stream-fakes.mjs';
import { ArchiveServer } from './stream-archive-server.mjs';

const coreFile = new URL('../../.build/debug/vantage_Viewer.resources/core.wasm', import.meta.url);
const coreModule = new WebAssembly.Module(readFileSync(coreFile));
const draco = dracoModule();
const makeCore = () => new Core(new WebAssembly.Instance(coreModule, {}).exports);

let archives;
before(() => {
    archives = { assembly: sampleArchive('assembly'), scan: sampleArchive('scan', '--triangles', '130000') };
});

/** A view of all of an archive, from +z. */
function viewOf({ header: { minimum, maximum } }, distanceFactor = 1.5) {
    const center = minimum.map((low, axis) => (low + maximum[axis]) / 2);
    const size = Math.hypot(...maximum.map((high, axis) => high - minimum[axis]));
    return {
        eye: [center[0], center[1], center[2] + distanceFactor * size], orientation: [0, 0, 0, 1],
        projection: 'perspective', scale: 0.5, width: 1280, height: 720,
    };
}

async function stream(archive, limits = { gpuByteCount: 64 << 20, triangleCount: 1_000_000 }) {
    const [clock, core, network, events] = [new FakeClock(), makeCore(), fakeNetwork(), []];
    const [pool, store] = [new InlinePool(draco), new ChunkStore({ database: new MemoryDatabase(), clock })];
    const emit = (name, event) => events.push({ name, event });
    const engine = new StreamEngine(
        { url: 'ws://host/api/v1/stream', model: 'm', limits, thresholdPixels: 0.5 },
        { core, pool, store, emit, clock, openSocket: network.openSocket });
    const started = engine.start();
    await clock.pass(20);
    await started;
    const named = (name) => events.filter((entry) => entry.name === name).map(({ event }) => event);
    network.socket.accept({ model: { id: 'm', contentHash: 'aa' } });
    const server = new ArchiveServer(archive);
    const receiveAll = async () => {
        server.all(network.socket);
        do await settle(); while (pool.queuedCount > 0);
    };
    const upload = () => engine.uploaded(Uint32Array.from(named('mesh').flat().map(({ node }) => node)));
    return { clock, core, engine, events, named, network, receiveAll, upload, server };
}

/** Checks that a draw list only names meshes, index ranges, materials and rows that the page has. */
function checkDraw(event, archive, meshes) {
    assert.equal(event.draws.length, 6 * event.drawCount);
    let triangleCount = 0;
    for (let at = 0; at < event.draws.length; at += 6) {
        const [node, first, count, firstVisible, instanceCount, material] = event.draws.subarray(at, at + 6);
        const mesh = meshes.get(node);
        assert.ok(mesh, `node ${node} was given to the page`);
        assert.ok(first + count <= mesh.indexCount);
        assert.ok(firstVisible + instanceCount <= event.visible.length);
        assert.ok((material & 0xffffff) < Math.max(1, archive.description.materials.length));
        triangleCount += (count / 3) * instanceCount;
    }
    assert.ok(event.visible.every((row) => row < event.instanceCount));
    return triangleCount;
}

const meshesOf = (named) => new Map(named('mesh').flat().map((mesh) => [mesh.node, mesh]));

for (const name of ['assembly', 'scan']) {
    test(`the ${name} is drawn to the last triangle once everything is there and near`, async () => {
        const archive = archives[name];
        const { clock, engine, named, receiveAll, upload } = await stream(archive);
        engine.setView(viewOf(archive), {});
        await clock.pass(50);
        await receiveAll();
        await clock.pass(50);
        assert.deepEqual(named('notice'), []);
        upload();
        await clock.pass(200);
        const draw = named('draw').at(-1);
        const triangles = checkDraw(draw, archive, meshesOf(named));
        assert.equal(triangles, draw.statistics.triangleCount);
        assert.equal(draw.statistics.residentNodeCount, archive.nodes.length);
        assert.ok(triangles > 0 && triangles <= archive.header.triangles);
        engine.setThreshold(1e-6);
        await clock.pass(500);
        const finest = named('draw').at(-1);
        assert.equal(checkDraw(finest, archive, meshesOf(named)), archive.header.triangles);
        assert.deepEqual(named('notice'), []);
        await engine.close();
    });
}

test('before any mesh is there nothing is drawn; after each upload the list is whole', async () => {
    const { clock, engine, named, receiveAll } = await stream(archives.assembly);
    engine.setView(viewOf(archives.assembly), {});
    await receiveAll();
    await clock.pass(50);
    assert.equal(named('draw').at(-1).drawCount, 0);
    for (const { node } of named('mesh').flat()) {
        engine.uploaded(Uint32Array.of(node));
        await clock.pass(30);
        checkDraw(named('draw').at(-1), archives.assembly, meshesOf(named));
    }
    assert.ok(named('draw').at(-1).drawCount > 0);
    await engine.close();
});

test('within a small memory limit chunks are evicted, and no draw list names what was dropped', async () => {
    const { clock, engine, events, named, receiveAll, upload } = await stream(archives.scan);
    engine.setView(viewOf(archives.scan, 0.6), {});
    await receiveAll();
    upload();
    await clock.pass(200);
    const used = named('draw').at(-1).statistics.residentByteCount;
    assert.ok(used > 1.7 * (1 << 20), 'the core does not go below 1 MiB');
    engine.setLimits({ gpuByteCount: Math.floor(used * 0.6) });
    await clock.pass(3000);
    const alive = meshesOf(named);
    assert.ok(named('drop').length > 0, 'something was dropped');
    let isAfterDraw = false;
    for (const { name, event } of events) {
        if (name === 'draw') {
            checkDraw(event, archives.scan, alive);
            isAfterDraw = true;
        }
        if (name !== 'drop') continue;
        assert.ok(isAfterDraw);
        for (const node of event.nodes) alive.delete(node);
    }
    const { residentByteCount, thresholdPixels } = named('draw').at(-1).statistics;
    assert.ok(residentByteCount <= used * 0.6, `${residentByteCount} of ${used}`);
    assert.ok(thresholdPixels >= 0.5);
    await engine.close();
});

test('after a lost context the core draws boxes, and everything again when it is uploaded again', async () => {
    const { clock, engine, named, receiveAll, upload } = await stream(archives.assembly);
    engine.setView(viewOf(archives.assembly), {});
    await receiveAll();
    upload();
    await clock.pass(200);
    const before = named('draw').at(-1).statistics.triangleCount;
    engine.restore();
    await clock.pass(100);
    assert.equal(named('draw').at(-1).statistics.residentNodeCount, 0);
    upload();
    await clock.pass(200);
    assert.equal(named('draw').at(-1).statistics.triangleCount, before);
    await engine.close();
});

test('a server with another content: the core begins anew', async () => {
    const { clock, engine, named, network, receiveAll, upload } = await stream(archives.assembly);
    engine.setView(viewOf(archives.assembly), {});
    await receiveAll();
    upload();
    await clock.pass(100);
    network.socket.end(1006);
    await clock.pass(500);
    network.socket.accept({ model: { id: 'm', contentHash: 'bb' } });
    await clock.pass(50);
    assert.equal(named('draw').at(-1).drawCount, 0);
    await receiveAll();
    upload();
    await clock.pass(100);
    assert.deepEqual(named('notice'), []);
    assert.ok(named('draw').at(-1).statistics.triangleCount > 0);
    await engine.close();
});

test('bytes that are damaged are refused by the core with a reason', () => {
    const core = makeCore();
    assert.throws(() => core.addGeometry(Uint8Array.of(2, 1)), CoreError);
    assert.throws(() => core.addSector(new Uint8Array(9), new Uint8Array(4)), /sector: it is not what the format says/);
    assert.throws(() => core.addNode(new Uint8Array(70), 1, 1), CoreError);
    core.removeChunk(12345);
    assert.deepEqual([...core.evict()], []);
    assert.equal(core.select({ ...viewOf(archives.scan), scale: NaN }, 1), null);
});

test('a table larger than the memory kept for input is taken as well', () => {
    const core = makeCore();
    for (let round = 0; round < 3; round += 1) {
        assert.throws(() => core.addSector(new Uint8Array(9), new Uint8Array(5 << 20)), CoreError);
    }
});
