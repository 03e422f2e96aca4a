// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { Emitter } from '../../Sources/Viewer/web/ui/emitter.js';
import { StreamFeed } from '../../Sources/Viewer/web/ui/stream-feed.js';
import { TaskMeter } from '../../Sources/Viewer/web/ui/task-meter.js';

class FakeStream extends Emitter {
    told = [];

    uploaded(nodes) {
        this.told.push([...nodes]);
    }
}

class FakeRenderer {
    calls = [];
    waiting = [];
    statistics = { waitingCount: 0 };

    setMaterial({ material }) { this.calls.push(`material ${material}`); }

    addMesh({ node }) { this.waiting.push(node); }

    addTexture({ texture }) { this.calls.push(`texture ${texture}`); }

    upload() {
        return new Uint32Array(this.waiting.splice(0, 2));
    }

    setDraw({ name, instances, instanceCount }) { this.calls.push(`draw ${name} ${instances} ${instanceCount}`); }

    drop({ nodes }) { this.calls.push(`drop ${nodes}`); }
}

function setUp() {
    const [stream, renderer] = [new FakeStream(), new FakeRenderer()];
    let asked = 0;
    const feed = new StreamFeed(stream, new TaskMeter(), () => { asked += 1; });
    return { stream, renderer, feed, asked: () => asked };
}

test('what came before the renderer is handed over in its order', () => {
    const { stream, renderer, feed } = setUp();
    stream.emit('material', { material: 3 });
    stream.emit('mesh', { node: 1 });
    stream.emit('draw', { name: 'a', instances: 'table', instanceCount: 5 });
    assert.equal(feed.frame(), false);
    assert.equal(feed.hasPendingUploads, true);
    feed.attach(renderer);
    assert.equal(feed.hasPendingUploads, false);
    assert.equal(feed.frame(), true);
    assert.deepEqual(renderer.calls, ['material 3', 'draw a table 5']);
    assert.deepEqual(stream.told, [[1]]);
});

test('meshes are uploaded a few per frame and told to the stream', () => {
    const { stream, renderer, feed, asked } = setUp();
    feed.attach(renderer);
    for (const node of [1, 2, 3]) stream.emit('mesh', { node });
    assert.equal(asked(), 3);
    feed.frame();
    feed.frame();
    feed.frame();
    assert.deepEqual(stream.told, [[1, 2], [3]]);
});

test('of draw lists only the newest counts, with the newest instance table', () => {
    const { stream, renderer, feed } = setUp();
    feed.attach(renderer);
    stream.emit('draw', { name: 'a', instances: 'one', instanceCount: 1 });
    stream.emit('draw', { name: 'b', instances: null, instanceCount: 1 });
    feed.frame();
    stream.emit('draw', { name: 'c', instances: null, instanceCount: 1 });
    feed.frame();
    assert.deepEqual(renderer.calls, ['draw b one 1', 'draw c null 1']);
    assert.equal(feed.frame(), false);
});

test('the list that came before a drop is in place when it happens', () => {
    const { stream, renderer, feed } = setUp();
    feed.attach(renderer);
    stream.emit('draw', { name: 'a', instances: null, instanceCount: 0 });
    stream.emit('drop', { nodes: [7], textures: [] });
    assert.deepEqual(renderer.calls, ['draw a null 0', 'drop 7']);
});

test('hidden pages go on taking in what arrives', () => {
    const { stream, renderer, feed } = setUp();
    feed.hiddenFrame();
    feed.attach(renderer);
    stream.emit('mesh', { node: 1 });
    feed.hiddenFrame();
    assert.deepEqual(stream.told, [[1]]);
});
