// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Changing from one path to another: events in, actions out, on a clock of the test.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PathSwitch, baseOf, fadeMilliseconds, keepMilliseconds } from '../../Sources/Viewer/web/paths/path-switch.js';

const decision = (number, path, fields = {}) => ({ number, path, isEmergency: false, readyErrorPixels: 2, ...fields });

/** A switch with what is the case around it. `log` has all actions but `prepare`, in words. */
function setUp(path) {
    const paths = new PathSwitch();
    const state = { now: 1000, isReady: false, pictures: new Set(), broken: new Set(), isResting: true, isMotionReduced: false, isBehind: false };
    const log = [];
    const take = (actions) => {
        log.push(...actions.filter(({ type }) => type !== 'prepare').map(words));
        return actions.map(words);
    };
    const look = (changes = {}) => {
        Object.assign(state, changes);
        return take(paths.observed({
            isReady: state.isReady, hasPicture: (name) => state.pictures.has(baseOf(name)),
            isBroken: (part) => state.broken.has(part), isResting: state.isResting, isMotionReduced: state.isMotionReduced,
            isBehind: state.isBehind,
        }, state.now));
    };
    const decide = (...values) => take(paths.decided(decision(...values), state.now));
    const pass = (milliseconds) => { state.now += milliseconds; };
    const welcome = (name) => take(paths.welcomed(name, state.now));
    const refuse = (part) => take(paths.refused(part, 'no', state.now));
    const vanish = () => take(paths.vanished(state.now));
    if (path) {
        welcome(path);
        look({ pictures: new Set([baseOf(path)]) });
        log.length = 0;
    }
    return { paths, state, log, look, decide, pass, welcome, refuse, vanish, take };
}

function words(action) {
    switch (action.type) {
    case 'prepare': return `prepare ${action.decision.path}`;
    case 'fade': return `fade ${action.from} ${action.to}`;
    case 'show': return `show ${action.path}`;
    case 'answer': return `answer ${action.number} ${action.isShown}`;
    default: return `drop ${action.part}`;
    }
}

test('the first picture of the path that is served first is shown at once, and needs no answer', () => {
    const { paths, welcome, look } = setUp();
    assert.deepEqual(welcome('server'), ['prepare server']);
    assert.deepEqual(look(), []);
    assert.equal(paths.shown, null);
    assert.deepEqual(look({ pictures: new Set(['server']), isResting: false }), ['show server']);
    assert.equal(paths.target, null);
});

test('a decision before the first picture does not take it away', () => {
    const { paths, welcome, decide, look, pass } = setUp();
    welcome('server');
    assert.deepEqual(decide(1, 'client'), ['prepare client']);
    assert.ok(paths.needs('server') && paths.needs('client'));
    assert.deepEqual(look({ pictures: new Set(['server']) }), ['show server']);
    assert.deepEqual([paths.shown, paths.target], ['server', 'client']);
    assert.deepEqual(look({ isReady: true }), ['fade server client']);
    pass(fadeMilliseconds);
    assert.deepEqual(look(), ['show client', 'answer 1 true']);
});

test('where the decided path is first, it is shown first', () => {
    const { paths, welcome, decide, look } = setUp();
    welcome('server');
    decide(1, 'client');
    assert.deepEqual(look({ isReady: true, isResting: false }), ['show client', 'answer 1 true']);
    assert.equal(paths.needs('server'), false);
});

test('nothing changes before the target is ready, and then by a fade that ends before the answer', () => {
    const { paths, decide, look, pass, log } = setUp('server');
    assert.deepEqual(decide(1, 'client'), ['prepare client']);
    pass(5000);
    assert.deepEqual(look(), []);
    assert.deepEqual(look({ isReady: true }), ['fade server client']);
    pass(fadeMilliseconds - 1);
    assert.deepEqual(look(), []);
    assert.equal(paths.shown, 'server');
    pass(1);
    assert.deepEqual(look(), ['show client', 'answer 1 true']);
    assert.deepEqual(log, ['fade server client', 'show client', 'answer 1 true']);
});

test('a hand on the camera puts the change off, but not in an emergency or where nothing is left to see', () => {
    const calm = setUp('server');
    calm.decide(1, 'client');
    assert.deepEqual(calm.look({ isReady: true, isResting: false }), []);
    assert.deepEqual(calm.look({ isResting: true }), ['fade server client']);
    const urgent = setUp('client');
    urgent.decide(1, 'server', { isEmergency: true });
    assert.deepEqual(urgent.look({ isReady: true, isResting: false }), ['fade client server']);
    const broken = setUp('client');
    broken.decide(1, 'server');
    assert.deepEqual(broken.look({ isReady: true, isResting: false, broken: new Set(['client']) }), ['show server', 'answer 1 true']);
});

test('with reduced motion there is a cut', () => {
    const { decide, look } = setUp('server');
    decide(1, 'client');
    assert.deepEqual(look({ isReady: true, isMotionReduced: true }), ['show client', 'answer 1 true']);
});

test('a picture that is behind the camera does not fade into one that is not', () => {
    const { decide, look } = setUp('server');
    decide(1, 'client', { isEmergency: true });
    assert.deepEqual(look({ isReady: true, isResting: false, isBehind: true }), ['show client', 'answer 1 true']);
});

test('to stay is answered at once, and ends what was being prepared', () => {
    const { paths, decide } = setUp('server');
    assert.deepEqual(decide(1, 'server'), ['answer 1 true']);
    decide(2, 'client');
    assert.deepEqual(decide(3, 'server'), ['answer 3 true']);
    assert.deepEqual([paths.target, paths.needs('client')], [null, false]);
});

test('of several decisions the newest counts and is answered', () => {
    const { decide, look, pass, log } = setUp('server');
    decide(1, 'client');
    decide(2, 'hybrid');
    assert.deepEqual(decide(2, 'client'), [], 'a number that has been');
    look({ isReady: true });
    pass(fadeMilliseconds);
    look();
    assert.deepEqual(log, ['fade server hybrid', 'show hybrid', 'answer 2 true']);
});

test('what comes during a fade waits for its end', () => {
    const { decide, look, pass, log } = setUp('server');
    decide(1, 'client');
    look({ isReady: true });
    decide(2, 'client');
    pass(fadeMilliseconds);
    look({ isReady: false });
    assert.deepEqual(log.splice(0), ['fade server client', 'show client', 'answer 2 true']);
    decide(3, 'server');
    look({ isReady: true });
    decide(4, 'client');
    pass(fadeMilliseconds);
    look({ isReady: false });
    assert.deepEqual(log.splice(0), ['fade client server', 'show server'], 'number 3 is old');
    look({ isReady: true });
    pass(fadeMilliseconds);
    look();
    assert.deepEqual(log, ['fade server client', 'show client', 'answer 4 true']);
});

test('client and hybrid are the same picture: no fade between them', () => {
    const { decide, look } = setUp('client');
    decide(1, 'hybrid');
    assert.deepEqual(look({ isReady: true }), ['show hybrid', 'answer 1 true']);
    decide(2, 'client');
    assert.deepEqual(look(), ['show client', 'answer 2 true']);
});

test('what cannot be shown is answered so, and what is shown stays', () => {
    const { paths, decide, refuse } = setUp('server');
    decide(1, 'client');
    assert.deepEqual(refuse('client'), ['answer 1 false']);
    assert.deepEqual([paths.shown, paths.target], ['server', null]);
    assert.deepEqual(refuse('client'), []);
});

test('without a picture and with a part that does not work nothing is left to wait for', () => {
    const { paths, welcome, refuse } = setUp();
    welcome('client');
    assert.deepEqual(refuse('client'), []);
    assert.deepEqual([paths.shown, paths.target], [null, null]);
});

test('a part that breaks while it fades in gives the picture back', () => {
    const { paths, decide, look, pass } = setUp('server');
    decide(1, 'client');
    look({ isReady: true });
    pass(40);
    assert.deepEqual(look({ broken: new Set(['client']), isReady: false }), ['show server']);
    assert.equal(paths.target, 'client');
    assert.deepEqual(look({ broken: new Set(), isReady: true }), ['fade server client']);
});

test('a part that breaks while it fades out ends the fade', () => {
    const { decide, look, pass } = setUp('client');
    decide(1, 'server');
    look({ isReady: true });
    pass(40);
    assert.deepEqual(look({ broken: new Set(['client']) }), ['show server', 'answer 1 true']);
});

test('a lost connection ends a fade where it was going, without an answer, and forgets what was prepared', () => {
    const fading = setUp('server');
    fading.decide(1, 'client');
    fading.look({ isReady: true });
    assert.deepEqual(fading.vanish(), ['show client']);
    assert.deepEqual(fading.welcome('client'), []);
    const preparing = setUp('server');
    preparing.decide(7, 'client');
    assert.deepEqual(preparing.vanish(), []);
    assert.equal(preparing.paths.target, null);
    preparing.welcome('server');
    assert.deepEqual(preparing.decide(1, 'client'), ['prepare client'], 'numbers begin anew');
});

test('a connection that serves another path than is shown has it prepared', () => {
    const { vanish, welcome, look, pass } = setUp('client');
    vanish();
    assert.deepEqual(welcome('server'), ['prepare server']);
    look({ isReady: true });
    pass(fadeMilliseconds);
    assert.deepEqual(look(), ['show server'], 'there is no number to answer');
});

test('what is not needed is given up after a while, once', () => {
    const { paths, decide, look, pass, state, take } = setUp('client');
    decide(1, 'server');
    look({ isReady: true });
    pass(fadeMilliseconds);
    look();
    const passed = () => take(paths.passed(state.now));
    pass(keepMilliseconds - 1);
    assert.deepEqual(passed(), []);
    pass(1);
    assert.deepEqual(passed(), ['drop client']);
    pass(keepMilliseconds);
    assert.deepEqual(passed(), []);
    decide(2, 'client');
    look({ isReady: false });
    decide(3, 'server');
    pass(keepMilliseconds - 1);
    assert.deepEqual(passed(), [], 'it was needed in between');
});

test('whatever happens: one fade at a time, never a broken or missing picture, always the newest number', () => {
    let seed = 20260301;
    const random = (count) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 2 ** 32) * count);
    };
    const names = ['client', 'server', 'hybrid'];
    for (let round = 0; round < 400; round += 1) {
        const { paths, state, log, look, decide, pass, welcome, refuse, vanish } = setUp(names[random(3)]);
        let [newest, fading, shown] = [0, null, paths.shown];
        const check = () => {
            for (const line of log.splice(0)) {
                const [type, first, second] = line.split(' ');
                if (type === 'fade') {
                    assert.equal(fading, null, 'two fades');
                    assert.equal(first, shown);
                    assert.ok(state.isReady && !state.broken.has(baseOf(second)));
                    fading = second;
                } else if (type === 'show') {
                    if (fading === null && baseOf(first) !== baseOf(shown)) {
                        assert.ok(state.isReady, `${first} was not ready`);
                        assert.ok(state.isMotionReduced || state.broken.has(baseOf(shown)));
                    }
                    [shown, fading] = [first, null];
                } else if (type === 'answer') {
                    assert.equal(Number(first), newest, 'an old number');
                    assert.equal(fading, null, 'answered while fading');
                }
            }
            assert.equal(paths.shown, shown);
            assert.equal(paths.isFading, fading !== null);
        };
        for (let step = 0; step < 60; step += 1) {
            pass(random(3) === 0 ? random(200) : random(20));
            const event = random(12);
            if (event < 3) decide(newest += 1, names[random(3)], { isEmergency: random(3) === 0 });
            else if (event === 3) refuse(['client', 'server'][random(2)]);
            else if (event === 4 && random(4) === 0) {
                newest = 0;
                vanish();
                check();
                welcome(names[random(3)]);
            } else {
                // What is broken cannot be ready.
                const broken = new Set(random(6) === 0 ? ['client'] : []);
                const target = paths.target;
                const isReady = random(2) === 0 && target !== null && !broken.has(baseOf(target));
                look({ isReady, broken, isResting: random(2) === 0, isMotionReduced: random(5) === 0 });
            }
            check();
        }
        // Left alone, it comes to what was decided last.
        decide(newest += 1, 'server');
        pass(fadeMilliseconds);
        look({ isReady: true, broken: new Set(), isResting: true });
        pass(fadeMilliseconds);
        look();
        pass(fadeMilliseconds);
        look();
        assert.deepEqual([paths.shown, paths.target, paths.isFading], ['server', null, false]);
        assert.equal(log.filter((line) => line === `answer ${newest} true`).length, 1);
    }
});
