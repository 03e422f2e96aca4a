// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Where the engine runs, the questions about places, and what is measured.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { colorAt } from '../../Sources/Viewer/web/frames/background-painter.js';
import { maximumPixels } from '../../Sources/Viewer/web/frames/decode-probe.js';
import { FrameStream } from '../../Sources/Viewer/web/frames/frame-stream.js';
import { LatencyMeter } from '../../Sources/Viewer/web/frames/latency-meter.js';
import { PickRequests } from '../../Sources/Viewer/web/frames/pick-requests.js';

function setUp({ createWorker } = {}) {
    const worker = {
        sent: [], isTerminated: false,
        postMessage: (message) => worker.sent.push(message), terminate: () => { worker.isTerminated = true; },
    };
    const engines = [];
    const createEngine = (options, { emit }) => {
        const engine = { options, emit, calls: [] };
        for (const name of ['start', 'setView', 'setHello', 'close', 'reconnect']) {
            engine[name] = (...values) => engine.calls.push([name, ...values]);
        }
        engines.push(engine);
        return engine;
    };
    const stream = new FrameStream({ url: 'ws://h/s' }, createWorker ?? (() => worker), createEngine);
    return { worker, stream, engines, ready: (canDecode) => worker.onmessage({ data: { name: 'ready', event: { canDecode } } }) };
}

test('calls wait until the worker is ready, then go to it in their order', () => {
    const { worker, stream, engines, ready } = setUp();
    stream.setView('v', 'm', 5);
    assert.deepEqual(worker.sent, []);
    assert.equal(stream.isInWorker, null);
    ready(true);
    stream.close();
    assert.deepEqual(worker.sent.map(({ call, values }) => [call, ...values]), [
        ['start', { url: 'ws://h/s' }], ['setView', 'v', 'm', 5], ['close'],
    ]);
    assert.equal(stream.isInWorker, true);
    assert.equal(engines.length, 0);
});

test('the worker\'s events reach their handlers until they are taken away', () => {
    const { worker, stream, ready } = setUp();
    const heard = [];
    const end = stream.on('frame', (event) => heard.push(event));
    ready(true);
    worker.onmessage({ data: { name: 'frame', event: 1 } });
    end();
    worker.onmessage({ data: { name: 'frame', event: 2 } });
    assert.deepEqual(heard, [1]);
    stream.close();
});

for (const [what, options, act] of [
    ['there are no workers', { createWorker: () => { throw new Error('none'); } }, () => {}],
    ['the worker cannot be loaded', {}, ({ worker }) => worker.onerror({})],
    ['the worker cannot decode pictures', {}, ({ ready }) => ready(false)],
]) {
    test(`where ${what}, the engine runs on the page`, async () => {
        const parts = setUp(options);
        const { stream, engines } = parts;
        stream.setView('v', 'm', 5);
        act(parts);
        stream.reconnect();
        assert.deepEqual(engines[0].calls, [['start'], ['setView', 'v', 'm', 5], ['reconnect']]);
        assert.equal(stream.isInWorker, false);
        const heard = [];
        stream.on('status', (event) => heard.push(event));
        engines[0].emit('status', 'open');
        assert.deepEqual(heard, [], 'as from a worker: later');
        await new Promise((resolve) => { setTimeout(resolve, 1); });
        assert.deepEqual(heard, ['open']);
        stream.close();
        assert.deepEqual(engines[0].calls.at(-1), ['close']);
    });
}

test('a worker that breaks later is a failure with its reason', () => {
    const { worker, stream, ready } = setUp();
    const heard = [];
    stream.on('status', (event) => heard.push(event));
    ready(true);
    worker.onerror({ message: 'out of memory' });
    assert.deepEqual([heard[0].state, heard[0].code], ['failed', 'worker']);
    assert.match(heard[0].message, /out of memory/);
    stream.close();
});

test('closed before anything has begun, nothing begins', () => {
    const { worker, stream, engines } = setUp();
    stream.close();
    worker.onerror({});
    assert.equal(worker.isTerminated, true);
    assert.equal(engines.length, 0);
});

test('answers find their questions; nobody waits for ever', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const asked = [];
    const picks = new PickRequests((...values) => asked.push(values));
    const [first, second, third] = [picks.ask(4, [0, 1]), picks.ask(0, [1, 1]), picks.ask(0, [0, 0])];
    assert.deepEqual(asked, [[1, 4, [0, 1]], [2, 0, [1, 1]], [3, 0, [0, 0]]]);
    picks.take({ request: 2, isHit: true });
    picks.take({ request: 9, isHit: true });
    assert.deepEqual(await second, { request: 2, isHit: true });
    context.mock.timers.tick(3001);
    assert.equal(await first, null);
    assert.equal(await third, null);
    const last = picks.ask(1, [0, 0]);
    picks.reset();
    assert.equal(await last, null);
});

test('latency is told by its middle and its worst', () => {
    const meter = new LatencyMeter();
    assert.deepEqual([meter.last, meter.quantile(0.5)], [null, null]);
    for (let value = 1; value <= 300; value += 1) meter.add(value);
    assert.equal(meter.last, 300);
    assert.equal(meter.quantile(0.5), 200);
    assert.equal(meter.quantile(0.95), 290);
    assert.equal(meter.quantile(0), 101);
});

test('a slow decoder gets fewer pixels, within limits; an unknown one a cautious number', () => {
    assert.equal(maximumPixels(null), 1280 * 720);
    assert.equal(maximumPixels(1), 640 * 360);
    assert.equal(maximumPixels(50_000), 1_000_000);
    assert.equal(maximumPixels(1e9), 3840 * 2160);
});

test('the background is the gradient that the renderer draws', () => {
    const colors = { top: '#f1f4f7', bottom: '#ccd4dd' };
    assert.equal(colorAt(colors, 0), 'rgb(204, 212, 221)');
    assert.equal(colorAt(colors, 1), 'rgb(241, 244, 247)');
    assert.equal(colorAt(colors, 0.5), 'rgb(223, 228, 234)');
});
