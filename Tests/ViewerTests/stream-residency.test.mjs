// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What is resident: chunks and their nodes, textures, boxes; and when selection runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isBoxNode, makeBox } from '../../Sources/Viewer/web/stream/box-mesh.js';
import { ResidentSet } from '../../Sources/Viewer/web/stream/resident-set.js';
import { Selector } from '../../Sources/Viewer/web/stream/selector.js';
import { StreamMeter } from '../../Sources/Viewer/web/stream/stream-meter.js';
import { TextureSet } from '../../Sources/Viewer/web/stream/texture-set.js';
import { FakeClock, FakeCore, perspective } from './stream-fakes.mjs';

const nodesOf = (...nodes) => nodes.map((node, place) => ({
    headerOffset: 10 * place, headerByteCount: 5, mesh: { node, gpuByteCount: 100 },
}));

test('a chunk is pending from its decoding until its nodes are uploaded', () => {
    const resident = new ResidentSet(1000);
    const entry = resident.add(4, 1, Uint8Array.from({ length: 50 }, (_, i) => i), false);
    assert.deepEqual([resident.chunkCount, resident.nodeCount, resident.pendingByteCount], [1, 0, 0]);
    resident.decoded(entry, nodesOf(7, 8));
    assert.deepEqual([resident.nodeCount, resident.gpuByteCount, resident.pendingByteCount], [0, 0, 200]);
    const told = resident.uploaded(8);
    assert.deepEqual(told, { chunk: 4, header: Uint8Array.of(10, 11, 12, 13, 14), gpuByteCount: 100 });
    assert.equal(resident.uploaded(8), null, 'twice');
    assert.equal(resident.uploaded(99), null, 'unknown');
    assert.deepEqual([resident.nodeCount, resident.gpuByteCount, resident.pendingByteCount], [1, 100, 100]);
    assert.equal(resident.remove(4), entry);
    assert.deepEqual([resident.chunkCount, resident.nodeCount, resident.gpuByteCount], [0, 0, 0]);
    assert.deepEqual([resident.pendingByteCount, resident.copyByteCount], [0, 0]);
    assert.equal(resident.uploaded(7), null, 'evicted meanwhile');
    assert.equal(resident.remove(4), undefined);
});

test('a chunk that arrives again replaces what was there', () => {
    const resident = new ResidentSet(1000);
    resident.decoded(resident.add(1, 1, new Uint8Array(20), false), nodesOf(5));
    resident.uploaded(5);
    const entry = resident.add(1, 1, new Uint8Array(30), true);
    assert.equal(resident.get(1), entry);
    assert.deepEqual([resident.copyByteCount, resident.gpuByteCount, resident.chunkCount], [30, 0, 1]);
    resident.clear();
    assert.deepEqual([resident.copyByteCount, resident.chunkCount], [0, 0]);
});

test('compressed copies stay within their limit, the oldest go; those being decoded stay', () => {
    const resident = new ResidentSet(100);
    const entries = [1, 2, 3, 4].map((chunk) => resident.add(chunk, 1, new Uint8Array(40), false));
    assert.equal(resident.copyByteCount, 160);
    resident.decoded(entries[1], nodesOf(2));
    assert.equal(entries[1].bytes, null);
    resident.decoded(entries[0], nodesOf(1));
    assert.deepEqual(entries.map(({ bytes }) => bytes?.length ?? 0), [0, 0, 40, 40]);
    resident.restoreBytes(entries[0], new Uint8Array(40));
    assert.equal(resident.copyByteCount, 120);
    resident.restoreBytes(entries[0], new Uint8Array(40));
    assert.equal(resident.copyByteCount, 120);
});

test('after a lost context a chunk is decoded again', () => {
    const resident = new ResidentSet(1000);
    const entry = resident.add(1, 1, new Uint8Array(30), false);
    resident.decoded(entry, nodesOf(5, 6));
    resident.uploaded(5);
    resident.undecode(entry);
    assert.deepEqual([resident.nodeCount, resident.gpuByteCount, resident.pendingByteCount], [0, 0, 0]);
    assert.equal(resident.uploaded(6), null, 'of the lost context');
    resident.decoded(entry, nodesOf(5, 6));
    assert.equal(resident.pendingByteCount, 200);
    assert.ok(resident.uploaded(5) && resident.uploaded(6));
});

test('a texture takes 4/3 of its finest level; the finest of the largest goes first, the coarsest stays', () => {
    const textures = new TextureSet();
    const add = (texture, level, size) => (
        textures.add({ texture, level, width: size, height: size }, 10 * texture + level));
    add(1, 3, 8);
    add(1, 1, 32);
    add(1, 2, 16);
    add(2, 4, 64);
    assert.equal(textures.byteCount, Math.ceil((32 * 32 * 16) / 3) + Math.ceil((64 * 64 * 16) / 3));
    assert.deepEqual(textures.takeFinest(), { texture: 1, level: 1, chunk: 11 });
    assert.deepEqual(textures.takeFinest(), { texture: 1, level: 2, chunk: 12 });
    assert.equal(textures.takeFinest(), null);
    add(2, 4, 64);
    assert.deepEqual(textures.clear(), [{ texture: 1, level: 3 }, { texture: 2, level: 4 }]);
    assert.equal(textures.byteCount, 0);
});

/** Corners, in grid steps, and the normal of each triangle of a box. */
function triangles({ vertices, indices, vertexClass, origin }) {
    const isWide = vertexClass === 1;
    const [stride, normalAt] = isWide ? [16, 12] : [12, 8];
    const view = new DataView(vertices);
    const position = (index) => [0, 1, 2].map((axis) => origin[axis] + (isWide
        ? view.getInt32(stride * index + 4 * axis, true) : view.getUint16(stride * index + 2 * axis, true)));
    return Array.from({ length: indices.length / 3 }, (_, triangle) => {
        const corners = [...indices.subarray(3 * triangle, 3 * triangle + 3)];
        const [u, v] = [0, 2].map((byte) => view.getInt16(stride * corners[0] + normalAt + byte, true) / 32767);
        const z = 1 - Math.abs(u) - Math.abs(v);
        return { corners: corners.map(position), normal: z >= 0 ? [u, v, z] : [0, 0, -1] };
    });
}

test('a box has the geometry\'s box, outward faces and flat normals', () => {
    for (const boxExtent of [[10, 20, 30], [10, 70000, 30]]) {
        const box = makeBox({ geometry: 5, gridStep: 0.25, boxOrigin: [-3, 4, 5], boxExtent });
        assert.equal(box.node, 0x80000005);
        assert.ok(isBoxNode(box.node) && !isBoxNode(5));
        assert.deepEqual([box.vertexCount, box.indexCount, box.vertexClass], [24, 36, boxExtent[1] > 65535 ? 1 : 0]);
        assert.equal(box.gpuByteCount, box.vertices.byteLength + 72);
        let volume = 0;
        for (const { corners: [a, b, c], normal } of triangles(box)) {
            const [p, q] = [b, c].map((end) => end.map((value, axis) => value - a[axis]));
            const cross = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
            const length = Math.hypot(...cross);
            assert.deepEqual(cross.map((value) => value / length + 0), normal.map((value) => value + 0));
            volume += cross.reduce((sum, value, axis) => sum + value * a[axis], 0) / 6;
        }
        assert.equal(Math.round(volume), boxExtent[0] * boxExtent[1] * boxExtent[2]);
    }
});

function setUpSelector(options = {}) {
    const [clock, core, log] = [new FakeClock(), new FakeCore(), []];
    const selector = new Selector({
        core, clock, thresholdPixels: 1, draw: (event) => log.push(event), evict: (chunks) => log.push([...chunks]),
        refuse: () => log.push('refused'), ...options,
    });
    return { clock, core, log, selector };
}

test('selection runs at most once a frame, and only when something changed', () => {
    const { clock, core, selector } = setUpSelector();
    selector.invalidate();
    clock.advance(100);
    assert.equal(core.selections.length, 0, 'not without a view');
    for (let time = 0; time < 160; time += 1) {
        selector.view = { ...perspective, eye: [time, 0, 0] };
        selector.invalidate();
        clock.advance(1);
    }
    clock.advance(100);
    assert.ok(core.selections.length >= 9 && core.selections.length <= 12, `${core.selections.length} selections`);
    assert.equal(core.selections.at(-1).view.eye[0], 159);
    const { length } = core.selections;
    clock.advance(1000);
    assert.equal(core.selections.length, length);
    assert.equal(selector.isDirty, false);
});

test('chunks to drop come after a draw list without them, and instances when they are asked for', () => {
    const { clock, core, log, selector } = setUpSelector();
    core.nodes.set(7, { chunk: 4, gpuByteCount: 1 });
    core.nodes.set(8, { chunk: 6, gpuByteCount: 1 });
    core.toEvict = [4, 5];
    selector.view = perspective;
    clock.advance(20);
    assert.deepEqual([...log[0].draws.subarray(0, 1)], [8]);
    assert.deepEqual([log[0].drawCount, log[1], log.length], [1, [4, 5], 2]);
    assert.ok(log[0].instances);
    selector.invalidate();
    clock.advance(20);
    assert.equal(log.at(-1).instances, null);
    selector.wantInstances();
    clock.advance(20);
    assert.ok(log.at(-1).instances);
});

test('while a budget moves the threshold, selection goes on by itself, but not for ever', () => {
    const { clock, core, selector } = setUpSelector();
    selector.view = perspective;
    core.thresholdPixels = 1;
    const steps = [2, 4, 8];
    const select = core.select.bind(core);
    core.select = (...values) => {
        core.thresholdPixels = steps.shift();
        core.isThresholdMoving = steps.length > 0;
        return select(...values);
    };
    clock.advance(1000);
    assert.equal(core.selections.length, 3);
    assert.equal(selector.usedThreshold, 8);
    core.select = select;
    core.isThresholdMoving = true;
    selector.invalidate();
    clock.advance(60000);
    assert.ok(core.selections.length < 300);
    core.isThresholdMoving = false;
    core.thresholdPixels = 1;
    selector.thresholdPixels = 3;
    clock.advance(100);
    assert.equal(selector.usedThreshold, 3);
});

test('a view that the core refuses is told, and not tried again', () => {
    const { clock, core, log, selector } = setUpSelector();
    core.refusesViews = true;
    selector.view = perspective;
    clock.advance(100);
    selector.invalidate();
    clock.advance(100);
    assert.deepEqual(log, ['refused']);
});

test('the meter tells bandwidth over a second and the longest task', () => {
    const clock = new FakeClock();
    const meter = new StreamMeter(clock);
    for (let time = 0; time < 500; time += 10) {
        meter.received(1000);
        clock.advance(10);
    }
    assert.equal(meter.bandwidth, 50000);
    clock.advance(2000);
    assert.equal(meter.bandwidth, 0);
    assert.equal(meter.receivedByteCount, 50000);
    meter.measure(() => clock.advance(7));
    assert.throws(() => meter.measure(() => {
        clock.advance(3);
        throw new Error('failed');
    }));
    assert.deepEqual(meter.takeTasks(), { longestTaskMilliseconds: 7, recentTaskMilliseconds: 7 });
    meter.measure(() => clock.advance(2));
    assert.deepEqual(meter.takeTasks(), { longestTaskMilliseconds: 7, recentTaskMilliseconds: 2 });
});
