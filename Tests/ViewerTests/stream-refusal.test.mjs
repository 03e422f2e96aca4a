// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { askForRefusal } from '../../Sources/Viewer/web/stream/refusal-question.js';

const url = 'wss://host/below/api/v1/stream?model=a&token=t';

/** What is understood of an answer with this status, text and headers. */
async function asked(status, text, headers = {}) {
    const requests = [];
    const fetch = async (address, options) => {
        requests.push({ address: new URL(address), ...options });
        return new Response(text, { status, headers });
    };
    const answer = await askForRefusal(url, new AbortController().signal, { fetch, origin: 'https://host' });
    return { answer, requests };
}

const error = (code, message = 'because') => JSON.stringify({ error: { code, message } });

test('the question goes where the WebSocket went, says the page\'s origin, and is not answered from a cache', async () => {
    const { requests: [{ address, cache }] } = await asked(426, error('upgradeRequired'));
    assert.equal(address.protocol, 'https:');
    assert.equal(address.pathname, '/below/api/v1/stream');
    assert.deepEqual(Object.fromEntries(address.searchParams), { model: 'a', token: 't', origin: 'https://host' });
    assert.equal(cache, 'no-store');
});

test('answers are told apart', async () => {
    const table = [
        [426, error('upgradeRequired'), {}, { kind: 'welcome' }],
        [426, error('versionRefused'), {}, { kind: 'refused', code: 'versionRefused', message: 'because', retrySeconds: 0 }],
        [403, error('originRefused'), {}, { kind: 'refused', code: 'originRefused', message: 'because', retrySeconds: 0 }],
        [503, error('full'), { 'retry-after': '12' }, { kind: 'refused', code: 'full', message: 'because', retrySeconds: 12 }],
        [503, error('full'), { 'retry-after': 'Mon' }, { kind: 'refused', code: 'full', message: 'because', retrySeconds: 0 }],
        [502, '<h1>Bad Gateway</h1>', {}, { kind: 'away', status: 502 }],
        [504, '', {}, { kind: 'away', status: 504 }],
        [200, '<form>Sign in</form>', {}, { kind: 'foreign', status: 200 }],
        [403, '{"error": "no"}', {}, { kind: 'foreign', status: 403 }],
        [404, 'null', {}, { kind: 'foreign', status: 404 }],
    ];
    for (const [status, text, headers, expected] of table) {
        assert.deepEqual((await asked(status, text, headers)).answer, expected, `${status} ${text}`);
    }
});

test('a server elsewhere that answers, but not to this page, does not allow its origin', async () => {
    const modes = [];
    const fetch = async (_, { mode }) => {
        modes.push(mode);
        if (mode !== 'no-cors') throw new TypeError('Failed to fetch');
        return new Response('');
    };
    const { kind, code, message } = await askForRefusal(url, new AbortController().signal, { fetch, origin: 'https://page' });
    assert.deepEqual([kind, code], ['refused', 'originRefused']);
    assert.match(message, /https:\/\/page.*allowedOrigins/);
    const own = await askForRefusal(url, new AbortController().signal, { fetch, origin: 'https://host' });
    assert.deepEqual(own, { kind: 'away' });
    assert.deepEqual(modes, [undefined, 'no-cors', undefined]);
});

test('no answer means away, also when somebody ends the question', async () => {
    const fetch = async () => { throw new TypeError('Failed to fetch'); };
    assert.deepEqual(await askForRefusal(url, new AbortController().signal, { fetch }), { kind: 'away' });
    const cancel = new AbortController();
    const hanging = (_, { signal }) => new Promise((_, reject) => { signal.onabort = () => reject(signal.reason); });
    const answer = askForRefusal(url, cancel.signal, { fetch: hanging });
    cancel.abort();
    assert.deepEqual(await answer, { kind: 'away' });
});
