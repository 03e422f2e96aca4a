// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The page's end of the stream: it carries messages and does nothing else.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Stream } from '../../Sources/Viewer/web/stream/stream.js';

function setUp(options = {}) {
    const worker = { sent: [], postMessage: (message) => worker.sent.push(message) };
    const stream = new Stream({ url: 'ws://h/s', model: 'm', createWorker: () => worker, ...options });
    const say = (name, event) => worker.onmessage({ data: { name, event } });
    return { worker, stream, say };
}

test('the worker starts with the options and defaults for what is missing', () => {
    const { worker } = setUp({ limits: { triangleCount: 7 } });
    const [{ call, values: [options] }] = worker.sent;
    assert.equal(call, 'start');
    assert.deepEqual(options, {
        url: 'ws://h/s', model: 'm', thresholdPixels: 1, store: true,
        limits: { gpuByteCount: 512 << 20, triangleCount: 7 },
    });
});

test('calls become messages in their order', () => {
    const { worker, stream } = setUp();
    stream.setView({ eye: [1, 2, 3] }, { isMoving: true });
    stream.setView({ eye: [1, 2, 4] });
    stream.uploaded(Uint32Array.of(4));
    stream.setLimits({ triangleCount: 5 });
    stream.setThreshold(2);
    stream.hint(3, [1, 2]);
    stream.restore();
    stream.reconnect();
    stream.close();
    assert.deepEqual(worker.sent.slice(1), [
        { call: 'setView', values: [{ eye: [1, 2, 3] }, { isMoving: true }] },
        { call: 'setView', values: [{ eye: [1, 2, 4] }, {}] }, { call: 'uploaded', values: [Uint32Array.of(4)] },
        { call: 'setLimits', values: [{ triangleCount: 5 }] }, { call: 'setThreshold', values: [2] },
        { call: 'hint', values: [3, Uint32Array.of(1, 2)] }, { call: 'restore', values: [] },
        { call: 'reconnect', values: [] }, { call: 'close', values: [] },
    ]);
});

test('events go to their handlers, meshes one by one, until a handler is taken away', () => {
    const { stream, say } = setUp();
    const heard = [];
    const end = stream.on('mesh', ({ node }) => heard.push(node));
    stream.on('mesh', ({ node }) => heard.push(-node));
    stream.on('draw', (event) => heard.push(event));
    say('mesh', [{ node: 1 }, { node: 2 }]);
    say('settled', {});
    say('draw', 'list');
    end();
    say('mesh', [{ node: 3 }]);
    assert.deepEqual(heard, [1, -1, 2, -2, 'list', -3]);
    stream.close();
    say('draw', 'late');
    assert.equal(heard.length, 6);
});

test('a worker that does not run is a failure of the stream', () => {
    const { worker, stream } = setUp();
    const heard = [];
    stream.on('status', (event) => heard.push(event));
    worker.onerror({ message: 'blocked' });
    assert.equal(heard[0].state, 'failed');
    assert.match(heard[0].message, /blocked/);
});
