// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { describeTrouble, whole } from '../../Sources/Viewer/web/ui/connection-words.js';

const stills = { isShown: false, message: '', isRefused: false };
const trouble = (status, facts = stills) => describeTrouble({ state: 'reconnecting', refusal: '', message: '', ...status }, facts);

test('what passes by itself is no lasting trouble', () => {
    assert.equal(trouble({ cause: 'lost' }), null);
    assert.equal(trouble({ cause: 'busy' }), null);
    assert.equal(describeTrouble({ state: 'open' }, null), null);
    assert.equal(describeTrouble({ state: 'connecting', cause: 'blocked' }, null), null);
});

test('WebSockets that do not get through: what the proxy has to pass on, and what is seen meanwhile', () => {
    const { title, sentences } = trouble({ cause: 'blocked' });
    assert.match(title, /WebSockets do not get through/);
    assert.match(sentences.join(' '), /HTTP\/1\.1 .*Upgrade and Connection/);
    assert.doesNotMatch(sentences.join(' '), /pictures/);
    assert.match(trouble({ cause: 'blocked' }, { ...stills, isShown: true }).sentences.join(' '), /Single pictures/);
});

test('why there are no pictures either is said, unless one is seen and more will come', () => {
    const words = (facts) => trouble({ cause: 'blocked' }, { ...stills, ...facts }).sentences.join(' ');
    assert.match(words({ message: 'the server has no device', isRefused: true, isShown: true }), /no pictures meanwhile: The server has no device\./);
    assert.match(words({ message: 'many wait' }), /many wait/);
    assert.doesNotMatch(words({ message: 'many wait', isShown: true }), /many wait/);
});

test('messages of the server become sentences', () => {
    assert.equal(whole('all seats are taken'), 'All seats are taken.');
    assert.equal(whole('The connection to the server was lost.'), 'The connection to the server was lost.');
    assert.deepEqual([whole(''), whole()], ['', '']);
});

test('a refusal is told in the server\'s own sentence; one of somebody else gets advice', () => {
    const refused = trouble({ cause: 'refused', refusal: 'originRefused', message: 'the Host header is another: pass it on' });
    assert.equal(refused.sentences[0], 'The Host header is another: pass it on.');
    assert.match(refused.title, /refuses this page/);
    const foreign = trouble({ cause: 'refused', refusal: 'foreign', message: 'Something answered 200.' });
    assert.match(foreign.sentences.join(' '), /sign in.*api\/v1\/stream/);
});
