// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The negotiated path with parts of the test: what it asks of them, shows, and tells.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NegotiatedPath } from '../../Sources/Viewer/web/paths/negotiated-path.js';
import { Emitter } from '../../Sources/Viewer/web/ui/emitter.js';
import { CloseCode, RenderPath } from '../../Sources/Viewer/web/wire/messages.generated.js';
import { FakeClock, settle } from './stream-fakes.mjs';

globalThis.navigator ??= {};

/** Remembers calls; what is asked of it is in its fields. */
class FakePath {
    calls = [];
    isReady = true;
    isComplete = true;
    hasPicture = false;
    missing = null;
    status = {};

    constructor(owner) { this.owner = owner; }

    async start() { this.owner.emit('started'); }
    frame(seconds, view) {
        this.calls.push('frame');
        this.owner.emit('frame', { view });
        return false;
    }
    draw(view) {
        this.calls.push('draw');
        this.owner.emit('frame', { view });
    }
    resize(size) { this.calls.push(`resize ${size.width}`); }
    setView() {}
    setVisible() {}
    invalidate() {}
    dispose() { this.calls.push('dispose'); }
    estimate() { return this.constructor.name; }
    async pick() { return this.constructor.name; }
    count(call) { return this.calls.filter((entry) => entry === call).length; }
}

class FakeClient extends FakePath {
    isLost = false;
    isSettled = false;
    errorPixels = Infinity;
    hasMemoryPressure = false;
    decodeBacklogByteCount = 0;
    shownView = null;
    constructor(owner) {
        super(owner);
        this.stream = owner.options.createStream();
    }
    isShowing(view) { return this.shownView === view || this.shownView === 'any'; }
}

class FakeServer extends FakePath {
    shownFrameCount = 0;
    kind = null;
    errorPixels = 1;
    kindOf() { return this.kind; }
    showCopy() { this.calls.push('showCopy'); }
}

class FakeLayers {
    client = { width: 0, height: 0 };
    server = { width: 0, height: 0 };
    opacity = 0;
    target = 0;
    isFading = false;
    log = [];
    #until = 0;
    cut(opacity) {
        Object.assign(this, { opacity, target: opacity, isFading: false });
        this.log.push(`cut ${opacity}`);
    }
    fade(opacity, now, until) {
        if (until <= now) return this.cut(opacity);
        Object.assign(this, { target: opacity, isFading: true });
        this.#until = until;
        this.log.push(`fade ${opacity}`);
        return undefined;
    }
    update(now) {
        if (this.isFading && now >= this.#until) Object.assign(this, { opacity: this.target, isFading: false });
        return this.isFading;
    }
    compose() { return null; }
    remove() {}
}

async function setUp({ path = 'auto', clientError = null, probe = null } = {}) {
    const clock = new FakeClock();
    const layers = new FakeLayers();
    const streams = new Emitter();
    const sent = [];
    const record = (name) => (...values) => { sent.push([name, ...values]); };
    const stream = { frames: {}, chunks: {}, on: (...values) => streams.on(...values), openChunks: () => stream.chunks };
    for (const name of [
        'setView', 'setPaths', 'setHello', 'setCan', 'sendFacts', 'sendWish', 'answerPath', 'preloadChunks', 'setDrawing',
        'evictChunks', 'reconnect', 'restart', 'close',
    ]) stream[name] = record(name);
    const state = { isInteracting: false, isMotionReduced: false, options: null };
    const parts = {};
    const events = [];
    class Client extends FakeClient {
        constructor(owner) {
            super(owner);
            parts.client = this;
        }
        async start() {
            if (clientError) throw clientError;
        }
    }
    const negotiated = new NegotiatedPath({
        element: null, options: { path, limits: {}, server: 'http://h/' }, request() {}, startedAt: 0,
        emit: (name, event) => events.push([name, event]),
        isInteracting: () => state.isInteracting, isMotionReduced: () => state.isMotionReduced,
    }, {
        createStream: (options) => {
            state.options = options;
            return stream;
        },
        createServer: (owner) => (parts.server = new FakeServer(owner)),
        loadClient: async () => ({ ClientPath: Client, loadProbe: async () => probe }),
        createLayers: () => layers, time: clock,
    });
    await negotiated.start({ model: 'm' }, { width: 640, height: 360 });
    await settle();
    let view = { name: 'view 1' };
    const look = (isMoving = false) => negotiated.frame(clock.now() / 1000, view, isMoving);
    const move = () => {
        view = { ...view };
        negotiated.setView(view, { isMoving: true });
    };
    const welcome = (first = 'server') => {
        streams.emit('status', { state: 'open', code: 0 });
        streams.emit('welcome', { path: first, isNegotiated: true, reason: 'first' });
    };
    const decide = (number, name, fields = {}) => streams.emit('path', {
        number, path: RenderPath[name], isEmergency: false, readyErrorPixels: 2, json: { reason: 'because', code: 'asked' }, ...fields,
    });
    const named = (name) => events.filter(([event]) => event === name).map(([, event]) => event);
    const told = (name) => sent.filter(([call]) => call === name).map(([, ...values]) => values);
    const pass = async (milliseconds) => {
        await clock.pass(milliseconds, 20);
        look();
    };
    return { negotiated, clock, layers, streams, sent, state, parts, look, move, welcome, decide, named, told, pass, view: () => view };
}

/** The server's picture is shown. */
async function served(options) {
    const all = await setUp(options);
    all.welcome();
    all.parts.server.hasPicture = true;
    all.parts.server.kind = 1;
    all.parts.server.shownFrameCount = 1;
    all.look();
    return all;
}

test('the first picture of the server is shown before anything of the client path is there', async () => {
    const { negotiated, layers, parts, named } = await served();
    assert.deepEqual(layers.log, ['cut 1']);
    assert.equal(parts.client, undefined);
    assert.equal(negotiated.status.path, 'server');
    assert.equal(named('welcome').length, 1);
    assert.equal(named('path').at(-1).path, 'server');
});

test('what is asked for by the page is asked for at the start', async () => {
    const { state, parts } = await setUp({ path: 'client' });
    assert.deepEqual([state.options.wish, state.options.can, state.options.startsWithChunks], ['client', ['client', 'server'], true]);
    assert.ok(parts.client);
    const auto = await setUp();
    assert.deepEqual([auto.state.options.wish, auto.state.options.startsWithChunks], ['auto', false]);
});

test('the client path is prepared behind the picture and fades in when it is good enough', async () => {
    const { negotiated, layers, parts, decide, look, pass, told, view } = await served();
    decide(1, 'client');
    await settle();
    const { client } = parts;
    assert.deepEqual(told('setDrawing'), [[true]]);
    look();
    assert.equal(client.count('frame'), 1, 'it draws behind');
    Object.assign(client, { hasPicture: true, errorPixels: 9 });
    client.shownView = view();
    look();
    assert.deepEqual(layers.log, ['cut 1']);
    client.errorPixels = 1.5;
    look();
    assert.deepEqual(layers.log.slice(1), ['fade 0']);
    assert.deepEqual(told('answerPath'), []);
    await pass(140);
    assert.deepEqual(told('answerPath'), [[1, true, null]]);
    assert.deepEqual([negotiated.status.path, layers.opacity], ['client', 0]);
    const frames = parts.server.count('frame');
    look();
    assert.equal(parts.server.count('frame'), frames, 'the other one rests');
});

test('a settled stream is good enough, however it is measured', async () => {
    const { layers, parts, decide, look, view } = await served();
    decide(1, 'client');
    await settle();
    Object.assign(parts.client, { hasPicture: true, errorPixels: 50, isSettled: true, shownView: view() });
    look();
    assert.equal(layers.log.at(-1), 'fade 0');
});

test('a picture of another view is not good enough, and a hand keeps the change waiting', async () => {
    const { layers, parts, state, decide, look, move, view } = await served();
    decide(1, 'client');
    await settle();
    Object.assign(parts.client, { hasPicture: true, errorPixels: 1, shownView: view() });
    move();
    look();
    assert.deepEqual(layers.log, ['cut 1'], 'it shows the view before');
    parts.client.shownView = view();
    state.isInteracting = true;
    look();
    state.isInteracting = false;
    look(true);
    assert.deepEqual(layers.log, ['cut 1']);
    look();
    assert.deepEqual(layers.log, ['cut 1', 'fade 0']);
});

/** The client's picture is shown, by decision 1. */
async function drawn(options) {
    const all = await served(options);
    all.decide(1, 'client');
    await settle();
    Object.assign(all.parts.client, { hasPicture: true, errorPixels: 1, shownView: 'any', isSettled: true });
    all.look();
    await all.pass(140);
    all.layers.log.length = 0;
    return all;
}

test('the server takes over with a new still of the same view', async () => {
    const { layers, parts, decide, look, pass, told } = await drawn();
    parts.server.kind = 3;
    decide(2, 'server');
    look();
    assert.deepEqual(layers.log, [], 'the last one is old');
    Object.assign(parts.server, { shownFrameCount: 2, kind: null });
    look();
    assert.deepEqual(layers.log, [], 'it shows another view');
    parts.server.kind = 0;
    look();
    assert.deepEqual(layers.log, [], 'a still is on its way');
    Object.assign(parts.server, { kind: 1, errorPixels: 40 });
    look();
    assert.deepEqual(layers.log, [], 'the server has to load the model first');
    parts.server.errorPixels = 1.5;
    look();
    await pass(140);
    assert.deepEqual(layers.log, ['fade 1', 'cut 1']);
    assert.deepEqual(told('answerPath').at(-1), [2, true, null]);
});

test('where no still comes, a moving picture has to do', async () => {
    const { layers, parts, decide, look, pass } = await drawn();
    decide(2, 'server');
    Object.assign(parts.server, { shownFrameCount: 2, kind: 0 });
    look();
    await pass(720);
    assert.deepEqual(layers.log, ['fade 1']);
});

test('in a hybrid a still fades in at rest and is gone with the first movement', async () => {
    const { layers, parts, decide, look, move, state } = await drawn();
    parts.server.kind = null;
    decide(2, 'hybrid');
    look();
    assert.deepEqual(layers.log, ['cut 0']);
    Object.assign(parts.server, { kind: 1, errorPixels: 3 });
    look();
    assert.deepEqual(layers.log, ['cut 0'], 'what is drawn here is finer');
    parts.server.errorPixels = 1;
    state.isInteracting = true;
    look();
    assert.deepEqual(layers.log, ['cut 0']);
    state.isInteracting = false;
    look();
    assert.deepEqual(layers.log, ['cut 0', 'fade 1']);
    move();
    const frames = parts.server.count('frame');
    look(true);
    assert.deepEqual(layers.log, ['cut 0', 'fade 1', 'cut 0']);
    assert.equal(parts.server.count('frame'), frames, 'what is behind need not follow');
});

test('a lost context leaves a picture, is told at once, and the server takes over under the hand', async () => {
    const { clock, layers, parts, state, decide, look, told, named } = await drawn();
    state.isInteracting = true;
    clock.advance(300);
    parts.client.isLost = true;
    parts.client.hasPicture = false;
    parts.client.owner.emit('lost');
    assert.equal(told('sendFacts').at(-1)[0].isContextLost, true);
    assert.deepEqual([layers.opacity, named('lost').length], [1, 1]);
    assert.ok(parts.server.count('draw') > 0, 'it shows the newest camera');
    decide(2, 'server', { isEmergency: true });
    look(true);
    assert.deepEqual(told('answerPath').length, 1);
    parts.server.shownFrameCount = 2;
    look(true);
    assert.deepEqual(told('answerPath').at(-1), [2, true, null]);
    assert.ok(!layers.log.includes('cut 0') && !layers.log.includes('fade 0'));
});

test('a context that comes back takes its place again, if nobody else has', async () => {
    const { layers, parts, look } = await drawn();
    Object.assign(parts.client, { isLost: true, hasPicture: false, shownView: null });
    parts.client.owner.emit('lost');
    look();
    parts.client.isLost = false;
    parts.client.owner.emit('restored');
    look();
    assert.equal(layers.opacity, 1, 'there is nothing to see yet');
    Object.assign(parts.client, { hasPicture: true, shownView: 'any' });
    look();
    assert.equal(layers.log.at(-1), 'fade 0');
});

test('a device that cannot draw says so, and a server that waits for it is asked again', async () => {
    const clientError = Object.assign(new Error('no WebGL'), { name: 'WebGLUnavailableError' });
    const behind = await served({ clientError });
    behind.decide(1, 'client');
    await settle();
    assert.deepEqual(behind.told('answerPath'), [[1, false, 'no WebGL']]);
    assert.deepEqual(behind.told('setCan'), [[['server']]]);
    assert.equal(behind.told('setHello').at(-1)[0].webgl, null);
    assert.deepEqual(behind.told('restart'), []);
    behind.decide(2, 'hybrid');
    assert.deepEqual(behind.told('answerPath').at(-1), [2, false, 'no WebGL']);

    const first = await setUp({ clientError, path: 'client' });
    first.welcome('client');
    await settle();
    assert.equal(first.told('restart').length, 1);
    first.streams.emit('status', { state: 'failed', code: CloseCode.noRenderer, message: 'no device' });
    assert.equal(first.named('status').at(-1).code, 'webgl');
});

test('a refusal that comes before drawing was tried names what the device is known to lack', async () => {
    const early = await setUp({ path: 'client' });
    assert.equal(early.state.options.hello.webgl, null, 'there is no WebGL where this runs');
    const refusal = { state: 'failed', code: CloseCode.noRenderer, message: 'no device' };
    early.streams.emit('status', refusal);
    const [{ code, message }] = early.named('status').slice(-1);
    assert.deepEqual([code, message], ['webgl', '']);
    early.streams.emit('status', { ...refusal, code: CloseCode.full });
    assert.equal(early.named('status').at(-1).code, CloseCode.full);
});

test('the size reaches a part when it draws', async () => {
    const { negotiated, parts, look, decide } = await served();
    decide(1, 'client');
    await settle();
    negotiated.resize({ width: 320, height: 180 });
    assert.deepEqual(parts.server.calls.filter((call) => call.startsWith('resize')), []);
    look();
    for (const part of [parts.client, parts.server]) assert.equal(part.count('resize 320'), 1);
});

test('events of what is not seen are kept back; that all is there is told when it is seen', async () => {
    const { parts, named, decide, look, pass } = await served();
    decide(1, 'client');
    await settle();
    parts.client.owner.emit('settled', { view: 1 });
    assert.equal(named('settled').length, 0);
    Object.assign(parts.client, { hasPicture: true, isSettled: true, shownView: 'any' });
    look();
    await pass(140);
    assert.deepEqual(named('settled'), [{ view: 1 }]);
});

test('facts go about once a second, and at once when somebody takes the controls', async () => {
    const { clock, told, state, look } = await drawn();
    const count = told('sendFacts').length;
    await clock.pass(3000, 50);
    assert.ok(told('sendFacts').length - count <= 3);
    await clock.pass(300);
    state.isInteracting = true;
    look();
    assert.equal(told('sendFacts').at(-1)[0].isInteracting, true);
});

test('a choice is sent, and kept for the next connection', async () => {
    const { negotiated, told, named } = await served();
    negotiated.choosePath('hybrid');
    assert.deepEqual(told('sendWish'), [['hybrid']]);
    assert.equal(named('path').at(-1).wish, 'hybrid');
});

test('after a while the caches of the client path are given up', async () => {
    const { decide, look, parts, pass, told, clock } = await drawn();
    decide(2, 'server');
    Object.assign(parts.server, { shownFrameCount: 2, kind: 1 });
    look();
    await pass(140);
    clock.advance(59_000);
    assert.deepEqual(told('evictChunks'), []);
    clock.advance(2000);
    assert.equal(told('evictChunks').length, 1);
});

test('what the probe finds is told behind the first picture, or after a while without one', async () => {
    const find = async () => ({ webgl: { isSoftware: true }, speed: { pixelsPerSecond: 5 } });
    for (const hasPicture of [true, false]) {
        let count = 0;
        const probe = { probeDevice: () => find(count += 1) };
        const { state, parts, look, pass, welcome, told } = await setUp({ probe });
        assert.equal(state.options.hello.limits.thresholdPixels, 1);
        welcome();
        await pass(200);
        assert.equal(count, 0, 'the first picture needs the device');
        parts.server.hasPicture = hasPicture;
        look();
        await pass(hasPicture ? 20 : 1400);
        const [hello] = told('setHello').at(-1);
        assert.deepEqual([hello.webgl.isSoftware, hello.speed.pixelsPerSecond, hello.limits.thresholdPixels], [true, 5, 1]);
        await pass(5000);
        assert.equal(count, 1);
    }
});
