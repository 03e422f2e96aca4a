// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The stream of pictures: what is sent, decoded, told and answered, with a clock and sockets of the test.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FrameEngine } from '../../Sources/Viewer/web/frames/frame-engine.js';
import { frameHeader, framePart } from './frames-fixtures.mjs';
import { FakeClock, fakeNetwork, settle } from './stream-fakes.mjs';

const welcome = (path = 'server', contentHash = 'aa') => ({ session: 's', path, reason: 'no device', model: { contentHash } });
const view = (x = 0) => ({
    eye: [x, 0, 5], orientation: [0, 0, 0, 1], projection: 'perspective', scale: 0.3, width: 640, height: 360,
});

/** An engine whose decoder finishes when the test says so, unless `isImmediate`. */
function setUp({ isImmediate = true, decode, ...options } = {}) {
    const clock = new FakeClock();
    const network = fakeNetwork();
    const events = [];
    const decodes = [];
    const picture = ({ imageWidth = 64, imageHeight = 36 } = {}) => {
        const made = { width: imageWidth, height: imageHeight, isClosed: false, close: () => { made.isClosed = true; } };
        return made;
    };
    const wait = (bytes) => new Promise((resolve, reject) => { decodes.push({ bytes, resolve, reject }); });
    const engine = new FrameEngine({ url: 'ws://h/s', model: 'm', viewport: [640, 360], hello: { client: 't' }, ...options }, {
        emit: (name, event) => events.push({ name, event }), clock, openSocket: network.openSocket, random: () => 0.5,
        decode: decode ?? (isImmediate ? async () => picture() : wait),
    });
    const named = (name) => events.filter((entry) => entry.name === name).map(({ event }) => event);
    const shownFrames = () => named('frame').map(({ header }) => header.frame);
    const skipped = () => network.socket.ofType('frameShown').filter(({ isSkipped }) => isSkipped).map(({ frame }) => frame);
    const receive = (...messages) => messages.forEach((message) => network.socket.receive(message));
    const open = (path) => {
        engine.start();
        network.socket.accept(welcome(path));
    };
    return { engine, clock, network, named, decodes, picture, shownFrames, skipped, receive, open };
}

test('the address asks for the server path, and nothing is resumed after a loss', () => {
    const { network, clock, open } = setUp();
    open();
    const asked = ['path', 'wish', 'can'].map((name) => network.socket.url.searchParams.get(name));
    assert.deepEqual(asked, ['auto', 'server', 'server']);
    assert.equal(network.socket.url.searchParams.get('viewport'), '640x360');
    network.socket.end(1006);
    clock.advance(1000);
    assert.equal(network.sockets.length, 2);
    assert.equal(network.socket.url.searchParams.get('resume'), null);
    network.socket.accept(welcome());
    assert.deepEqual(network.socket.types('ping'), ['hello']);
});

test('a frame is reported when its last part is here, and handed over decoded', async () => {
    const { clock, network, named, receive, open } = setUp();
    open();
    receive(frameHeader(1, { view: 3 }));
    clock.advance(12);
    assert.equal(network.socket.ofType('frameReceived').length, 0);
    receive(framePart(1, 0, 1, 2, 3, 4));
    assert.deepEqual(network.socket.ofType('frameReceived'), [{ type: 'frameReceived', frame: 1, gapMicroseconds: 12000 }]);
    await settle();
    const [{ header, picture, grid, connection }] = named('frame');
    assert.equal(header.view, 3);
    assert.equal(picture.width, 64);
    assert.equal(grid, null);
    assert.ok(connection > 0);
});

test('the page says what became of a frame, and the server hears it', async () => {
    const { engine, network, named, receive, open } = setUp();
    open();
    receive(frameHeader(1), framePart(1, 0, 1, 2, 3, 4));
    await settle();
    const { connection } = named('frame')[0];
    engine.shown({ frame: 1, connection, isSkipped: false, decodeMicroseconds: 5000.4, latencyMicroseconds: 1e12 });
    assert.deepEqual(network.socket.ofType('frameShown'), [
        { type: 'frameShown', frame: 1, isSkipped: false, decodeMicroseconds: 5000, latencyMicroseconds: 0xffffffff },
    ]);
});

test('while one frame is decoded, newer whole frames overtake older ones', async () => {
    const { decodes, picture, shownFrames, skipped, receive, open } = setUp({ isImmediate: false });
    open();
    for (const frame of [1, 2, 3, 4]) receive(frameHeader(frame), framePart(frame, 0, frame, 0, 0, 0));
    assert.equal(decodes.length, 1, 'one at a time');
    decodes[0].resolve(picture());
    await settle();
    assert.deepEqual(decodes.map(({ bytes }) => bytes[0]), [1, 4]);
    decodes[1].resolve(picture());
    await settle();
    assert.deepEqual(shownFrames(), [1, 4]);
    assert.deepEqual(skipped(), [2, 3]);
});

test('changes of a rectangle are all handed over, in order', async () => {
    const { shownFrames, skipped, receive, open } = setUp();
    open();
    receive(frameHeader(1), framePart(1, 0, 1, 0, 0, 0));
    for (const frame of [2, 3, 4]) receive(frameHeader(frame, { isWhole: false }), framePart(frame, 0, frame, 0, 0, 0));
    await settle();
    assert.deepEqual(shownFrames(), [1, 2, 3, 4]);
    assert.deepEqual(skipped(), []);
});

test('a frame without a payload is handed over without a picture', async () => {
    const { named, receive, open } = setUp();
    open();
    receive(frameHeader(1, { byteCount: 0 }));
    await settle();
    assert.equal(named('frame')[0].picture, null);
});

test('a cancelled still is never shown; what follows is', async () => {
    const { shownFrames, receive, open } = setUp();
    open();
    receive(frameHeader(1, { kind: 1 }), framePart(1, 0, 1), { type: 'frameCancelled', frame: 1 });
    receive(frameHeader(2), framePart(2, 0, 1, 2, 3, 4));
    await settle();
    assert.deepEqual(shownFrames(), [2]);
});

test('a picture that cannot be decoded, or has another size, is told as skipped and to the person', async () => {
    const sizes = [null, { imageWidth: 1 }, {}];
    let close = 0;
    const decode = async () => {
        const size = sizes.shift();
        if (size === null) throw new Error('no JPEG');
        return { width: size.imageWidth ?? 64, height: 36, close: () => { close += 1; } };
    };
    const { named, shownFrames, skipped, receive, open } = setUp({ decode });
    open();
    for (const frame of [1, 2, 3]) {
        receive(frameHeader(frame), framePart(frame, 0, 1, 2, 3, 4));
        await settle();
    }
    assert.deepEqual(skipped(), [1, 2]);
    assert.deepEqual(shownFrames(), [3]);
    assert.equal(close, 1, 'the one of another size is given back');
    assert.deepEqual(named('notice').map(({ code }) => code), ['undecodableFrame', 'undecodableFrame']);
    assert.match(named('notice')[1].message, /1 × 36 pixels, not 64 × 36/);
});

for (const [what, messages] of Object.entries({
    'a part of a frame that never began': [framePart(7, 0, 1)],
    'a frame that goes back': [frameHeader(2, { byteCount: 0 }), frameHeader(1)],
    'an image outside its picture': [frameHeader(1, { left: 60 })],
    'a depth grid that is cut short': [frameHeader(1, { depthColumns: 2, depthRows: 2 })],
    'an identity map of nothing': [
        { type: 'identityMap', frame: 1, width: 2, height: 2, treeNodes: Uint32Array.of(), runs: Uint8Array.of() },
    ],
    'a message of the client path': [{ type: 'recall', sequence: 1, chunk: 1 }],
})) {
    test(`${what} ends the connection with a reason, and another is tried`, () => {
        const { clock, network, named, receive, open } = setUp();
        open();
        const { socket } = network;
        receive(...messages);
        assert.equal(socket.closed.code, 4400);
        const { state, message } = named('status').at(-1);
        assert.equal(state, 'reconnecting');
        assert.match(message, /something that is no message: \w+\.\w+: /);
        clock.advance(1000);
        assert.equal(network.sockets.length, 2);
    });
}

test('random bytes never throw and never leave the engine without an end', async () => {
    const { clock, network, named, open } = setUp();
    open();
    let state = 9;
    for (let round = 0; round < 400; round += 1) {
        const bytes = Uint8Array.from({ length: 1 + (round % 90) }, () => {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return state >>> 24;
        });
        bytes[0] = 1 + (round % 13);
        network.socket.onmessage?.({ data: bytes.buffer });
        if (network.socket.closed) {
            assert.equal(named('status').at(-1).state, 'reconnecting');
            clock.advance(20000);
            network.socket.accept(welcome());
        }
        await settle();
    }
});

test('a server that will not draw is a failure with its reason', () => {
    const { clock, network, named, open } = setUp();
    open('client');
    const { state, code, message } = named('status').at(-1);
    assert.deepEqual([state, code, message], ['failed', 'noServerPath', 'no device']);
    assert.ok(network.socket.closed);
    clock.advance(60000);
    assert.equal(network.sockets.length, 1);
});

test('the frame of a view carries when its input was', async () => {
    const { engine, clock, network, named, receive, open } = setUp();
    open();
    engine.setView(view(0), {}, 500);
    engine.setView(view(1), {}, 510);
    engine.setView(view(2), {}, 520);
    clock.advance(100);
    assert.deepEqual(network.socket.ofType('view').map(({ sequence, eye }) => [sequence, eye[0]]), [[1, 0], [2, 2]]);
    receive(frameHeader(1, { view: 1, byteCount: 0 }));
    await settle();
    receive(frameHeader(2, { view: 2, byteCount: 0 }));
    await settle();
    receive(frameHeader(3, { view: 0, byteCount: 0 }));
    await settle();
    assert.deepEqual(named('frame').map(({ inputAt }) => inputAt), [500, 520, null]);
});

test('no view is sent while another has not left this device, and then the newest', () => {
    const { engine, clock, network, open } = setUp();
    open();
    network.socket.bufferedAmount = 900;
    engine.setView(view(1), {}, 0);
    clock.advance(200);
    engine.setView(view(2), {}, 0);
    clock.advance(200);
    assert.equal(network.socket.ofType('view').length, 0);
    network.socket.bufferedAmount = 0;
    clock.advance(20);
    assert.deepEqual(network.socket.ofType('view').map(({ eye }) => eye[0]), [2]);
});

test('at most 30 views per second are sent', () => {
    const { engine, clock, network, open } = setUp();
    open();
    for (let time = 0; time < 2000; time += 8) {
        engine.setView(view(time), {}, time);
        clock.advance(8);
    }
    const count = network.socket.ofType('view').length;
    assert.ok(count >= 40 && count <= 60, String(count));
});

test('a view that is none is not sent', () => {
    const { engine, clock, network, open } = setUp();
    open();
    engine.setView({ ...view(), eye: [NaN, 0, 0] }, {}, 0);
    clock.advance(100);
    assert.equal(network.socket.ofType('view').length, 0);
});

test('after a reconnect the view is sent again, and frames of before are nobody\'s', async () => {
    const { engine, clock, network, named, decodes, picture, receive, open } = setUp({ isImmediate: false });
    open();
    engine.setView(view(3), {}, 0);
    receive(frameHeader(1), framePart(1, 0, 1, 2, 3, 4));
    network.socket.end(1006);
    assert.equal(named('status').at(-1).state, 'reconnecting');
    const late = picture();
    decodes[0].resolve(late);
    clock.advance(1000);
    network.socket.accept(welcome());
    await settle();
    assert.equal(late.isClosed, true);
    assert.deepEqual(named('frame'), []);
    assert.deepEqual(network.socket.ofType('view').map(({ sequence, eye }) => [sequence, eye[0]]), [[1, 3]]);
    receive(frameHeader(1), framePart(1, 0, 9, 2, 3, 4));
    await settle();
    decodes[1].resolve(picture());
    await settle();
    engine.shown({ frame: 1, connection: 0, isSkipped: false, decodeMicroseconds: 0, latencyMicroseconds: 0 });
    assert.deepEqual(network.socket.ofType('frameShown'), [], 'of another connection');
});

test('another content under the same name is told', () => {
    const { clock, network, named, open } = setUp();
    open();
    network.socket.end(1006);
    clock.advance(1000);
    network.socket.accept(welcome('server', 'bb'));
    assert.equal(named('replaced').length, 1);
});

test('a hidden page says so once the server draws for it, and again on each connection', () => {
    const { engine, clock, network, open } = setUp();
    engine.setVisible(false);
    open();
    assert.deepEqual(network.socket.ofType('visibility').map(({ isVisible }) => isVisible), [false]);
    engine.setVisible(false);
    engine.setVisible(true);
    assert.deepEqual(network.socket.ofType('visibility').map(({ isVisible }) => isVisible), [false, true]);
    engine.setVisible(false);
    network.socket.end(1006);
    clock.advance(1000);
    network.socket.accept(welcome());
    assert.deepEqual(network.socket.ofType('visibility').map(({ isVisible }) => isVisible), [false]);
});

test('another look is told at once, and on the next connection', () => {
    const { engine, clock, network, open } = setUp();
    open();
    engine.setHello({ client: 't', background: ['#000000', '#111111'] });
    assert.deepEqual(network.socket.ofType('hello').map(({ json }) => json.background?.[1]), [undefined, '#111111']);
    network.socket.end(1006);
    clock.advance(1000);
    network.socket.accept(welcome());
    assert.deepEqual(network.socket.ofType('hello').map(({ json }) => json.background?.[1]), ['#111111']);
});

test('picks go to a server that draws, and answers come back', () => {
    const { engine, network, named, receive, open } = setUp();
    engine.pick(1, 0, [0, 0]);
    open();
    engine.pick(2, 5, [0.5, -0.25]);
    assert.deepEqual(network.socket.ofType('pick'), [{ type: 'pick', request: 2, frame: 5, place: [0.5, -0.25] }]);
    receive({
        type: 'picked', request: 2, isHit: true, position: [1, 2, 3], normal: [0, 0, 1], distance: 4, treeNode: 5, json: {},
    });
    assert.deepEqual(named('picked')[0].position, [1, 2, 3]);
});

test('closing ends everything', () => {
    const { engine, clock, network, open } = setUp();
    open();
    engine.close();
    assert.equal(network.socket.closed.code, 1000);
    clock.advance(60000);
    assert.equal(network.sockets.length, 1);
    assert.equal(clock.timerCount, 0);
});
