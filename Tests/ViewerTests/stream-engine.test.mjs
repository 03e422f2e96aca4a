// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The whole stream without its worker: a server that sends a real archive, and a page that uploads.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { ChunkStore } from '../../Sources/Viewer/web/stream/chunk-store.js';
import { CoreError } from '../../Sources/Viewer/web/stream/core.js';
import { StreamEngine } from '../../Sources/Viewer/web/stream/stream-engine.js';
import { encodeServerMessage } from '../../Sources/Viewer/web/wire/messages.generated.js';
import { dracoModule, sampleArchive } from './decode-fixtures.mjs';
import { ArchiveServer } from './stream-archive-server.mjs';
import { FakeClock, FakeCore, fakeNetwork, InlinePool, MemoryDatabase, perspective, settle } from './stream-fakes.mjs';

const module = dracoModule();
let archives;
before(() => { archives = { assembly: sampleArchive('assembly'), textured: sampleArchive('textured') }; });

const limits = { gpuByteCount: 64 << 20, triangleCount: 1_000_000 };

/** An engine, its page that keeps all events, and its server. */
function setUp({ database = new MemoryDatabase(), ...options } = {}) {
    const [clock, core, network, events] = [new FakeClock(), new FakeCore(), fakeNetwork(), []];
    const pool = new InlinePool(module);
    const store = new ChunkStore({ database, clock });
    const emit = (name, event) => events.push({ name, event });
    const engine = new StreamEngine(
        { url: 'ws://host/api/v1/stream', model: 'm', limits, hello: {}, ...options },
        { core, pool, store, emit, clock, openSocket: network.openSocket, random: () => 0.5 });
    const named = (name) => events.filter((entry) => entry.name === name).map(({ event }) => event);
    const meshes = () => named('mesh').flat();
    const upload = () => engine.uploaded(Uint32Array.from(meshes().map(({ node }) => node)));
    const idle = async () => {
        do await settle(); while (pool.queuedCount > 0);
    };
    return { clock, core, network, events, pool, store, engine, database, named, meshes, upload, idle };
}

const welcome = (contentHash) => (
    { session: 's', model: { id: 'm', contentHash, triangleCount: 9 }, home: perspective });

/** Starts an engine, connects it and sends it a whole archive. */
async function streamed(archive, options = {}) {
    const parts = setUp(options);
    await start(parts);
    parts.network.socket.accept(welcome('aa'));
    const server = new ArchiveServer(archive);
    parts.engine.setView(perspective, {});
    server.all(parts.network.socket);
    await parts.idle();
    parts.upload();
    await parts.clock.pass(60);
    return { ...parts, server, socket: parts.network.socket };
}

async function start({ engine, clock }) {
    const started = engine.start();
    await clock.pass(20);
    await started;
}

test('a model arrives: boxes, meshes, sectors to the core, draw lists', async () => {
    const { assembly } = archives;
    const { core, named, meshes, socket, engine } = await streamed(assembly);
    assert.equal(named('welcome')[0].model.contentHash, 'aa');
    assert.equal(named('material').length, assembly.description.materials.length);
    assert.equal(core.geometries.length, assembly.geometries.length);
    assert.equal(core.sectors.length, assembly.sectors.length);
    const nodes = meshes().map(({ node }) => node);
    const boxes = assembly.geometries.map((_, geometry) => (0x80000000 | geometry) >>> 0);
    assert.deepEqual(nodes.slice(0, boxes.length), boxes);
    assert.deepEqual(nodes.slice(boxes.length).sort(), assembly.nodes.map((_, node) => node));
    assert.deepEqual([...core.nodes.keys()].sort(), assembly.nodes.map((_, node) => node));
    assert.equal(named('draw').at(-1).drawCount, assembly.nodes.length);
    assert.ok(socket.types().indexOf('view') > 0);
    assert.ok(socket.ofType('acknowledge').length > 0);
    await engine.close();
});

test('a node is known to the core only when the page has uploaded it', async () => {
    const parts = setUp();
    await start(parts);
    parts.network.socket.accept(welcome('aa'));
    new ArchiveServer(archives.assembly).all(parts.network.socket);
    parts.engine.setView(perspective, {});
    await parts.idle();
    await parts.clock.pass(60);
    assert.equal(parts.core.nodes.size, 0);
    const some = parts.meshes().filter(({ node }) => node < 2).map(({ node }) => node);
    parts.engine.uploaded(Uint32Array.from(some));
    await parts.clock.pass(60);
    assert.deepEqual([...parts.core.nodes.keys()].sort(), [0, 1]);
    assert.equal(parts.named('draw').at(-1).drawCount, 2);
    await parts.engine.close();
});

test('the core\'s evictions are dropped after a draw list without them, reported, and can be recalled', async () => {
    const parts = await streamed(archives.assembly);
    const { clock, core, engine, events, socket, named } = parts;
    await clock.pass(1000);
    const chunk = archives.assembly.nodes[1].chunk;
    const gone = archives.assembly.nodes.flatMap((record, node) => (record.chunk === chunk ? [node] : []));
    core.removeChunk(chunk);
    core.toEvict = [chunk];
    events.length = 0;
    engine.setView({ ...perspective, eye: [1, 0, 0] }, {});
    await clock.pass(300);
    const names = events.map(({ name }) => name);
    assert.ok(names.indexOf('draw') < names.indexOf('drop'));
    assert.deepEqual([...named('drop')[0].nodes].sort(), gone);
    assert.deepEqual([...socket.ofType('evicted')[0].chunks], [chunk]);
    assert.deepEqual([...socket.ofType('holdings').at(-1).ranges], [chunk, 1], 'its bytes are still stored');
    events.length = 0;
    parts.server.recall(socket, chunk);
    await clock.pass(50);
    assert.deepEqual(parts.meshes().map(({ node }) => node).sort(), gone);
    assert.equal(socket.ofType('lost').length, 0);
    await engine.close();
});

test('settled is told when everything sent for the newest view is uploaded and selected', async () => {
    const parts = setUp();
    await start(parts);
    const { socket } = parts.network;
    socket.accept(welcome('aa'));
    parts.engine.setView(perspective, {});
    new ArchiveServer(archives.assembly).all(socket);
    const { sequence } = socket.ofType('view').at(-1);
    socket.receive({ type: 'settled', view: sequence, thresholdPixels: 1 });
    await parts.idle();
    await parts.clock.pass(600);
    assert.equal(parts.named('settled').length, 0, 'not uploaded');
    parts.upload();
    await parts.clock.pass(600);
    assert.deepEqual(parts.named('settled'), [{ view: sequence, thresholdPixels: 1 }]);
    const names = parts.events.map(({ name }) => name);
    assert.ok(names.lastIndexOf('draw') < names.indexOf('settled'));
    parts.engine.setView({ ...perspective, eye: [3, 0, 0] }, {});
    await parts.clock.pass(100);
    socket.receive({ type: 'settled', view: sequence, thresholdPixels: 1 });
    await parts.clock.pass(600);
    assert.equal(parts.named('settled').length, 1, 'of an older view');
    await parts.engine.close();
});

test('a damaged chunk is told and left out, and everything else goes on', async () => {
    const parts = setUp();
    await start(parts);
    const { socket } = parts.network;
    socket.accept(welcome('aa'));
    const server = new ArchiveServer(archives.assembly);
    server.geometries(socket);
    const broken = archives.assembly.chunks.findIndex(({ kind }) => kind === 1);
    server.chunk(socket, broken, archives.assembly.chunk(broken).subarray(0, 60));
    const sector = archives.assembly.chunks.findIndex(({ kind }) => kind === 2);
    server.chunk(socket, sector);
    await parts.idle();
    await parts.clock.pass(400);
    const [notice] = parts.named('notice');
    assert.deepEqual([notice.code, notice.chunk], ['damagedChunk', broken]);
    assert.match(notice.message, /Chunk \d+: .*truncated/);
    assert.equal(parts.core.sectors.length, 1);
    assert.equal(socket.ofType('evicted').length, 0, 'the server would only send it again');
    assert.equal(parts.named('statistics').at(-1).damagedChunkCount, 1);
    await parts.store.flush();
    assert.ok(!parts.store.has(broken), 'and it is not stored');
    await parts.engine.close();
});

test('a geometry or node that the core refuses is told and left out', async () => {
    const parts = setUp();
    await start(parts);
    const { socket } = parts.network;
    socket.accept(welcome('aa'));
    parts.core.failure = new CoreError('geometry: it is not what the format says');
    const server = new ArchiveServer(archives.assembly);
    server.geometries(socket);
    assert.equal(parts.named('notice').filter(({ code }) => code === 'damagedGeometry').length, 3);
    parts.core.failure = null;
    server.geometries(socket);
    const chunk = archives.assembly.nodes[0].chunk;
    server.chunk(socket, chunk);
    await parts.clock.pass(20);
    parts.core.failure = new CoreError('node: it contradicts what is known');
    parts.upload();
    assert.match(parts.named('notice').at(-1).message, /contradicts/);
    assert.ok(parts.named('drop').at(-1).nodes.length > 0);
    await parts.engine.close();
});

test('a reconnect keeps what is there and says so; nothing is told to the page twice', async () => {
    const parts = await streamed(archives.assembly);
    const { clock, network, engine, events, named } = parts;
    engine.hint(5, [1, 2]);
    events.length = 0;
    network.socket.end(1006);
    await clock.pass(400);
    const { socket } = network;
    socket.accept(welcome('aa'));
    parts.server.geometries(socket);
    await clock.pass(100);
    const [resident] = socket.ofType('holdings');
    assert.deepEqual([...resident.ranges], [0, archives.assembly.chunks.length]);
    const types = socket.types('ping', 'acknowledge');
    assert.ok(types.indexOf('holdings') < types.indexOf('view'));
    assert.deepEqual(types.filter((type) => type === 'hint'), ['hint']);
    assert.ok(types.includes('budget'));
    assert.deepEqual(named('status').map(({ state }) => state), ['reconnecting', 'open']);
    assert.deepEqual([named('mesh').length, named('material').length, named('drop').length], [0, 0, 0]);
    assert.equal(parts.core.nodes.size, archives.assembly.nodes.length);
    await engine.close();
});

test('another content after a reconnect: everything of the old one goes', async () => {
    const parts = await streamed(archives.assembly);
    const { clock, network, engine, core, named, events } = parts;
    network.socket.end(1006);
    await clock.pass(400);
    events.length = 0;
    network.socket.accept(welcome('bb'));
    const { nodes } = named('drop')[0];
    assert.equal(nodes.length, archives.assembly.nodes.length + archives.assembly.geometries.length);
    assert.equal(named('draw')[0].drawCount, 0);
    assert.equal(core.nodes.size, 0);
    new ArchiveServer(archives.assembly).all(network.socket);
    await parts.idle();
    parts.upload();
    assert.equal(core.nodes.size, archives.assembly.nodes.length);
    await engine.close();
});

test('a later visit tells what is stored, recalls it, and reports what is lost', async () => {
    const database = new MemoryDatabase();
    const first = await streamed(archives.assembly, { database });
    await first.engine.close();
    assert.equal(database.records.size, archives.assembly.chunks.length);

    const parts = setUp({ database });
    await start(parts);
    const { socket } = parts.network;
    assert.equal(socket.url.searchParams.get('resume'), '1');
    socket.accept(welcome('aa'));
    assert.deepEqual([...socket.ofType('holdings')[0].ranges], [0, archives.assembly.chunks.length]);
    const damaged = archives.assembly.nodes[1].chunk;
    const [key] = [...database.records.keys()].filter((record) => JSON.parse(record)[1] === damaged);
    database.records.get(key).bytes[9] ^= 255;
    const server = new ArchiveServer(archives.assembly);
    server.geometries(socket);
    archives.assembly.chunks.forEach((_, chunk) => server.recall(socket, chunk));
    await parts.idle();
    await parts.clock.pass(200);
    assert.deepEqual([...socket.ofType('lost')[0].chunks], [damaged]);
    parts.upload();
    const intact = archives.assembly.nodes.filter(({ chunk }) => chunk !== damaged).length;
    assert.equal(parts.core.nodes.size, intact);
    server.chunk(socket, damaged);
    await parts.clock.pass(50);
    parts.upload();
    assert.equal(parts.core.nodes.size, archives.assembly.nodes.length);
    await parts.engine.close();
});

test('a stored chunk that is intact but not decodable is asked for anew', async () => {
    const database = new MemoryDatabase();
    const store = new ChunkStore({ database, clock: new FakeClock() });
    await store.use('aa', 'ws://host/api/v1/stream  m');
    store.put(0, 1, new Uint8Array(30));
    await store.flush();
    const parts = setUp({ database });
    await start(parts);
    parts.network.socket.accept(welcome('aa'));
    const server = new ArchiveServer(archives.assembly);
    server.recall(parts.network.socket, 0);
    await parts.clock.pass(200);
    assert.deepEqual([...parts.network.socket.ofType('lost')[0].chunks], [0]);
    assert.ok(!parts.store.has(0));
    assert.equal(parts.named('notice').length, 0);
    await parts.engine.close();
});

test('when the store is slow to open, the connection does not wait and tells later what is stored', async () => {
    const database = new MemoryDatabase();
    const first = await streamed(archives.assembly, { database });
    await first.engine.close();
    let answer;
    const contents = database.contents.bind(database);
    database.contents = async () => {
        await new Promise((resolve) => { answer = resolve; });
        return contents();
    };
    const parts = setUp({ database });
    const started = parts.engine.start();
    await parts.clock.pass(250);
    await started;
    const { socket } = parts.network;
    assert.equal(socket.url.searchParams.get('resume'), null);
    socket.accept(welcome('aa'));
    answer();
    await settle();
    assert.deepEqual([...socket.ofType('holdings')[0].ranges], [0, archives.assembly.chunks.length]);
    await parts.engine.close();
});

test('after a lost graphics context everything comes again, coarse first, from memory', async () => {
    const parts = await streamed(archives.textured);
    const { engine, events, core, clock, meshes, named } = parts;
    const textures = archives.textured.chunks.filter(({ kind }) => kind === 3).length;
    assert.equal(named('texture').length, textures);
    events.length = 0;
    engine.restore();
    assert.equal(core.nodes.size, 0);
    await parts.idle();
    await clock.pass(50);
    assert.equal(meshes().length, archives.textured.nodes.length + archives.textured.geometries.length);
    assert.equal(named('texture').length, textures);
    assert.ok(named('draw').some(({ instances }) => instances !== null));
    parts.upload();
    assert.equal(core.nodes.size, archives.textured.nodes.length);
    await engine.close();
});

test('textures within half of the memory: the finest levels go and are reported', async () => {
    const parts = await streamed(archives.textured);
    const { engine, clock, core, named, socket } = parts;
    const finest = 96 * 48 * 4 * 4 / 3;
    engine.setLimits({ gpuByteCount: Math.floor(finest) });
    await clock.pass(300);
    const { textures } = named('drop')[0];
    assert.ok(textures.length >= 1);
    assert.deepEqual(textures[0], { texture: 0, level: 0 });
    const evicted = socket.ofType('evicted').flatMap(({ chunks }) => [...chunks]);
    assert.ok(evicted.includes(archives.textured.textures[0].levels[0]));
    assert.ok(core.limits.gpuByteCount > 0 && core.limits.gpuByteCount < finest);
    assert.equal(core.limits.triangleCount, limits.triangleCount);
    await engine.close();
});

test('budgets are told when they change clearly, at most four times a second', async () => {
    const parts = await streamed(archives.assembly);
    const { engine, clock, socket } = parts;
    await clock.pass(2000);
    const told = socket.ofType('budget');
    assert.ok(told.length >= 1 && told.length <= 3, `${told.length} budgets`);
    engine.setLimits({ triangleCount: 5000 });
    assert.deepEqual([socket.ofType('budget').at(-1).triangleLimit, parts.core.limits.triangleCount], [5000, 5000]);
    await engine.close();
});

test('views that are none are refused with one notice', async () => {
    const parts = await streamed(archives.assembly);
    const { engine, clock, named, socket } = parts;
    const before = socket.ofType('view').length;
    for (let i = 0; i < 5; i += 1) engine.setView({ ...perspective, eye: [NaN, 0, 0] }, {});
    await clock.pass(200);
    assert.deepEqual(named('notice').map(({ code }) => code), ['badView']);
    assert.equal(socket.ofType('view').length, before);
    engine.setView({ ...perspective, eye: [9, 0, 0] }, {});
    await clock.pass(200);
    assert.equal(socket.ofType('view').at(-1).eye[0], 9);
    await engine.close();
});

test('decoding pauses while too much waits for the page to upload', async () => {
    const parts = setUp();
    await start(parts);
    parts.network.socket.accept(welcome('aa'));
    const mesh = { node: 1, gpuByteCount: 65 << 20, vertices: new ArrayBuffer(8), indices: new Uint16Array(3) };
    parts.pool.decode = async () => ({ nodes: [{ headerOffset: 0, headerByteCount: 4, mesh }] });
    new ArchiveServer(archives.assembly).chunk(parts.network.socket, archives.assembly.nodes[0].chunk);
    await settle();
    assert.equal(parts.pool.isPaused, true);
    parts.engine.uploaded(Uint32Array.of(1));
    assert.equal(parts.pool.isPaused, false);
    await parts.engine.close();
});

test('statistics come four times a second with everything a panel shows', async () => {
    const parts = await streamed(archives.assembly);
    const before = parts.named('statistics').length;
    await parts.clock.pass(1000);
    const all = parts.named('statistics');
    assert.equal(all.length - before, 4);
    const last = all.at(-1);
    for (const [name, value] of Object.entries(last)) assert.ok(Number.isFinite(value), `${name}: ${value}`);
    assert.equal(last.residentNodeCount, archives.assembly.nodes.length);
    assert.equal(last.residentChunkCount, archives.assembly.chunks.length);
    assert.equal(last.receivedChunkCount, archives.assembly.chunks.length);
    assert.ok(last.gpuByteCount > 0 && last.receivedByteCount > 0);
    assert.ok('longestTaskMilliseconds' in last && 'roundTripSeconds' in last && 'bandwidth' in last);
    await parts.engine.close();
});

test('random messages never break the engine', async () => {
    const parts = setUp();
    await start(parts);
    let seed = 12345;
    const random = (limit) => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        return (seed >>> 8) % limit;
    };
    const pick = () => {
        const payload = Uint8Array.from({ length: random(80) }, () => random(256));
        return [
            { type: 'chunk', sequence: random(9), chunk: random(5), kind: random(5), payload },
            { type: 'recall', sequence: random(9), chunk: random(5) },
            { type: 'settled', view: random(3), thresholdPixels: random(4) },
            { type: 'notice', json: { code: 'x', message: 'y' } }, { type: 'pong', time: random(2000) },
            { type: 'material', material: random(3), json: { material: {} } },
            { type: 'welcome', json: welcome(['aa', 'bb'][random(2)]) },
            { type: 'geometry', geometry: random(4), gridStep: 1, layout: 0, coordinateStep: 1, isProxy: false,
                boxOrigin: [0, 0, 0], boxExtent: [random(9), 9, 9], materials: [0] },
        ][random(8)];
    };
    const accepted = new Set();
    for (let round = 0; round < 400; round += 1) {
        const { socket } = parts.network;
        if (socket.closed === null && socket.onmessage && !accepted.has(socket)) {
            accepted.add(socket);
            socket.accept(welcome('aa'));
        }
        const bytes = encodeServerMessage(pick());
        const whole = random(20) > 0 ? bytes : bytes.subarray(0, random(bytes.length));
        socket.onmessage?.({ data: whole.slice().buffer });
        if (random(10) === 0) parts.engine.setView({ ...perspective, eye: [random(9), 0, 0] }, {});
        if (random(10) === 0) parts.upload();
        if (random(40) === 0) parts.engine.restore();
        if (random(60) === 0) socket.onclose?.({ code: 1006, reason: '' });
        await parts.clock.pass(random(3) * 100, 50);
    }
    assert.ok(parts.named('status').length > 3);
    await parts.engine.close();
});
