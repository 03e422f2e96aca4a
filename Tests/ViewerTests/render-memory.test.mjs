// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages, their allocator, and the queue in front of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataTable } from '../../Sources/Viewer/web/render/data-table.js';
import { MeshStore, enclosingSphere } from '../../Sources/Viewer/web/render/mesh-store.js';
import { RangeAllocator } from '../../Sources/Viewer/web/render/range-allocator.js';
import { TextureStore } from '../../Sources/Viewer/web/render/texture-store.js';
import { halvedLevel, levelsBelow } from '../../Sources/Viewer/web/render/texture-tail.js';
import { UploadQueue } from '../../Sources/Viewer/web/render/upload-queue.js';
import { fakeContext, meshEvent } from './fake-graphics.mjs';

function random(seed) {
    let state = seed;
    return (limit) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * limit);
    };
}

test('ranges never overlap, and everything freed is one range again', () => {
    const next = random(7);
    const allocator = new RangeAllocator(5000);
    const owners = new Int32Array(5000).fill(-1);
    let held = [];
    for (let step = 0; step < 4000; step += 1) {
        if (held.length > 0 && next(2) === 0) {
            const [{ start, count }] = held.splice(next(held.length), 1);
            owners.fill(-1, start, start + count);
            allocator.free(start, count);
        } else {
            const count = 1 + next(200);
            const start = allocator.allocate(count);
            if (start < 0) continue;
            assert.ok(owners.subarray(start, start + count).every((owner) => owner === -1));
            owners.fill(step, start, start + count);
            held.push({ start, count });
        }
        assert.equal(allocator.freeCount, owners.filter((owner) => owner === -1).length);
    }
    held.forEach(({ start, count }) => allocator.free(start, count));
    held = [];
    assert.deepEqual([allocator.rangeCount, allocator.freeCount, allocator.isEmpty], [1, 5000, true]);
    assert.equal(allocator.allocate(5000), 0);
    assert.equal(allocator.allocate(1), -1);
});

test('meshes share a page, with the first vertex added to their indices', () => {
    const gl = fakeContext();
    const store = new MeshStore(gl);
    store.add(meshEvent(1, 100));
    store.add(meshEvent(2, 50));
    assert.equal(store.get(1).page, store.get(2).page);
    assert.equal(store.get(2).slot.firstVertex, 100);
    const written = gl.calls.filter(([name]) => name === 'bufferSubData').at(-1);
    assert.deepEqual([...written[3].subarray(0, 3)], [100, 101, 102]);
    assert.equal(store.usedByteCount, 150 * 12 + 150 * 2);
});

test('a freed place is used again', () => {
    const store = new MeshStore(fakeContext());
    store.add(meshEvent(1, 1000));
    store.add(meshEvent(2, 1000));
    const pages = store.pageByteCount;
    store.remove(1);
    store.add(meshEvent(3, 900));
    assert.equal(store.get(3).slot.firstVertex, 0);
    assert.equal(store.pageByteCount, pages);
    assert.equal(store.get(1), undefined);
});

test('a node that comes again replaces its mesh', () => {
    const store = new MeshStore(fakeContext());
    store.add(meshEvent(1, 1000));
    store.add(meshEvent(1, 10));
    assert.equal(store.usedByteCount, 10 * 14);
    assert.equal(store.meshCount, 1);
});

test('a page never uses the index that restarts strips, and large meshes get a page of their own', () => {
    const store = new MeshStore(fakeContext());
    store.add(meshEvent(1, 65535));
    store.add(meshEvent(2, 1));
    assert.notEqual(store.get(1).page, store.get(2).page);
    assert.equal(store.get(1).page.indexSize, 2);
    store.add(meshEvent(3, 65536, { isWide: true }));
    assert.equal(store.get(3).page.indexSize, 4);
    assert.equal(store.get(3).slot.firstVertex, 0);
    const before = store.pageByteCount;
    store.remove(3);
    assert.equal(store.pageByteCount, before - 65536 * 20);
    store.add(meshEvent(4, 10, { indexCount: 600000 }));
    assert.equal(store.get(4).page.indexSize, 4);
});

/** A store whose driver is as far, and has as much memory, as `driver` says. It has some pages that are not asked about. */
function storeOn(driver) {
    const gl = fakeContext();
    const answers = {
        getError: () => (driver.isFull ? 'OUT_OF_MEMORY' : 'NO_ERROR'),
        getSyncParameter: () => (driver.isBusy ? 'UNSIGNALED' : 'SIGNALED'),
        fenceSync: () => ({}),
    };
    const store = new MeshStore(new Proxy(gl, { get: (target, name) => answers[name] ?? target[name] }));
    for (const node of [100, 101]) store.add(meshEvent(node, 65535));
    assert.deepEqual(store.takeUploaded(), [100, 101], 'so little is there');
    return { gl, store };
}

/** What is told of as uploaded after the driver was heard. */
function heard(store) {
    assert.ok(store.settle());
    return store.takeUploaded();
}

test('meshes in new memory are told of when the driver has had it, all others at once', () => {
    const driver = { isBusy: true, isFull: false };
    const { store } = storeOn(driver);
    store.add(meshEvent(1, 1000));
    assert.deepEqual(heard(store), []);
    assert.deepEqual([store.isBusy, store.waitingCount], [true, 1]);
    store.add(meshEvent(2, 1000));
    assert.deepEqual(heard(store), []);
    driver.isBusy = false;
    assert.equal(store.isBusy, false);
    assert.deepEqual(heard(store), [1, 2]);
    store.add(meshEvent(3, 1000));
    assert.deepEqual([store.takeUploaded(), store.waitingCount], [[3], 0]);
});

test('what is removed while the driver is asked is not told of', () => {
    const driver = { isBusy: true, isFull: false };
    const { store } = storeOn(driver);
    for (const [node, count] of [[1, 10], [2, 70_000], [3, 10]]) store.add(meshEvent(node, count, { isWide: count > 65_535 }));
    store.takeUploaded();
    store.remove(1);
    store.remove(2);
    driver.isBusy = false;
    assert.deepEqual(heard(store), [3]);
});

test('an exhausted GPU refuses a mesh and keeps the others', () => {
    const driver = { isBusy: false, isFull: false };
    const { store } = storeOn(driver);
    store.add(meshEvent(1, 65535));
    store.takeUploaded();
    assert.deepEqual(heard(store), [1]);
    const before = store.pageByteCount;
    driver.isFull = true;
    store.add(meshEvent(2, 65535));
    store.add(meshEvent(3, 70_000, { isWide: true }));
    store.takeUploaded();
    assert.equal(store.settle(), false);
    assert.deepEqual([store.takeUploaded(), store.meshCount, store.pageByteCount, store.waitingCount], [[], 3, before, 0]);
    driver.isFull = false;
    store.add(meshEvent(2, 65535));
    store.takeUploaded();
    assert.deepEqual(heard(store), [2]);
});

test('a page that is made while the driver is asked is asked about next', () => {
    const driver = { isBusy: true, isFull: false };
    const { store } = storeOn(driver);
    store.add(meshEvent(1, 65535));
    store.takeUploaded();
    store.add(meshEvent(2, 65535));
    store.takeUploaded();
    driver.isBusy = false;
    assert.deepEqual(heard(store), [1]);
    assert.equal(store.waitingCount, 1);
    assert.deepEqual(heard(store), [2]);
});

test('the sphere around a mesh is in grid steps from the geometry\'s zero', () => {
    assert.deepEqual(enclosingSphere(meshEvent(1, 101, { origin: [10, -20, 30] })), { center: [60, -20, 30], radius: 50 });
    assert.deepEqual(enclosingSphere(meshEvent(1, 3, { isWide: true })), { center: [1, 0, 0], radius: 1 });
    assert.deepEqual(enclosingSphere(meshEvent(1, 0, { origin: [1, 2, 3] })), { center: [1, 2, 3], radius: 0 });
});

test('a table is written in whole rows and the rest', () => {
    const gl = fakeContext();
    const table = new DataTable(gl, 'int4');
    assert.equal(table.reserve(1024), false);
    assert.equal(table.reserve(3000), true);
    assert.equal(table.byteCount, 4 * 1024 * 16);
    gl.calls.length = 0;
    table.write(new Int32Array(4 * 3000), 1000, 2000);
    const areas = gl.calls.filter(([name]) => name === 'texSubImage2D')
        .map(([, , , x, y, width, height, , , , from]) => [x, y, width, height, from]);
    assert.deepEqual(areas, [[1000, 0, 24, 1, 4000], [0, 1, 1024, 1, 4096], [0, 2, 952, 1, 8192]]);
});

test('one call uploads a mebibyte of meshes, stops when the time is over, and always gets on', () => {
    const queue = new UploadQueue();
    const [vertices, indices] = [new ArrayBuffer(1 << 18), new Uint16Array(0)];
    for (let node = 0; node < 10; node += 1) queue.addMesh({ node, vertices, indices });
    const put = [];
    const run = (budget, now) => queue.run(budget, ({ node }) => put.push(node), {}, now);
    run(1000, () => 0);
    assert.deepEqual(put, [0, 1, 2, 3]);
    let time = 0;
    run(2, () => (time += 2.5));
    assert.deepEqual(put, [0, 1, 2, 3, 4]);
    run(0, () => 5);
    assert.deepEqual(put, [0, 1, 2, 3, 4, 5]);
    queue.dropMesh(6);
    queue.addMesh({ node: 7, vertices, indices });
    run(1000, () => 0);
    assert.deepEqual(put.slice(6), [8, 9, 7]);
});

test('textures are uploaded in strips, by bytes, in the order in which they are accepted', () => {
    const queue = new UploadQueue();
    for (const level of [0, 1, 2]) queue.addTexture({ texture: 1, level, left: 5, image: {} });
    const put = [];
    const textures = {
        accepts: ({ level }) => level === 2 || put.length >= 5,
        put(event, limit) {
            if (event.left === 0) return 0;
            put.push(event.level);
            event.left -= 1;
            return limit;
        },
    };
    queue.run(1000, () => {}, textures, () => 0);
    assert.deepEqual(put, [2, 2, 2, 2]);
    queue.dropTexture(1, 1);
    queue.run(1000, () => {}, textures, () => 0);
    assert.deepEqual(put, [2, 2, 2, 2, 2]);
    queue.run(0, () => {}, textures, () => 0);
    assert.deepEqual(put.slice(5), [0]);
    assert.equal(queue.waitingCount, 1);
});

function textureStore() {
    const gl = fakeContext();
    const store = new TextureStore();
    store.describe([{ texture: 5, width: 512, height: 256, levels: 4, wrapU: 'repeat', wrapV: 'clampToEdge', isNearest: false }]);
    store.noteRole(5, true);
    store.attach({ gl, anisotropy: null, capabilities: { isSoftware: true, maximumAnisotropy: 1 } });
    const add = (level) => {
        const event = { texture: 5, level, width: 512 >> level, height: 256 >> level, image: { close() {} } };
        if (!store.accepts(event)) return false;
        while (store.put(event, 100000) > 0);
        return true;
    };
    return { gl, store, add, empty: store.byteCount };
}
const bytes = (...levels) => levels.reduce((sum, level) => sum + 4 * (512 >> level) * (256 >> level), 0);

test('a texture takes the memory of the levels that are there, and gives it back', () => {
    const { store, add, empty } = textureStore();
    add(3);
    assert.equal(store.byteCount - empty, bytes(3));
    add(2);
    add(1);
    assert.equal(store.byteCount - empty, bytes(1, 2, 3));
    store.remove(5, 1);
    assert.equal(store.byteCount - empty, bytes(2, 3));
    add(1);
    assert.equal(store.byteCount - empty, bytes(1, 2, 3));
    [1, 2, 3].forEach((number) => store.remove(5, number));
    assert.equal(store.byteCount, empty);
});

test('a level waits for the coarser ones', () => {
    const { store, add, empty } = textureStore();
    assert.equal(add(1), false);
    assert.ok(add(3));
    assert.equal(add(1), false);
    assert.ok(add(2) && add(1));
    assert.equal(store.byteCount - empty, bytes(1, 2, 3));
});

test('a level that is dropped half sent leaves nothing behind', () => {
    const { store, add, empty } = textureStore();
    add(3);
    const event = { texture: 5, level: 2, width: 128, height: 64, image: {} };
    assert.equal(store.put(event, 5000), 9 * 512);
    assert.equal(store.byteCount - empty, bytes(3) + bytes(2, 3));
    store.remove(5, 2);
    assert.equal(store.byteCount - empty, bytes(3));
    assert.ok(add(2));
    assert.equal(store.byteCount - empty, bytes(2, 3));
});

test('a coarse level that is dropped early goes when the finer ones do', () => {
    const { store, add, empty } = textureStore();
    [3, 2, 1].forEach((number) => add(number));
    store.remove(5, 2);
    assert.equal(store.byteCount - empty, bytes(1, 2, 3));
    store.remove(5, 1);
    assert.equal(store.byteCount - empty, bytes(3));
});

test('colours are stored as sRGB; a texture in both roles is stored as numbers and decoded', () => {
    const { gl, store, add } = textureStore();
    assert.equal(store.conversion(5, true), 0);
    assert.equal(store.noteRole(5, false), true);
    assert.deepEqual([store.conversion(5, true), store.conversion(5, false)], [1, 0]);
    add(3);
    assert.equal(gl.calls.filter(([name]) => name === 'texStorage2D').at(-1)[3], 'RGBA8');
});

test('a role found after the upload is served by encoding', () => {
    const { gl, store, add } = textureStore();
    add(3);
    assert.equal(gl.calls.filter(([name]) => name === 'texStorage2D').at(-1)[3], 'SRGB8_ALPHA8');
    store.noteRole(5, false);
    assert.deepEqual([store.conversion(5, true), store.conversion(5, false)], [0, 2]);
});

test('smaller levels are means: of light for colours, of numbers for data, weighted by alpha', () => {
    const data = Uint8Array.from([255, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 255]);
    assert.deepEqual([...halvedLevel({ width: 2, height: 2, data }, false).data], [128, 128, 128, 255]);
    assert.deepEqual([...halvedLevel({ width: 2, height: 2, data }, true).data], [188, 188, 188, 255]);
    const hidden = Uint8Array.from([200, 10, 10, 255, 0, 0, 0, 0]);
    assert.deepEqual([...halvedLevel({ width: 2, height: 1, data: hidden }, true).data], [200, 10, 10, 128]);
    const sizes = levelsBelow({ width: 5, height: 2, data: new Uint8Array(40) }, false).map(({ width, height }) => [width, height]);
    assert.deepEqual(sizes, [[2, 1], [1, 1]]);
});
