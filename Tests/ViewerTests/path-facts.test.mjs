// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// What the server is told about how the viewer fares, and how often.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PathFacts } from '../../Sources/Viewer/web/paths/path-facts.js';

test('the first facts go at once, the next ones after a second, and only if they are news', () => {
    const facts = new PathFacts();
    assert.equal(facts.take(1000).isInteracting, false);
    assert.equal(facts.take(1100, { errorPixels: 3 }), null);
    assert.equal(facts.take(2000), null, 'nothing new');
    assert.equal(facts.take(2001, { errorPixels: 3 }).errorPixels, 3);
    assert.equal(facts.take(2900, { errorPixels: 4 }), null);
});

test('what happens is told at once, but not more than four times a second', () => {
    const facts = new PathFacts();
    facts.take(1000);
    const told = [];
    for (let now = 1000; now < 3000; now += 10) {
        facts.isInteracting = Math.floor(now / 20) % 2 === 0;
        if (facts.take(now)) told.push(now);
    }
    assert.ok(told.length >= 7 && told.length <= 8, `${told.length}`);
    assert.equal(told[0], 1250);
});

test('a hand that holds still is told of every two seconds, until it lets go', () => {
    const facts = new PathFacts();
    facts.isInteracting = true;
    const told = [];
    for (let now = 1000; now < 10_000; now += 100) if (facts.take(now)?.isInteracting) told.push(now);
    assert.deepEqual(told, [1000, 3000, 5000, 7000, 9000]);
    facts.isInteracting = false;
    assert.equal(facts.take(10_000).isInteracting, false);
    assert.equal(facts.take(20_000), null);
});

test('a lost context is told and counted', () => {
    const facts = new PathFacts();
    facts.take(1000);
    facts.isContextLost = true;
    facts.isContextLost = true;
    const lost = facts.take(1300);
    assert.deepEqual([lost.isContextLost, lost.contextLossCount], [true, 1]);
    facts.isContextLost = false;
    facts.isContextLost = true;
    assert.equal(facts.take(1600).contextLossCount, 2);
    facts.restart();
    assert.equal(facts.take(1601).contextLossCount, 2, 'a new connection hears it too');
});

test('the frame rate is what nine of ten moving pictures keep, of the last two seconds', () => {
    const facts = new PathFacts();
    let now = 1000;
    for (let picture = 0; picture < 60; picture += 1) facts.drawn(true, now += picture % 20 === 0 ? 100 : 20);
    assert.equal(facts.take(now).framesPerSecond, 50);
    facts.drawn(false, now += 20);
    facts.drawn(true, now += 5000);
    assert.equal(facts.take(now).framesPerSecond, undefined, 'a rest is no slow picture');
});

test('a few pictures say nothing about a rate', () => {
    const facts = new PathFacts();
    for (let picture = 0; picture < 5; picture += 1) facts.drawn(true, 1000 + 200 * picture);
    assert.equal(facts.take(2000).framesPerSecond, undefined);
});

test('latency is the median of two seconds', () => {
    const facts = new PathFacts();
    for (const [at, value] of [[0, 9000], [1000, 50], [1100, 700], [1200, 60]]) facts.answered(value, at);
    assert.equal(facts.take(2500).latencyMilliseconds, 60);
    assert.equal(facts.take(4000).latencyMilliseconds, undefined);
});

test('the longest task is that since the last facts', () => {
    const facts = new PathFacts();
    facts.worked(12.4);
    facts.worked(3);
    assert.equal(facts.take(1000).longestTaskMilliseconds, 12);
    assert.equal(facts.take(2000).longestTaskMilliseconds, 0);
});
