// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// One connection for both paths: both engines over one socket of the test.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { ChunkStore } from '../../Sources/Viewer/web/stream/chunk-store.js';
import { SharedEngine } from '../../Sources/Viewer/web/stream/shared-engine.js';
import { StreamEngine } from '../../Sources/Viewer/web/stream/stream-engine.js';
import { PathChoice, RenderPath } from '../../Sources/Viewer/web/wire/messages.generated.js';
import { dracoModule, sampleArchive } from './decode-fixtures.mjs';
import { frameHeader, framePart } from './frames-fixtures.mjs';
import { ArchiveServer } from './stream-archive-server.mjs';
import { FakeClock, FakeCore, fakeNetwork, InlinePool, MemoryDatabase, perspective, settle } from './stream-fakes.mjs';

const module = dracoModule();
let archive;
before(() => { archive = sampleArchive('assembly'); });

const limits = { gpuByteCount: 64 << 20, triangleCount: 1_000_000 };
const welcome = (path = 'server', contentHash = 'aa') => ({
    session: 's', path, isNegotiated: true, model: { id: 'm', contentHash, triangleCount: 9 }, home: perspective,
});
const pathMessage = (number, path) => ({
    type: 'path', number, path: RenderPath[path], isEmergency: false, readyErrorPixels: 2, json: { reason: 'because' },
});

/** The worker's engine; `openChunks` and the rest are the page's. */
function setUp({ database = new MemoryDatabase(), failure = null, ...options } = {}) {
    const [clock, core, network, events] = [new FakeClock(), new FakeCore(), fakeNetwork(), []];
    const pool = new InlinePool(module);
    const picture = { width: 64, height: 36, close() {} };
    const made = [];
    const makeChunks = async (chunkOptions, parts) => {
        if (failure) throw failure;
        made.push(chunkOptions);
        return new StreamEngine(chunkOptions, { core, pool, store: new ChunkStore({ database, clock }), clock, ...parts });
    };
    const engine = new SharedEngine({ url: 'ws://h/s', model: 'm', limits, hello: { client: 't' }, viewport: [800, 600], ...options }, {
        emit: (part, name, event) => events.push({ part, name, event }), makeChunks, clock,
        openSocket: network.openSocket, random: () => 0.5, decode: async () => picture,
    });
    const named = (part, name) => events.filter((entry) => entry.part === part && entry.name === name).map(({ event }) => event);
    const upload = () => engine.callChunks('uploaded', Uint32Array.from(named('chunks', 'mesh').flat().map(({ node }) => node)));
    const idle = async () => {
        do await settle(); while (pool.queuedCount > 0);
    };
    const open = (path) => {
        engine.start();
        network.socket.accept(welcome(path));
    };
    return { engine, clock, core, network, events, named, upload, idle, open, made, database, pool };
}

/** Chunks of the whole archive, arrived, uploaded and selected. */
async function streamed(parts) {
    const server = new ArchiveServer(archive);
    server.all(parts.network.socket);
    await parts.clock.pass(20);
    await parts.idle();
    parts.upload();
    await parts.clock.pass(60);
    return server;
}

const query = ({ url }, ...names) => names.map((name) => url.searchParams.get(name));

test('the address says what is asked for and what is known; nothing is resumed at first', () => {
    const { network, open } = setUp({ wish: 'hybrid' });
    open();
    assert.deepEqual(query(network.socket, 'path', 'wish', 'can', 'shown', 'resume'), ['auto', 'hybrid', 'client,server', null, null]);
});

test('frames come without anything of the chunks being made', async () => {
    const { engine, network, named, made, open } = setUp();
    open();
    engine.setView(perspective, {}, 5, 1);
    network.socket.receive(frameHeader(1, { view: 1 }));
    network.socket.receive(framePart(1, 0, 1, 2, 3, 4));
    await settle();
    assert.equal(named('frames', 'frame')[0].inputAt, 5);
    assert.deepEqual([made.length, named('path', 'welcome').length], [0, 1]);
    assert.deepEqual(network.socket.types('ping'), ['hello', 'view', 'frameReceived']);
});

test('chunks that come before their engine are kept for it, and acknowledged', async () => {
    const parts = setUp();
    parts.open();
    parts.engine.setView(perspective, {}, 0, 3);
    const server = new ArchiveServer(archive);
    server.all(parts.network.socket);
    await parts.clock.pass(40);
    assert.ok(parts.network.socket.ofType('acknowledge').length > 0);
    assert.ok(parts.network.socket.ofType('acknowledge').at(-1).backlogByteCount > 0, 'they are not decoded');
    parts.engine.setDrawing(true);
    parts.engine.openChunks();
    await parts.clock.pass(300);
    await parts.idle();
    parts.upload();
    await parts.clock.pass(60);
    assert.equal(parts.named('chunks', 'draw').at(-1).drawCount, archive.nodes.length);
    assert.equal(parts.named('chunks', 'draw').at(-1).statistics.viewNumber, 3);
    assert.equal(parts.network.socket.ofType('view').length, 1, 'the view is sent once for both');
});

test('nothing is selected while nobody wants to draw', async () => {
    const parts = setUp();
    parts.open();
    parts.engine.openChunks();
    parts.engine.setView(perspective, {}, 0, 1);
    await parts.clock.pass(300);
    await streamed(parts);
    assert.equal(parts.core.selections.length, 0);
    parts.engine.setDrawing(true);
    await parts.clock.pass(40);
    assert.ok(parts.core.selections.length > 0);
    parts.engine.setDrawing(false);
    const count = parts.core.selections.length;
    parts.engine.setView({ ...perspective, eye: [0, 0, 6] }, {}, 0, 2);
    await parts.clock.pass(40);
    assert.equal(parts.core.selections.length, count);
});

test('an engine of chunks that comes later tells what is stored', async () => {
    const first = setUp();
    first.open();
    first.engine.openChunks();
    first.engine.setView(perspective, {}, 0, 1);
    await first.clock.pass(300);
    await streamed(first);
    await first.engine.close();
    assert.ok(first.database.records.size > 0);

    const second = setUp({ database: first.database });
    second.open();
    await second.clock.pass(500);
    assert.equal(second.network.socket.ofType('holdings').length, 0);
    second.engine.openChunks();
    await second.clock.pass(500);
    const [holdings] = second.network.socket.ofType('holdings');
    assert.equal(holdings.kind, 1);
    assert.deepEqual(second.network.socket.types('ping').filter((type) => type === 'hello'), ['hello']);
});

test('one that is asked for at once has the connection wait for what is stored', async () => {
    const first = setUp();
    first.open();
    first.engine.openChunks();
    first.engine.setView(perspective, {}, 0, 1);
    await first.clock.pass(300);
    await streamed(first);
    await first.engine.close();

    const { engine, network, clock } = setUp({ database: first.database, wish: 'client', startsWithChunks: true });
    engine.start();
    engine.openChunks();
    await clock.pass(100);
    assert.deepEqual(query(network.socket, 'resume', 'shown'), ['1', null]);
    network.socket.accept(welcome('client'));
    assert.equal(network.socket.ofType('holdings').length, 1);
});

test('a connection that was lost goes on with what is shown and with all that is there', async () => {
    const parts = setUp();
    parts.open();
    parts.engine.openChunks();
    parts.engine.setDrawing(true);
    parts.engine.setView(perspective, {}, 0, 1);
    await parts.clock.pass(300);
    await streamed(parts);
    parts.engine.setPaths('client', null, 0);
    parts.network.socket.end(1006);
    await parts.clock.pass(1000);
    assert.equal(parts.network.sockets.length, 2);
    assert.deepEqual(query(parts.network.socket, 'resume', 'shown', 'wish'), ['1', 'client', 'auto']);
    parts.network.socket.accept(welcome('client'));
    const { socket } = parts.network;
    const sent = socket.sent.map(({ type, kind = '' }) => `${type}${kind}`).filter((name) => !['hello', 'ping'].includes(name));
    assert.deepEqual(sent.slice(0, 3), ['holdings0', 'holdings1', 'view']);
    const resident = socket.ofType('holdings').find(({ kind }) => kind === 0);
    const count = resident.ranges.reduce((sum, value, index) => sum + (index % 2 ? value : 0), 0);
    assert.equal(count, archive.chunks.length);
    assert.equal(socket.ofType('view').length, 1);
    assert.equal(socket.ofType('view')[0].sequence, 1);
});

test('each status, welcome and notice of the server is told to the page once', async () => {
    const parts = setUp();
    parts.open();
    parts.engine.openChunks();
    await parts.clock.pass(300);
    parts.network.socket.receive({ type: 'notice', json: { code: 'limit', message: 'x' } });
    const told = parts.events.filter(({ name }) => name === 'notice');
    assert.deepEqual(told.map(({ part }) => part), ['path']);
    assert.equal(parts.named('path', 'welcome').length, 1);
    parts.network.socket.receive(pathMessage(1, 'client'));
    assert.equal(parts.named('path', 'path')[0].number, 1);
});

test('what the page answers, wishes and tells is sent', () => {
    const { engine, network, open } = setUp();
    open();
    engine.answerPath(3, true);
    engine.answerPath(4, false, 'no');
    engine.sendWish('hybrid');
    engine.sendFacts({ isInteracting: true });
    assert.deepEqual(network.socket.sent.slice(-4).map(({ type, ...fields }) => [type, fields]), [
        ['pathShown', { number: 3, isShown: true, json: {} }], ['pathShown', { number: 4, isShown: false, json: { reason: 'no' } }],
        ['pathWish', { choice: PathChoice.hybrid }], ['facts', { json: { isInteracting: true } }],
    ]);
});

test('a viewer that turns out not to draw says so with the next connection, and drops what comes for it', async () => {
    const { engine, network, open, named } = setUp({ failure: new Error('no core') });
    open();
    engine.openChunks();
    await settle();
    assert.equal(named('path', 'chunksFailed')[0].message, 'no core');
    engine.setCan(['server']);
    network.socket.receive({ type: 'chunk', sequence: 1, chunk: 1, kind: 1, payload: Uint8Array.of(1) });
    engine.restart();
    assert.equal(network.sockets.length, 2);
    assert.deepEqual(query(network.socket, 'can', 'resume'), ['server', '1']);
});

test('all that takes memory on the GPU is given up and told, and comes again when it is wanted', async () => {
    const parts = setUp();
    parts.open();
    parts.engine.openChunks();
    parts.engine.setDrawing(true);
    parts.engine.setView(perspective, {}, 0, 1);
    await parts.clock.pass(300);
    const server = await streamed(parts);
    parts.engine.setDrawing(false);
    parts.engine.evictChunks();
    await parts.clock.pass(200);
    const sectors = archive.sectors.length;
    const evicted = parts.network.socket.ofType('evicted').flatMap(({ chunks }) => [...chunks]);
    assert.equal(evicted.length, archive.chunks.length - sectors);
    assert.equal(parts.named('chunks', 'draw').at(-1).drawCount, 0);
    assert.equal(parts.named('chunks', 'drop').flatMap(({ nodes }) => [...nodes]).length, archive.nodes.length);
    assert.equal(parts.core.nodes.size, 0);
    parts.engine.setDrawing(true);
    server.all(parts.network.socket);
    await parts.idle();
    parts.upload();
    await parts.clock.pass(60);
    assert.equal(parts.named('chunks', 'draw').at(-1).drawCount, archive.nodes.length);
});

test('the threshold of views suits who draws', async () => {
    const parts = setUp({ thresholdPixels: 1 });
    parts.open();
    parts.engine.openChunks();
    parts.engine.setDrawing(true);
    await parts.clock.pass(300);
    let x = 0;
    const sent = async () => {
        parts.engine.setView({ ...perspective, eye: [x += 1, 0, 5] }, {}, 0, x);
        await parts.clock.pass(200);
        return parts.network.socket.ofType('view').at(-1).thresholdPixels;
    };
    parts.core.thresholdPixels = 3;  // a budget is full
    parts.engine.setPaths('server', null, 0);
    assert.equal(await sent(), 1);
    parts.engine.setPaths('server', 'client', 0);
    await sent();
    assert.equal(await sent(), 3);
    parts.engine.setPaths('client', null, 0);
    assert.equal(await sent(), 3);
    parts.engine.setPaths('client', 'server', 5);
    assert.equal(await sent(), 5, 'the first frames show what is seen here');
    parts.engine.setPaths('server', null, 0);
    assert.equal(await sent(), 1);
});

test('views go out more often while frames depend on them', async () => {
    const { engine, network, clock, open } = setUp();
    open();
    const rate = async () => {
        const before = network.socket.ofType('view').length;
        for (let step = 0; step < 100; step += 1) {
            engine.setView({ ...perspective, eye: [Math.random(), 0, 5] }, {}, 0, step);
            await clock.pass(10);
        }
        return network.socket.ofType('view').length - before;
    };
    engine.setPaths('server', null, 0);
    const frames = await rate();
    engine.setPaths('client', null, 0);
    const chunks = await rate();
    assert.ok(frames > 23 && frames <= 30, `${frames}`);
    assert.ok(chunks > 16 && chunks <= 21, `${chunks}`);
});

test('another content under the same name is told to both engines', async () => {
    const parts = setUp();
    parts.open();
    parts.engine.openChunks();
    parts.engine.setDrawing(true);
    parts.engine.setView(perspective, {}, 0, 1);
    await parts.clock.pass(300);
    await streamed(parts);
    parts.network.socket.end(1006);
    await parts.clock.pass(1000);
    parts.network.socket.accept(welcome('server', 'bb'));
    assert.equal(parts.named('frames', 'replaced').length, 1);
    assert.equal(parts.core.nodes.size, 0);
    assert.deepEqual(parts.network.socket.ofType('holdings').filter(({ kind }) => kind === 0), []);
});
