// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Single pictures by HTTP: what is asked for when, and what is made of the answers.

import assert from 'node:assert/strict';
import test from 'node:test';
import { StillPoller } from '../../Sources/Viewer/web/frames/still-poller.js';
import { StillSource, stillSize } from '../../Sources/Viewer/web/frames/still-source.js';
import { FakeClock, settle } from './stream-fakes.mjs';

const moving = (code) => ({ code, isMoving: true });
const resting = (code) => ({ code, isMoving: false });

function setUp() {
    const clock = new FakeClock();
    const [asked, pictures, troubles, closed] = [[], [], [], []];
    const poller = new StillPoller({
        clock,
        load: (request, signal) => new Promise((resolve, reject) => {
            asked.push({ ...request, signal, fail: (error) => reject(Object.assign(new Error('no'), error)),
                answer: () => resolve({ close: () => closed.push(request.code) }) });
            signal.addEventListener('abort', () => reject(signal.reason));
        }),
        onPicture: ({ code }) => pictures.push(code), onTrouble: (error) => troubles.push(error?.message ?? null),
    });
    const codes = () => asked.map(({ code }) => code);
    return { clock, asked, pictures, troubles, closed, poller, codes };
}

test('while the camera moves there is one request at a time, and the next is for the newest camera', async () => {
    const { asked, pictures, poller, codes } = setUp();
    for (const code of ['a', 'b', 'c']) poller.want(moving(code));
    assert.deepEqual(codes(), ['a']);
    assert.equal(asked[0].signal.aborted, false, 'there would never be a picture otherwise');
    asked[0].answer();
    await settle();
    assert.deepEqual(pictures, ['a']);
    assert.deepEqual(codes(), ['a', 'c']);
    asked[1].answer();
    await settle();
    assert.deepEqual([pictures, codes()], [['a', 'c'], ['a', 'c']]);
    assert.equal(poller.isBusy, false);
});

test('at rest the small picture on its way is given up, and a full one when the camera moves on', async () => {
    const { asked, pictures, poller, codes, closed } = setUp();
    poller.want(moving('a'));
    poller.want(resting('b'));
    assert.equal(asked[0].signal.aborted, true);
    assert.deepEqual(codes(), ['a', 'b']);
    asked[0].answer();
    poller.want(moving('c'));
    assert.equal(asked[1].signal.aborted, true);
    asked[1].answer();
    asked[2].answer();
    await settle();
    assert.deepEqual(pictures, ['c']);
    assert.ok(!closed.includes('c'));
});

test('a server that says when to come back is obeyed, and then asked for the newest camera', async () => {
    const { asked, clock, poller, codes, troubles } = setUp();
    poller.want(moving('a'));
    asked[0].fail({ retrySeconds: 3 });
    await settle();
    poller.want(resting('b'));
    clock.advance(2999);
    assert.deepEqual(codes(), ['a']);
    clock.advance(1);
    assert.deepEqual(codes(), ['a', 'b']);
    asked[1].answer();
    await settle();
    assert.deepEqual(troubles, ['no', null]);
});

test('waits grow while nobody answers, and a refusal is not asked about soon', async () => {
    const { asked, clock, poller } = setUp();
    poller.want(resting('a'));
    for (const wait of [500, 1000, 2000, 4000, 8000, 8000]) {
        const { length } = asked;
        asked[length - 1].fail({});
        await settle();
        clock.advance(wait - 1);
        assert.equal(asked.length, length);
        clock.advance(1);
        assert.equal(asked.length, length + 1);
    }
    asked[asked.length - 1].answer();
    await settle();
    poller.want(resting('b'));
    const { length } = asked;
    asked[length - 1].fail({ isRefusal: true });
    await settle();
    clock.advance(9999);
    assert.equal(asked.length, length);
});

test('what is stopped asks for nothing more', async () => {
    const { asked, clock, poller } = setUp();
    poller.want(resting('a'));
    asked[0].fail({});
    await settle();
    poller.stop();
    clock.advance(60_000);
    assert.equal(asked.length, 1);
    assert.equal(clock.timerCount, 0);
});

/** A source whose server gives these answers, [status, text, headers] each. */
function sourceOf(target, ...answers) {
    const requests = [];
    const fetch = async (address, { headers }) => {
        requests.push({ address: new URL(address), headers });
        const [status, text, given = {}] = answers.shift();
        return new Response(text, { status, headers: given });
    };
    const decode = async (bytes) => ({ bytes: [...bytes] });
    return { requests, source: new StillSource('https://host/below/', target, { fetch, decode }) };
}

const view = { width: 800, height: 600 };
const signal = new AbortController().signal;

test('a picture is asked for below the server\'s address, with the camera as links have it and the token in a header', async () => {
    const { requests, source } = sourceOf({ model: 'a b', token: 't' }, [200, 'x'], [200, 'x']);
    const picture = await source.picture({ view, code: 'p,0,0,0,45,20,3', isMoving: false, background: 'dark' }, signal);
    assert.deepEqual(picture, { bytes: [120] });
    const { address, headers } = requests[0];
    assert.equal(address.pathname, '/below/api/v1/render');
    assert.deepEqual(Object.fromEntries(address.searchParams), {
        model: 'a b', camera: 'p,0,0,0,45,20,3', width: '800', height: '600', background: 'dark', format: 'jpeg', quality: '90',
    });
    assert.deepEqual(headers, { Authorization: 'Bearer t' });
    await source.picture({ view, code: 'x', isMoving: true, background: 'light' }, signal);
    assert.equal(requests[1].address.searchParams.get('width'), '400');
});

test('a session\'s model is looked up first', async () => {
    const { requests, source } = sourceOf({ session: 's/1' }, [200, '{"model": "m"}'], [200, '{"id": "m"}'], [200, 'x']);
    assert.deepEqual(await source.facts(signal), { id: 'm' });
    await source.picture({ view, code: 'x', isMoving: false, background: 'light' }, signal);
    assert.deepEqual(requests.map(({ address }) => address.pathname),
        ['/below/api/v1/sessions/s%2F1', '/below/api/v1/models/m', '/below/api/v1/render']);
    assert.equal(requests[2].address.searchParams.get('model'), 'm');
});

test('errors say what the server said, when to come back, and whether that helps', async () => {
    const error = (code) => JSON.stringify({ error: { code, message: 'because' } });
    const table = [
        [[503, error('full'), { 'retry-after': '2' }], ['because', 2, false]],
        [[503, error('noRenderer'), { 'retry-after': '60' }], ['because', 60, true]],
        [[403, error('forbidden')], ['because', 0, true]],
        [[502, '<h1>Bad Gateway</h1>'], ['The server answered 502.', 0, false]],
    ];
    for (const [answer, [message, retrySeconds, isRefusal]] of table) {
        const { source } = sourceOf({ model: 'm' }, answer);
        await assert.rejects(source.facts(signal), { message, retrySeconds, isRefusal });
    }
    const away = new StillSource('https://host/', { model: 'm' }, { fetch: async () => { throw new TypeError('Failed to fetch'); } });
    await assert.rejects(away.facts(signal), { message: 'The server does not answer.', isRefusal: false });
});

test('a picture has the view\'s pixels, within four million, and half of the sides while it moves', () => {
    assert.deepEqual(stillSize({ width: 1000, height: 500 }, false), { width: 1000, height: 500 });
    assert.deepEqual(stillSize({ width: 1000, height: 500 }, true), { width: 500, height: 250 });
    assert.deepEqual(stillSize({ width: 8000, height: 2000 }, false), { width: 4000, height: 1000 });
    assert.deepEqual(stillSize({ width: 1, height: 1 }, true), { width: 1, height: 1 });
});
