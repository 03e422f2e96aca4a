// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The connection as a table of events and what it does, on a clock moved by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Acknowledger } from '../../Sources/Viewer/web/stream/acknowledger.js';
import { rangesOf } from '../../Sources/Viewer/web/stream/chunk-ranges.js';
import { Connection } from '../../Sources/Viewer/web/stream/connection.js';
import { isView, ViewSender } from '../../Sources/Viewer/web/stream/view-sender.js';
import { CloseCode, encodeBudget, HoldingKind } from '../../Sources/Viewer/web/wire/messages.generated.js';
import { FakeClock, fakeNetwork, perspective, settle } from './stream-fakes.mjs';

const welcome = (contentHash = 'aa') => ({ session: 's1', resumed: false, model: { id: 'm', contentHash } });

function setUp(options = {}) {
    const clock = new FakeClock();
    const network = fakeNetwork();
    const log = [];
    const observer = {
        status: (event) => log.push(event), message: (message) => log.push({ message: message.type }),
        replaced: () => log.push('replaced'), ready: () => log.push('ready'),
        holdings: (hash) => ({ resident: [0, 3], stored: hash === 'aa' ? [7, 1] : [] }),
        backlog: () => ({ byteCount: 500, bytesPerSecond: 1e6 }),
    };
    const connection = new Connection({
        url: 'ws://host:8080/api/v1/stream', model: 'engine', observer, clock, openSocket: network.openSocket,
        random: () => 0.5, hello: { client: 'test' }, ...options,
    });
    const states = () => log.filter((entry) => entry.state).map(({ state }) => state);
    return { clock, network, log, connection, states, last: () => log.filter((entry) => entry.state).at(-1) };
}

const chunk = (sequence, size) => (
    { type: 'chunk', sequence, chunk: sequence, kind: 1, payload: new Uint8Array(size) });

test('the URL says what is wanted, in which protocol and for which window', () => {
    const { network, connection } = setUp({ session: 'x y', token: 't&1', viewport: [640.4, 480] });
    connection.open();
    const { url } = network.socket;
    assert.equal(url.pathname, '/api/v1/stream');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
        model: 'engine', protocol: '1.2', session: 'x y', token: 't&1', viewport: '640x480',
    });
});

test('a first connection says hello and is ready at once; it is open with the Welcome', () => {
    const { network, connection, log, states } = setUp();
    connection.open();
    assert.equal(connection.send(encodeBudget(budget)), false, 'not yet');
    network.socket.onopen();
    assert.deepEqual(network.socket.types(), ['hello', 'ping']);
    assert.deepEqual(network.socket.sent[0].json, { client: 'test' });
    assert.ok(log.includes('ready') && connection.isReady);
    assert.deepEqual(states(), ['connecting']);
    network.socket.receive({ type: 'welcome', json: welcome() });
    assert.deepEqual(states(), ['connecting', 'open']);
    assert.equal(connection.send(encodeBudget(budget)), true);
    assert.equal(connection.contentHash, 'aa');
});

const budget = { gpuByteLimit: 1, gpuByteCount: 1, triangleLimit: 1, triangleCount: 1 };

test('a lost connection is made again and resumes: holdings when the content is the same, then ready', () => {
    const { network, connection, log, clock } = setUp();
    connection.open();
    network.socket.accept(welcome());
    network.socket.end(1006);
    clock.advance(250);
    const { socket } = network;
    assert.equal(socket.url.searchParams.get('resume'), '1');
    log.length = 0;
    socket.onopen();
    assert.deepEqual(socket.types('ping'), ['hello']);
    assert.equal(connection.isReady, false);
    socket.receive({ type: 'welcome', json: welcome() });
    assert.deepEqual(socket.types('ping'), ['hello', 'holdings', 'holdings']);
    const [resident, stored] = socket.ofType('holdings');
    assert.deepEqual([resident.kind, [...resident.ranges]], [HoldingKind.resident, [0, 3]]);
    assert.deepEqual([stored.kind, [...stored.ranges]], [HoldingKind.stored, [7, 1]]);
    assert.deepEqual(log.map((entry) => entry.state ?? entry.message ?? entry), ['open', 'ready', 'welcome']);
});

test('another content under the same name starts from scratch', () => {
    const { network, connection, log, clock } = setUp();
    connection.open();
    network.socket.accept(welcome('aa'));
    network.socket.end(1001, 'shutting down');
    clock.advance(1000);
    log.length = 0;
    network.socket.accept(welcome('bb'));
    const told = log.map((entry) => entry.state ?? entry.message ?? entry);
    assert.deepEqual(told, ['open', 'replaced', 'ready', 'welcome']);
    assert.deepEqual(network.socket.ofType('holdings'), []);
});

test('stored chunks of an earlier visit resume a first connection', () => {
    const { network, connection } = setUp();
    connection.open('aa');
    assert.equal(network.socket.url.searchParams.get('resume'), '1');
    network.socket.accept(welcome('aa'));
    assert.deepEqual(network.socket.types('ping'), ['hello', 'holdings', 'holdings']);
});

test('waits grow from a quarter of a second to eight, and begin anew after a steady connection', () => {
    const { network, connection, clock, last } = setUp();
    connection.open();
    const waits = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
        network.socket.end(1006);
        waits.push(last().retrySeconds);
        assert.equal(last().state, 'reconnecting');
        const before = network.sockets.length;
        clock.advance(1000 * last().retrySeconds - 1);
        assert.equal(network.sockets.length, before, 'not too early');
        clock.advance(1);
        assert.equal(network.sockets.length, before + 1);
    }
    assert.deepEqual(waits, [0.25, 0.5, 1, 2, 4, 8, 8, 8]);
    network.socket.accept(welcome());
    clock.advance(1000);
    network.socket.end(1006);
    assert.equal(last().retrySeconds, 8, 'a server that welcomes and dies is not asked four times a second');
    clock.advance(8000);
    network.socket.accept(welcome());
    for (let time = 0; time < 5000; time += 1000) {
        clock.advance(1000);
        network.socket.receive({ type: 'pong', time: clock.now() });
    }
    network.socket.end(1006);
    assert.equal(last().retrySeconds, 0.25);
});

test('waits differ between viewers, so that a restarted server is not met by all at once', () => {
    const waits = [0, 0.25, 0.999].map((random) => {
        const { network, connection, last } = setUp({ random: () => random });
        connection.open();
        network.socket.end(1006);
        return last().retrySeconds;
    });
    assert.ok(waits[0] < waits[1] && waits[1] < waits[2]);
    assert.ok(waits[0] >= 0.18 && waits[2] <= 0.32);
});

test('a server that says when to come back is obeyed', () => {
    const { network, connection, clock, last } = setUp();
    connection.open();
    network.socket.accept(welcome());
    network.socket.receive({ type: 'notice', json: { code: 'draining', message: 'restart', retryAfterSeconds: 5 } });
    network.socket.end(CloseCode.goingAway);
    assert.equal(last().retrySeconds, 5);
    clock.advance(5000);
    network.socket.end(1006);
    assert.equal(last().retrySeconds, 0.5, 'once');
});

test('which ends are final, with the reason of the server', () => {
    const cases = [
        [4401, 'failed'], [4404, 'failed'], [4410, 'failed'], [4422, 'failed'], [4426, 'failed'], [4501, 'failed'],
        [1000, 'closed'], [1001, 'reconnecting'], [1006, 'reconnecting'], [1011, 'reconnecting'], [4400, 'reconnecting'],
        [4408, 'reconnecting'], [4413, 'reconnecting'], [4429, 'reconnecting'], [4500, 'reconnecting'],
        [4503, 'reconnecting'],
    ];
    for (const [code, state] of cases) {
        const { network, connection, clock, last } = setUp();
        connection.open();
        network.socket.onopen();
        network.socket.end(code, 'because');
        assert.deepEqual([last().state, last().code, last().message], [state, code, 'because'], `${code}`);
        clock.advance(60000);
        assert.equal(network.sockets.length > 1, state === 'reconnecting', `${code}`);
    }
});

test('a final end without a reason gets one', () => {
    const { network, connection, last } = setUp();
    connection.open();
    network.socket.end(4404);
    assert.match(last().message, /no such model/);
});

test('after a failure, and while waiting, the page can ask to connect now', () => {
    const { network, connection, clock, last } = setUp();
    connection.open();
    network.socket.end(4401, 'token');
    connection.open();
    assert.equal(network.sockets.length, 2);
    assert.equal(last().state, 'connecting');
    for (let attempt = 0; attempt < 5; attempt += 1) {
        network.socket.end(1006);
        clock.advance(8000);
    }
    network.socket.end(1006);
    const count = network.sockets.length;
    connection.open();
    assert.equal(network.sockets.length, count + 1);
    connection.open();
    assert.equal(network.sockets.length, count + 1, 'one at a time');
    clock.advance(20000);
    assert.ok(network.sockets.length <= count + 2, 'the old wait is over');
});

/** A connection whose questions the test answers. */
function setUpAsked() {
    const questions = [];
    const askWhy = (url, signal) => new Promise((resolve) => questions.push({ url: new URL(url), signal, resolve }));
    const connected = setUp({ askWhy });
    const answer = async (value) => {
        questions.at(-1).resolve(value);
        await settle();
    };
    /** The next attempt ends without a message, and the question is answered. */
    const fail = async (value) => {
        connected.clock.advance(1000 * (connected.last().retrySeconds ?? 0));
        connected.network.socket.end(1006);
        await answer(value);
    };
    return { ...connected, questions, answer, fail };
}

test('an attempt without a message is asked about, at its own address; what is lost later, or explained, is not', () => {
    const { connection, network, questions, clock } = setUpAsked();
    connection.open();
    network.socket.end(1006);
    assert.equal(questions.length, 1);
    assert.equal(questions[0].url.href, network.sockets[0].url.href);
    clock.advance(250);
    assert.equal(questions[0].signal.aborted, true, 'another attempt tells more');
    network.socket.accept(welcome());
    network.socket.end(1006);
    clock.advance(1000);
    network.socket.end(4503, 'too many viewers');
    assert.equal(questions.length, 1);
});

test('a server that is away is tried again soon, as before', async () => {
    const { connection, network, fail, last } = setUpAsked();
    connection.open();
    for (const seconds of [0.25, 0.5, 1]) {
        await fail({ kind: 'away' });
        assert.deepEqual([last().state, last().cause, last().retrySeconds], ['reconnecting', 'lost', seconds]);
    }
    assert.equal(network.sockets.length, 3);
});

test('a refusal is told in the server\'s words and tried again now and then', async () => {
    const { connection, fail, last, network } = setUpAsked();
    connection.open();
    await fail({ kind: 'refused', code: 'originRefused', message: 'not this origin', retrySeconds: 0 });
    const { state, cause, refusal, message, retrySeconds } = last();
    assert.deepEqual([state, cause, refusal, message, retrySeconds],
        ['reconnecting', 'refused', 'originRefused', 'not this origin', 5]);
    const waits = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
        await fail({ kind: 'refused', code: 'originRefused', message: 'not this origin', retrySeconds: 0 });
        waits.push(last().retrySeconds);
    }
    assert.deepEqual(waits, [10, 20, 30, 30]);
    network.socket.end(1006);
    connection.open();
    network.socket.accept(welcome());
    assert.equal(last().state, 'open');
    network.socket.end(1006);
    assert.deepEqual([last().cause, last().message], ['lost', 'The connection to the server was lost.']);
});

test('a refusal that ends by itself is tried again when the server says so', async () => {
    const { connection, fail, last } = setUpAsked();
    connection.open();
    await fail({ kind: 'refused', code: 'full', message: 'all seats are taken', retrySeconds: 7 });
    assert.deepEqual([last().cause, last().message, last().retrySeconds], ['busy', 'all seats are taken', 7]);
});

test('a refusal that nothing ends is the failure that its close code is', async () => {
    for (const [code, closeCode] of [
        ['tokenRequired', 4401], ['modelNotFound', 4404], ['sessionNotFound', 4404], ['damagedModel', 4422],
        ['versionRefused', 4426], ['noRenderer', 4501], ['ended', 4410],
    ]) {
        const { connection, network, clock, fail, last } = setUpAsked();
        connection.open();
        await fail({ kind: 'refused', code, message: 'because', retrySeconds: 0 });
        assert.deepEqual([last().state, last().code, last().message], ['failed', closeCode, 'because'], code);
        clock.advance(60_000);
        assert.equal(network.sockets.length, 1, code);
    }
});

test('WebSockets that would be welcome and fail twice do not get through; one that passes ends that', async () => {
    const { connection, network, fail, last, clock } = setUpAsked();
    connection.open();
    await fail({ kind: 'welcome' });
    assert.deepEqual([last().cause, last().retrySeconds], ['lost', 0.25], 'the server may have been starting');
    await fail({ kind: 'welcome' });
    assert.deepEqual([last().cause, last().retrySeconds], ['blocked', 5]);
    await fail({ kind: 'away' });
    assert.equal(last().cause, 'lost');
    await fail({ kind: 'welcome' });
    await fail({ kind: 'welcome' });
    assert.equal(last().cause, 'blocked');
    clock.advance(1000 * last().retrySeconds);
    network.socket.accept(welcome());
    assert.equal(last().state, 'open');
});

test('one that opens and is cut without a message, or hangs, does not get through either', async () => {
    const cut = setUpAsked();
    cut.connection.open();
    for (let attempt = 0; attempt < 2; attempt += 1) {
        cut.network.socket.onopen();
        cut.network.socket.end(1006);
        await cut.answer({ kind: 'welcome' });
        cut.clock.advance(250);
    }
    assert.equal(cut.last().cause, 'blocked');
    const hung = setUpAsked();
    hung.connection.open();
    hung.clock.advance(15_000);
    await hung.answer({ kind: 'welcome' });
    assert.equal(hung.last().cause, 'blocked', 'once is enough after so long a wait');
});

test('a model that is replaced is taken anew by another connection, with a word of what there was', () => {
    const { connection, network, clock, log } = setUp();
    connection.open();
    network.socket.accept(welcome('aa'));
    network.socket.receive({ type: 'notice', json: { code: 'modelReplaced', message: 'new' } });
    assert.equal(network.sockets.length, 1);
    clock.advance(1000);
    assert.equal(network.sockets.length, 2);
    assert.equal(network.sockets[0].closed.code, 1000);
    network.socket.accept(welcome('bb'));
    assert.ok(log.includes('replaced'));
    clock.advance(5000);
    assert.equal(network.sockets.length, 2);
});

test('closing ends the question why', () => {
    const { connection, network, questions, clock } = setUpAsked();
    connection.open();
    network.socket.end(1006);
    connection.close();
    assert.equal(questions[0].signal.aborted, true);
    assert.equal(clock.timerCount, 0);
});

test('closing is final and quiet', () => {
    const { network, connection, clock, last } = setUp();
    connection.open();
    network.socket.accept(welcome());
    network.socket.receive(chunk(1, 100));
    const { socket } = network;
    connection.close();
    assert.deepEqual(socket.closed, { code: 1000, reason: '' });
    assert.equal(last().state, 'closed');
    assert.equal(clock.timerCount, 0);
    assert.equal(connection.isReady, false);
});

test('a server that does not answer is given up: while connecting, and later when it is silent', () => {
    const { network, connection, clock, last } = setUp();
    connection.open();
    clock.advance(15000);
    assert.equal(last().state, 'reconnecting');
    assert.ok(network.sockets[0].closed);
    clock.advance(1000);
    network.socket.accept(welcome());
    assert.equal(last().state, 'open');
    clock.advance(13000);
    assert.match(last().message, /does not answer any more/);
    const { length } = network.sockets;
    network.sockets[1].end?.(1006);
    assert.equal(network.sockets.length, length, 'a late close of the old one changes nothing');
});

test('a message that is none ends the connection with the code for it', () => {
    const { network, connection, last } = setUp();
    connection.open();
    network.socket.accept(welcome());
    const { socket } = network;
    socket.onmessage({ data: Uint8Array.of(4, 1).buffer });
    assert.equal(socket.closed.code, CloseCode.malformed);
    assert.ok(socket.closed.reason.length <= 123);
    assert.match(last().message, /Chunk\.sequence/);
    assert.equal(last().state, 'reconnecting');
});

test('an address that no WebSocket takes is a failure with its reason', () => {
    const { connection, last } = setUp({ openSocket: () => { throw new SyntaxError('The URL is invalid.'); } });
    connection.open();
    assert.deepEqual([last().state, last().message], ['failed', 'The URL is invalid.']);
});

test('the round trip is measured by pings every two seconds', () => {
    const { network, connection, clock } = setUp();
    connection.open();
    network.socket.accept(welcome());
    const [ping] = network.socket.ofType('ping');
    clock.advance(40);
    network.socket.receive({ type: 'pong', time: ping.time });
    assert.ok(Math.abs(connection.roundTripSeconds - 0.04) < 1e-9);
    clock.advance(2000);
    assert.equal(network.socket.ofType('ping').length, 2);
    network.socket.receive({ type: 'pong', time: 1e12 });
    assert.ok(Math.abs(connection.roundTripSeconds - 0.04) < 1e-9, 'nonsense does not count');
});

test('acknowledgements: at once when little is in flight, then after 20 ms, or 16 KiB', () => {
    const { network, connection, clock } = setUp();
    connection.open();
    network.socket.accept(welcome());
    const { socket } = network;
    const acknowledged = () => socket.ofType('acknowledge').map(({ sequence }) => sequence);
    socket.receive(chunk(1, 5000));
    assert.deepEqual(acknowledged(), [1]);
    const [first] = socket.ofType('acknowledge');
    assert.deepEqual([first.holdMicroseconds, first.backlogByteCount, first.decodeBytesPerSecond], [0, 500, 1e6]);
    clock.advance(5);
    socket.receive(chunk(2, 5000));
    clock.advance(5);
    socket.receive({ type: 'recall', sequence: 3, chunk: 9 });
    assert.deepEqual(acknowledged(), [1]);
    clock.advance(9);
    assert.deepEqual(acknowledged(), [1]);
    clock.advance(1);
    assert.deepEqual(acknowledged(), [1, 3]);
    assert.equal(socket.ofType('acknowledge')[1].holdMicroseconds, 10000);
    clock.advance(7);
    socket.receive(chunk(4, 9000));
    socket.receive(chunk(5, 9000));
    assert.deepEqual(acknowledged(), [1, 3, 5], '16 KiB');
    clock.advance(500);
    assert.deepEqual(acknowledged(), [1, 3, 5], 'nothing new, nothing to say');
});

test('acknowledgements stay below what a server accepts, however fast the link is', () => {
    const clock = new FakeClock();
    const acknowledger = new Acknowledger();
    let count = 0;
    for (let time = 0; time < 1000; time += 1) {
        for (let message = 0; message < 10; message += 1) acknowledger.received(time, 16 << 10, clock.now());
        if (acknowledger.dueAt <= clock.now()) {
            acknowledger.take(clock.now());
            count += 1;
        }
        clock.advance(1);
    }
    assert.ok(count > 100 && count < 180, `${count} per second`);
});

test('views: the newest, at most twenty per second, and always the last one', () => {
    const clock = new FakeClock();
    const { network, connection } = setUp({ clock });
    const views = new ViewSender(connection, clock);
    views.threshold = 1;
    views.setView(perspective, {});
    connection.open();
    network.socket.onopen();
    views.restart();
    const { socket } = network;
    const eyes = () => socket.ofType('view').map(({ eye }) => eye[0]);
    assert.deepEqual(eyes(), [0]);
    for (let step = 1; step <= 1000; step += 1) {
        views.setView({ ...perspective, eye: [step, 0, 0] }, { isMoving: step < 1000, velocity: [1, 2, 3] });
        clock.advance(1);
    }
    clock.advance(100);
    assert.ok(eyes().length >= 19 && eyes().length <= 22, `${eyes().length} views`);
    const last = socket.ofType('view').at(-1);
    assert.deepEqual([last.eye[0], last.isMoving, last.velocity], [1000, false, [1, 2, 3]]);
    assert.equal(views.sequence, last.sequence);
    assert.deepEqual(socket.ofType('view').map(({ sequence }) => sequence), eyes().map((_, i) => i + 1));
    clock.advance(1000);
    assert.equal(socket.ofType('view').at(-1), last, 'and then nothing');
});

test('a threshold that changes clearly is told with the view', () => {
    const { network, connection, clock } = setUp();
    const views = new ViewSender(connection, clock);
    connection.open();
    network.socket.onopen();
    views.threshold = 2;
    views.setView(perspective, undefined);
    views.threshold = 2.05;
    clock.advance(100);
    views.threshold = 3;
    clock.advance(100);
    const told = network.socket.ofType('view').map(({ thresholdPixels }) => thresholdPixels);
    assert.deepEqual(told, [2, 3]);
});

test('what is a view and what is not', () => {
    assert.ok(isView(perspective));
    assert.ok(isView({ ...perspective, projection: 'orthographic', width: 799.6 }));
    const bad = [
        { eye: [0, NaN, 0] }, { eye: [0, 0] }, { eye: [1e300, 0, 0] }, { eye: undefined },
        { orientation: [0, 0, 0, 0] }, { orientation: [1, 0, 0, Infinity] }, { projection: 'fisheye' },
        { scale: 0 }, { scale: NaN }, { scale: 1e300 },
        { width: 0 }, { height: 70000 }, { width: NaN },
    ];
    for (const change of bad) assert.ok(!isView({ ...perspective, ...change }), JSON.stringify(change));
    for (const nothing of [null, undefined, {}, 7]) assert.ok(!isView(nothing));
});

test('sets of chunks become ranges', () => {
    assert.deepEqual(rangesOf([]), []);
    assert.deepEqual(rangesOf([5]), [5, 1]);
    assert.deepEqual(rangesOf(new Set([9, 3, 4, 5, 100, 10])), [3, 3, 9, 2, 100, 1]);
});
