// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The pool of decode workers: with real threads, and with fake ones that crash, hang and grow.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker as Thread } from 'node:worker_threads';

import { ChunkError } from '../../Sources/Viewer/web/decode/chunk-error.js';
import { ChunkKind } from '../../Sources/Viewer/web/decode/chunk-decoder.js';
import { DecodePool, DecodingUnavailableError, poolSize } from '../../Sources/Viewer/web/decode/decode-pool.js';
import { dracoModule, geometryFacts, plainPayload, sampleArchive } from './decode-fixtures.mjs';

/** A browser's Worker on a thread of node's that has the browser's `self`. */
class ThreadWorker {
    #thread;

    constructor(url) {
        const source = `
            const { parentPort } = require('node:worker_threads');
            globalThis.self = globalThis;
            globalThis.postMessage = (message, transfers) => parentPort.postMessage(message, transfers);
            const waiting = [];
            const keep = (data) => waiting.push(data);
            parentPort.on('message', keep);
            import(${JSON.stringify(url.href)}).then(() => {
                parentPort.off('message', keep);
                parentPort.on('message', (data) => self.onmessage({ data }));
                waiting.forEach((data) => self.onmessage({ data }));
            });`;
        this.#thread = new Thread(source, { eval: true });
        this.#thread.on('message', (data) => this.onmessage?.({ data }));
        this.#thread.on('error', (error) => this.onerror?.({ message: error.message }));
    }

    postMessage(message, transfers) { this.#thread.postMessage(message, transfers); }
    terminate() { this.#thread.terminate(); }
}

const realWorker = () => new ThreadWorker(new URL('../../Sources/Viewer/web/decode/decode-worker.js', import.meta.url));

/** A worker that a test drives by hand. */
class FakeWorker {
    sent = [];
    isTerminated = false;

    postMessage(message) { this.sent.push(message); }
    terminate() { this.isTerminated = true; }

    get jobs() { return this.sent.filter(({ job }) => job !== undefined); }

    answer(job, rest = { result: { nodes: [] } }) {
        this.onmessage({ data: { job, milliseconds: 1, heapByteCount: 1000, ...rest } });
    }

    crash(message = 'out of memory') { this.onerror({ message }); }
}

/** Timers that fire when the test says so. */
class FakeTimers {
    #next = 1;
    #waiting = new Map();

    setTimeout = (callback) => {
        this.#waiting.set(this.#next, callback);
        this.#next += 1;
        return this.#next - 1;
    };

    clearTimeout = (timer) => this.#waiting.delete(timer);

    fire() {
        const callbacks = [...this.#waiting.values()];
        this.#waiting.clear();
        callbacks.forEach((callback) => callback());
    }
}

function fakePool(size = 1, options = {}) {
    const workers = [];
    const timers = new FakeTimers();
    const createWorker = () => {
        workers.push(new FakeWorker());
        return workers.at(-1);
    };
    return { pool: new DecodePool({ createWorker, size, timers, ...options }), workers, timers };
}

const bytes = (size = 10) => new Uint8Array(size);
const settle = () => new Promise((resolve) => { setImmediate(resolve); });

test('threads decode an archive, plain chunks before Draco is there', async () => {
    const archive = sampleArchive('assembly');
    const pool = new DecodePool({ createWorker: realWorker, size: 2 });
    geometryFacts(archive).forEach((facts, geometry) => pool.addGeometry(geometry, facts));
    const numbers = archive.chunks.map((_, number) => number);
    let isDracoSet = false;
    const isReadyBefore = new Set();
    const decoded = numbers.map(async (number) => {
        const result = await pool.decode(archive.chunks[number].kind, archive.chunk(number), number);
        if (!isDracoSet) isReadyBefore.add(number);
        return result;
    });
    const sector = archive.chunks.findIndex(({ kind }) => kind === ChunkKind.sector);
    await decoded[sector];
    isDracoSet = true;
    pool.setDraco(dracoModule());
    const results = await Promise.all(decoded);
    const nodes = results.flatMap((result) => result.nodes ?? []);
    assert.equal(nodes.length, archive.nodes.length);
    const triangles = nodes.reduce((sum, { mesh }) => sum + mesh.indexCount / 3, 0);
    assert.equal(triangles, archive.nodes.reduce((sum, node) => sum + node.triangles, 0));
    assert.ok(isReadyBefore.has(sector));
    assert.equal(results[sector].sector, 0);
    assert.equal(pool.queuedCount, 0);
    pool.close();
});

test('a damaged chunk is an error with a reason, and the next one is decoded', async () => {
    const pool = new DecodePool({ createWorker: realWorker, size: 1 });
    pool.addGeometry(0, { gridStep: 1, coordinateStep: 1, materialCount: 1 });
    const good = plainPayload({ positions: [[0, 0, 0], [4, 0, 0], [0, 3, 0]], indices: [0, 1, 2] });
    await assert.rejects(pool.decode(ChunkKind.nodes, good.subarray(0, 50), 1), (error) => {
        assert.ok(error instanceof ChunkError);
        assert.match(error.message, /truncated/);
        return true;
    });
    await assert.rejects(pool.decode(9, good, 2), /chunk kind: 9/);
    const { nodes } = await pool.decode(ChunkKind.nodes, good, 3);
    assert.equal(nodes[0].mesh.vertexCount, 3);
    assert.equal(good.length, good.buffer.byteLength, 'the bytes stay with the caller');
    pool.close();
});

test('chunks that need Draco fail with the reason when it cannot be loaded', async () => {
    const archive = sampleArchive('terrain');
    const pool = new DecodePool({ createWorker: realWorker, size: 1 });
    geometryFacts(archive).forEach((facts, geometry) => pool.addGeometry(geometry, facts));
    pool.failDraco('draco_decoder.wasm: 404');
    const results = await Promise.allSettled(archive.nodes.map(({ chunk }) => (
        pool.decode(ChunkKind.nodes, archive.chunk(chunk), chunk))));
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const { reason } = results.find(({ status }) => status === 'rejected');
    assert.ok(reason instanceof DecodingUnavailableError);
    assert.match(reason.message, /404/);
    pool.close();
});

test('at most two jobs are with a worker; the rest wait in order of priority', async () => {
    const { pool, workers } = fakePool(2);
    const done = [50, 40, 30, 20, 10, 20].map((priority) => pool.decode(ChunkKind.nodes, bytes(), priority));
    assert.deepEqual(workers.map(({ jobs }) => jobs.map(({ job }) => job)), [[1, 3], [2, 4]]);
    assert.equal(pool.queuedCount, 6);
    assert.equal(pool.queuedByteCount, 60);
    workers[0].answer(1);
    workers[1].answer(2);
    workers[0].answer(3);
    assert.deepEqual(workers.map(({ jobs }) => jobs.map(({ job }) => job)), [[1, 3, 5], [2, 4, 6]]);
    workers[0].answer(5);
    workers[1].answer(4);
    workers[1].answer(6);
    await Promise.all(done);
    assert.equal(pool.queuedCount, 0);
});

test('nothing starts while paused', () => {
    const { pool, workers } = fakePool(1);
    pool.isPaused = true;
    pool.decode(ChunkKind.nodes, bytes(), 1);
    assert.equal(workers[0].jobs.length, 0);
    pool.isPaused = false;
    assert.equal(workers[0].jobs.length, 1);
});

test('after a crash a new worker does the jobs again; a chunk that crashes two workers is damaged', async () => {
    const { pool, workers } = fakePool(1);
    pool.addGeometry(3, { gridStep: 1 });
    pool.setDraco('module');
    const first = assert.rejects(pool.decode(ChunkKind.nodes, bytes(), 1), /crashed on it 2 times \(out of memory\)/);
    const second = pool.decode(ChunkKind.nodes, bytes(), 2);
    workers[0].crash();
    assert.ok(workers[0].isTerminated);
    assert.deepEqual(workers[1].sent.slice(0, 2), [{ geometries: [[3, { gridStep: 1 }]] }, { draco: 'module' }]);
    assert.deepEqual(workers[1].jobs.map(({ job }) => job), [1, 2]);
    workers[1].crash();
    await first;
    assert.deepEqual(workers[2].jobs.map(({ job }) => job), [2]);
    workers[2].answer(2);
    await second;
});

test('a worker that goes silent is replaced', async () => {
    const { pool, workers, timers } = fakePool(1);
    const done = pool.decode(ChunkKind.nodes, bytes(), 1);
    timers.fire();
    assert.ok(workers[0].isTerminated);
    workers[1].answer(1);
    await done;
    timers.fire();
    assert.equal(workers.length, 2, 'nothing is expected of a worker without jobs');
});

test('when no worker runs at all, every job ends with that error', async () => {
    const { pool, workers } = fakePool(1);
    const done = [1, 2, 3].map((priority) => pool.decode(ChunkKind.nodes, bytes(), priority));
    for (let crash = 0; crash < 5; crash += 1) workers.at(-1).crash('blocked by a policy');
    const results = await Promise.allSettled(done);
    assert.ok(results.every(({ status }) => status === 'rejected'));
    assert.match(results[2].reason.message, /blocked by a policy/);
    await assert.rejects(pool.decode(ChunkKind.nodes, bytes(), 1), { name: 'AbortError' });
});

test('a worker that holds too much memory is replaced when it is done, and gets no more jobs until then', async () => {
    const { pool, workers } = fakePool(1, { heapByteLimit: 5000 });
    const done = [1, 2, 3].map((priority) => pool.decode(ChunkKind.nodes, bytes(), priority));
    workers[0].answer(1, { result: {}, heapByteCount: 6000 });
    assert.equal(workers[0].jobs.length, 2);
    assert.equal(workers.length, 1);
    workers[0].answer(2);
    assert.ok(workers[0].isTerminated);
    assert.deepEqual(workers[1].jobs.map(({ job }) => job), [3]);
    workers[1].answer(3);
    await Promise.all(done);
});

test('closing rejects what is not done as cancelled', async () => {
    const { pool, workers } = fakePool(1);
    const done = [1, 2, 3].map((priority) => assert.rejects(
        pool.decode(ChunkKind.nodes, bytes(), priority), { name: 'AbortError' }));
    pool.close();
    await Promise.all(done);
    assert.ok(workers[0].isTerminated);
});

test('the measured rate counts all workers, and is 0 until enough was decoded', async () => {
    const { pool, workers } = fakePool(2);
    const done = pool.decode(ChunkKind.nodes, bytes(1 << 14), 1);
    workers[0].answer(1, { result: {}, milliseconds: 10 });
    await done;
    assert.equal(pool.bytesPerSecond, 0);
    const next = pool.decode(ChunkKind.nodes, bytes(1 << 14), 1);
    workers[0].answer(2, { result: {}, milliseconds: 10 });
    await next;
    assert.equal(pool.bytesPerSecond, (2 * 1000 * (1 << 15)) / 20);
    await settle();
});

test('the number of workers leaves one core for the page', () => {
    assert.deepEqual([undefined, 1, 2, 4, 8, 64].map(poolSize), [1, 1, 1, 3, 4, 4]);
});

test('the worker and its imports are modules of this folder only', () => {
    const folder = new URL('../../Sources/Viewer/web/decode/', import.meta.url);
    for (const name of ['decode-worker.js', 'chunk-decoder.js', 'node-decoder.js', 'decode-pool.js']) {
        const source = readFileSync(new URL(name, folder), 'utf8');
        const imports = [...source.matchAll(/from '(.*)'/g)].map(([, from]) => from);
        assert.ok(imports.every((from) => from.startsWith('./')), `${name}: ${imports}`);
    }
});
