// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fetchPersistently } from '../../Sources/Viewer/web/stream/persistent-fetch.js';

/** Answers in turn; the last one for ever. */
function scripted(...answers) {
    const waits = [];
    let count = 0;
    const fetch = async () => {
        const answer = answers[Math.min(count, answers.length - 1)];
        count += 1;
        if (answer instanceof Error) throw answer;
        return answer;
    };
    const wait = async (milliseconds) => { waits.push(milliseconds); };
    return { parts: { fetch, wait }, waits, attempts: () => count };
}

const good = { ok: true, status: 200, arrayBuffer: async () => new ArrayBuffer(7) };
const broken = { ok: true, status: 200, arrayBuffer: async () => { throw new TypeError('network error'); } };
const status = (number) => ({ ok: false, status: number, statusText: 'words' });

test('a file is fetched again while the server is away, at growing distances', async () => {
    const { parts, waits } = scripted(
        new TypeError('failed'), broken, status(503), status(429), new TypeError('failed'), new TypeError('failed'), good);
    const bytes = await fetchPersistently(new URL('http://h/x.wasm'), parts);
    assert.equal(bytes.byteLength, 7);
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 5000, 5000]);
});

test('what is refused is not asked for again', async () => {
    const { parts, waits, attempts } = scripted(status(404));
    await assert.rejects(fetchPersistently(new URL('http://h/x.wasm'), parts), /404 words/);
    assert.deepEqual([waits.length, attempts()], [0, 1]);
});

test('after about five minutes it gives up and says why', async () => {
    const { parts, waits } = scripted(new TypeError('no network'));
    await assert.rejects(fetchPersistently(new URL('http://h/x.wasm'), parts), /no network/);
    const seconds = waits.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000;
    assert.ok(seconds > 240 && seconds < 360, `${seconds} s`);
});
