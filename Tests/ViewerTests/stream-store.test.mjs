// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The store of chunks for later visits: what it keeps, what goes first, and how it fails.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ChunkDatabase } from '../../Sources/Viewer/web/stream/chunk-database.js';
import { ChunkStore } from '../../Sources/Viewer/web/stream/chunk-store.js';
import { FakeIndexedDB, FakeKeyRange } from './stream-fake-indexed-db.mjs';
import { FakeClock, MemoryDatabase, settle } from './stream-fakes.mjs';

const bytes = (size, value = 1) => new Uint8Array(size).fill(value);

function setUp(options = {}) {
    const [clock, database] = [new FakeClock(), new MemoryDatabase()];
    return { clock, database, store: new ChunkStore({ database, clock, ...options }) };
}

/** A later visit to the same database. */
async function visit(database, contentHash, options = {}) {
    const store = new ChunkStore({ database, clock: new FakeClock(), ...options });
    await store.lastContent('any');
    await store.use(contentHash, 'key');
    return store;
}

const put = async (store, chunks) => {
    for (const [chunk, size] of chunks) store.put(chunk, 1, bytes(size, chunk));
    await store.flush();
};

test('what was put is there at the next visit, by content', async () => {
    const { database, store } = setUp();
    await store.use('aa', 'ws://h model');
    await put(store, [[3, 100], [7, 50]]);
    const later = await visit(database, 'aa');
    assert.deepEqual([...later.chunks].sort(), [3, 7]);
    assert.equal(later.byteCount, 150);
    assert.deepEqual(await later.get(3), { kind: 1, bytes: bytes(100, 3) });
    assert.equal(await later.get(4), null);
    assert.equal((await visit(database, 'bb')).chunkCount, 0);
});

test('the content last shown under a key is known before connecting', async () => {
    const { database, store } = setUp();
    assert.equal(await store.lastContent('engine'), null);
    await store.use('aa', 'engine');
    await put(store, [[1, 10]]);
    database.contentRecords.get('aa').usedAt = 5;
    database.contentRecords.set('bb', { contentHash: 'bb', modelKey: 'engine', byteCount: 1, usedAt: 9 });
    database.contentRecords.set('cc', { contentHash: 'cc', modelKey: 'other', byteCount: 1, usedAt: 99 });
    const later = new ChunkStore({ database, clock: new FakeClock() });
    assert.equal(await later.lastContent('engine'), 'bb');
});

test('writes come in batches: half a second after the first, or at a megabyte', async () => {
    const { clock, database, store } = setUp();
    await store.use('aa', 'key');
    await clock.pass(1000);
    const { writeCount } = database;
    store.put(1, 1, bytes(100));
    store.put(2, 1, bytes(100));
    await clock.pass(400);
    assert.equal(database.writeCount, writeCount);
    assert.deepEqual((await store.get(1)).bytes, bytes(100), 'until then it is read from memory');
    assert.ok(store.has(1) && store.chunkCount === 0);
    await clock.pass(200);
    assert.equal(database.writeCount, writeCount + 1);
    assert.equal(store.chunkCount, 2);
    store.put(3, 1, bytes(2 << 20));
    await clock.pass(10);
    assert.equal(store.chunkCount, 3);
});

test('more than can be written is not kept in memory', async () => {
    const { store } = setUp({ pendingByteLimit: 1000 });
    await store.use('aa', 'key');
    store.put(1, 1, bytes(800));
    store.put(2, 1, bytes(300));
    assert.ok(store.has(1) && !store.has(2));
});

test('damaged and missing records are as if never stored', async () => {
    const { database, store } = setUp();
    await store.use('aa', 'key');
    await put(store, [[1, 10], [2, 20], [3, 30], [4, 40], [5, 50]]);
    const later = await visit(database, 'aa');
    const record = (chunk, size) => database.records.get(JSON.stringify(['aa', chunk, size]));
    record(1, 10).bytes[4] ^= 1;
    database.records.delete(JSON.stringify(['aa', 2, 20]));
    record(3, 30).bytes = bytes(29, 3);
    record(4, 40).bytes = 'text';
    for (const chunk of [1, 2, 3, 4]) {
        assert.equal(await later.get(chunk), null, `chunk ${chunk}`);
        assert.ok(!later.has(chunk));
    }
    assert.deepEqual((await later.get(5)).bytes, bytes(50, 5));
    assert.equal(later.byteCount, 50);
});

test('a chunk that turned out to be useless is removed', async () => {
    const { database, store } = setUp();
    await store.use('aa', 'key');
    await put(store, [[1, 10], [2, 20]]);
    store.remove(1);
    store.remove(99);
    await settle();
    assert.ok(!store.has(1));
    assert.deepEqual([...(await visit(database, 'aa')).chunks], [2]);
});

test('at the limit other models go first, the least recently used one first', async () => {
    const { database, store } = setUp();
    for (const [hash, usedAt] of [['old', 1], ['older', 0], ['recent', 2]]) {
        const other = await visit(database, hash);
        await put(other, [[1, 400]]);
        database.contentRecords.get(hash).usedAt = usedAt;
    }
    assert.equal(store.chunkCount, 0);
    const now = await visit(database, 'new', { byteLimit: 1000 });
    await put(now, [[5, 500]]);
    assert.deepEqual([...database.contentRecords.keys()].sort(), ['new', 'recent']);
    assert.equal(database.records.size, 2);
});

test('then chunks of the model that this visit did not use, finest first, then those used longest ago', async () => {
    const { database } = setUp();
    await put(await visit(database, 'aa'), [[1, 100], [2, 100], [3, 100], [4, 100]]);
    const store = await visit(database, 'aa', { byteLimit: 450 });
    await store.get(4);
    await put(store, [[10, 100]]);
    assert.deepEqual([...store.chunks].sort((a, b) => a - b), [1, 2, 4, 10], 'chunk 3 is the finest one not used');
    await put(store, [[11, 100], [12, 100]]);
    assert.deepEqual([...store.chunks].sort((a, b) => a - b), [4, 10, 11, 12]);
    await store.get(4);
    await put(store, [[13, 100]]);
    assert.deepEqual([...store.chunks].sort((a, b) => a - b), [4, 11, 12, 13]);
    assert.deepEqual(new Set((await visit(database, 'aa')).chunks), new Set(store.chunks), 'as it is in the database');
});

test('more at once than the limit is not stored at all', async () => {
    const { database } = setUp();
    const store = await visit(database, 'aa', { byteLimit: 100 });
    await put(store, [[1, 101]]);
    assert.equal(store.chunkCount, 0);
    assert.ok(!store.has(1));
});

test('a full disk means keeping less, not failing', async () => {
    const { database, store } = setUp();
    await store.use('aa', 'key');
    await put(store, [[1, 1000], [2, 1000]]);
    database.failure = new DOMException('full', 'QuotaExceededError');
    await put(store, [[3, 1000]]);
    assert.deepEqual([...store.chunks].sort(), [1, 2]);
    database.failure = null;
    await put(store, [[4, 500]]);
    assert.ok(store.byteCount <= 1600 && store.has(4));
});

test('without a database everything works and nothing is kept', async () => {
    const refusing = { open: () => { throw new DOMException('private', 'SecurityError'); } };
    for (const factory of [undefined, null, refusing]) {
        const store = await ChunkStore.open({ factory, clock: new FakeClock() });
        assert.equal(await store.lastContent('key'), null);
        await store.use('aa', 'key');
        store.put(1, 1, bytes(10));
        assert.ok(!store.has(1));
        assert.equal(await store.get(1), null);
        await store.close();
    }
});

test('another content makes what waits and what is being read worthless', async () => {
    const { store } = setUp();
    await store.use('aa', 'key');
    await put(store, [[1, 10]]);
    const reading = store.get(1);
    store.put(2, 1, bytes(20));
    await store.use('bb', 'key');
    assert.equal(await reading, null);
    assert.ok(!store.has(2));
    assert.equal(store.byteCount, 0);
});

test('whoever asks for the current content waits until its chunks are known', async () => {
    const { database, store } = setUp();
    await store.use('aa', 'key');
    await put(store, [[1, 10]]);
    const later = new ChunkStore({ database, clock: new FakeClock() });
    later.use('aa', 'key');
    await later.use('aa', 'key');
    assert.equal(later.chunkCount, 1);
});

test('the database keeps chunks by content, chunk and size', async () => {
    globalThis.IDBKeyRange = FakeKeyRange;
    const factory = new FakeIndexedDB();
    const database = await ChunkDatabase.open(factory);
    const content = { contentHash: 'aa', modelKey: 'key', byteCount: 30, usedAt: 1 };
    const record = (size) => ({ kind: 1, bytes: bytes(size), check: 5 });
    await database.write(content, [[1, 10, record(10)], [300, 20, record(20)]], []);
    await database.write({ ...content, contentHash: 'ab' }, [[1, 10, record(10)]], []);
    assert.deepEqual(await database.chunks('aa'), [[1, 10], [300, 20]]);
    assert.deepEqual(await database.read('aa', 300, 20), record(20));
    assert.equal(await database.read('aa', 300, 21), undefined);
    await database.write(content, [], [[1, 10]]);
    assert.deepEqual(await database.chunks('aa'), [[300, 20]]);
    await database.removeContent('aa');
    assert.deepEqual(await database.chunks('aa'), []);
    assert.deepEqual(await database.chunks('ab'), [[1, 10]]);
    assert.deepEqual((await database.contents()).map(({ contentHash }) => contentHash), ['ab']);
    database.close();
    const again = await ChunkDatabase.open(factory);
    assert.deepEqual(await again.chunks('ab'), [[1, 10]]);
    factory.failure = new DOMException('full', 'QuotaExceededError');
    await assert.rejects(again.write(content, [[1, 1, record(1)]], []), { name: 'QuotaExceededError' });
    await assert.rejects(ChunkDatabase.open({ open: () => failing(new Error('no')) }), /no/);
});

function failing(error) {
    const request = { error };
    queueMicrotask(() => request.onerror());
    return request;
}

test('the store works on the database as it does on the fake', async () => {
    globalThis.IDBKeyRange = FakeKeyRange;
    const factory = new FakeIndexedDB();
    const store = await ChunkStore.open({ factory, clock: new FakeClock() });
    await store.use('aa', 'key');
    await put(store, [[1, 10], [2, 20]]);
    await store.close();
    const later = await ChunkStore.open({ factory, clock: new FakeClock() });
    assert.equal(await later.lastContent('key'), 'aa');
    await later.use('aa', 'key');
    assert.deepEqual((await later.get(2)).bytes, bytes(20, 2));
});
