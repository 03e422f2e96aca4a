// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Who draws, as the page tells it: the choices, the words, the rows and the server's report.

import assert from 'node:assert/strict';
import test from 'node:test';
import { pathChoices } from '../../Sources/Viewer/web/ui/path-choices.js';
import { PathReport, obstaclesOf } from '../../Sources/Viewer/web/ui/path-report.js';
import { pathRows } from '../../Sources/Viewer/web/ui/path-rows.js';
import { clause, drawnBy, pathName, sentence } from '../../Sources/Viewer/web/ui/path-words.js';
import { statsRows, statsText } from '../../Sources/Viewer/web/ui/stats-rows.js';

const everything = ['client', 'server', 'hybrid'];
const byWish = (state) => Object.fromEntries(pathChoices(state).map((choice) => [choice.wish, choice]));

test('automatic is chosen unless somebody wished otherwise', () => {
    const choices = byWish({ path: 'server', allowed: everything });
    assert.deepEqual(Object.keys(choices), ['auto', 'client', 'server', 'hybrid']);
    assert.deepEqual(Object.values(choices).map(({ isChecked }) => isChecked), [true, false, false, false]);
    assert.ok(Object.values(choices).every(({ isDisabled, note }) => !isDisabled && note));
    assert.equal(byWish({ path: 'client', wish: 'hybrid', allowed: everything }).hybrid.isChecked, true);
});

test('without a list every path is allowed', () => {
    assert.ok(pathChoices({ path: 'client' }).every(({ isDisabled }) => !isDisabled));
});

test('what is not allowed says why', () => {
    const { auto, client, server, hybrid } = byWish({ path: 'client', allowed: ['client'] });
    assert.ok(!auto.isDisabled && !client.isDisabled);
    for (const choice of [server, hybrid]) {
        assert.ok(choice.isDisabled);
        assert.match(choice.note, /this server draws no pictures/);
    }
    const thin = byWish({ path: 'server', allowed: ['server'], obstacles: { client: 'this browser has no WebGL 2' } });
    assert.equal(thin.client.note, 'This browser has no WebGL 2.');
    assert.equal(thin.hybrid.note, 'This browser has no WebGL 2.');
    assert.equal(byWish({ path: 'client', allowed: ['client', 'server'] }).hybrid.note, 'Not possible here.');
});

test('a fixed path is the only choice', () => {
    const { auto, client, server } = byWish({ path: 'server', wish: 'auto', isNegotiated: false, allowed: everything });
    assert.ok(server.isChecked && !server.isDisabled);
    assert.ok(auto.isDisabled && client.isDisabled && !auto.isChecked);
});

test('reasons fit into sentences', () => {
    assert.equal(clause('This device’s graphics are slow.'), 'this device’s graphics are slow');
    assert.equal(clause('WebGL 2 is missing.'), 'WebGL 2 is missing');
    assert.equal(clause('GPU lost'), 'GPU lost');
    assert.equal(sentence('the device is slow'), 'The device is slow.');
    assert.equal(sentence('wish'), 'wish.');
    assert.equal(sentence('Really?'), 'Really?');
    for (const nothing of ['', ' ', null, undefined]) {
        assert.equal(clause(nothing), '');
        assert.equal(sentence(nothing), '');
    }
    assert.equal(drawnBy('hybrid'), 'Drawn by both');
    assert.equal(pathName('other'), '–');
});

const report = {
    path: 'client', target: 'server', wish: 'auto', reason: 'This device is slow.', code: 'clientSlow',
    costs: {
        client: { firstPictureSeconds: 1.4, usableSeconds: 3, framesPerSecond: 9.2, gpuByteCount: 310e6 },
        server: { latencyMilliseconds: 80, framesPerSecond: 24, firstPictureSeconds: 0.3 },
    },
    decisions: [
        { number: 3, path: 'server', code: 'clientSlow', secondsAgo: 12.4, isEmergency: true },
        { number: 2, path: 'client', code: 'clientFast', secondsAgo: 60 },
    ],
};

test('the rows tell what was decided, why, and what each path would cost', () => {
    const facts = { framesPerSecond: 26.6, latencyMilliseconds: 84, longestTaskMilliseconds: 31 };
    const rows = Object.fromEntries(pathRows({ path: 'client', wish: 'auto', pathTarget: 'server', reason: 'This device is slow.', facts }, report));
    assert.deepEqual(rows, {
        Path: 'this device (changing to the server): this device is slow',
        Wish: 'automatic',
        Decided: '12 s ago, clientSlow, at once, number 3',
        'Device would': 'first picture in 1.4 s, usable in 3 s, 9 per second, 310 MB on the GPU',
        'Server would': 'first picture in 300 ms, answer in 80 ms, 24 per second',
        Measured: '27 per second at worst (p10), answer in 84 ms, longest task 31 ms',
    });
});

test('an impossible path says why', () => {
    const rows = Object.fromEntries(pathRows({ path: 'client' }, { costs: { server: { impossible: 'The server has no renderer.' } } }));
    assert.deepEqual(rows, { Path: 'this device', 'Server would': 'not possible: the server has no renderer' });
    assert.deepEqual(obstaclesOf({ costs: { server: { impossible: 'No.' }, client: {} } }), { server: 'No.' });
    assert.deepEqual(obstaclesOf(null), {});
});

test('rows of which nothing is known are left out, whatever is missing', () => {
    const reports = [null, undefined, {}, { costs: {}, decisions: [] }, { costs: { client: {}, server: null }, decisions: [{}] }, { decisions: 7 }];
    for (const one of reports) {
        for (const status of [{ path: 'client' }, { path: 'server', facts: {}, wish: 'other', pathTarget: null }]) {
            const rows = pathRows(status, one);
            assert.equal(rows[0][0], 'Path');
            for (const [name, value] of rows) assert.doesNotMatch(`${name} ${value}`, /undefined|NaN|null|\[object/);
            assert.equal(rows.length, 1, JSON.stringify([one, rows]));
        }
    }
});

test('the statistics begin with who draws, on every path', () => {
    for (const path of everything) {
        const rows = statsRows({ path, width: 1, height: 1, thresholdPixels: 1 }, report);
        assert.deepEqual(rows.slice(0, 2).map(([name]) => name), ['Path', 'Wish']);
        const names = rows.map(([name]) => name);
        assert.equal(new Set(names).size, names.length);
    }
    assert.match(statsText({ path: 'client', state: 'open' }, 'http://h/', report), /Server would +first picture/);
});

function fakeClock() {
    const timers = [];
    return {
        timers,
        setTimeout: (callback, delay) => timers.push({ callback, delay }) && timers.at(-1),
        clearTimeout: (timer) => timers.splice(timers.indexOf(timer) >>> 0, 1),
    };
}

/** Until promises that are under way have been told. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the report is asked while somebody looks', async () => {
    const clock = fakeClock();
    const seen = [];
    let count = 0;
    const asked = new PathReport(async () => ({ number: count += 1 }), { clock, onChange: (value) => seen.push(value.number) });
    assert.equal(asked.value, null);
    asked.start();
    asked.start();
    await settled();
    assert.deepEqual(asked.value, { number: 1 });
    assert.deepEqual(clock.timers.map(({ delay }) => delay), [2000]);
    clock.timers.pop().callback();
    await settled();
    assert.deepEqual(seen, [1, 2]);
    asked.stop();
    assert.deepEqual(clock.timers, []);
    await settled();
    assert.equal(count, 2);
});

test('a report that fails is asked less often and forgotten', async () => {
    const clock = fakeClock();
    let isBroken = false;
    const asked = new PathReport(async () => {
        if (isBroken) throw new Error('away');
        return { path: 'client' };
    }, { clock });
    asked.start();
    await settled();
    isBroken = true;
    clock.timers.pop().callback();
    await settled();
    assert.equal(asked.value, null);
    assert.deepEqual(clock.timers.map(({ delay }) => delay), [10_000]);
    asked.stop();
});

test('without a viewer there is nothing to ask', async () => {
    const asked = new PathReport(() => null, { clock: fakeClock() });
    assert.equal(await asked.ask(), null);
});

test('an answer that comes after a newer question, or after the end, changes nothing', async () => {
    const clock = fakeClock();
    const answers = [];
    const asked = new PathReport(() => new Promise((resolve) => answers.push(resolve)), { clock });
    asked.start();
    asked.stop();
    asked.start();
    answers[1]({ number: 2 });
    await settled();
    answers[0]({ number: 1 });
    await settled();
    assert.deepEqual(asked.value, { number: 2 });
    assert.equal(clock.timers.length, 1);
    asked.stop();
    assert.equal(clock.timers.length, 0);
});
