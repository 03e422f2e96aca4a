// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Single pictures over a path: when they are asked for, seen, and given up.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Camera } from '../../Sources/Viewer/web/camera/camera.js';
import { settle } from './stream-fakes.mjs';

/** A canvas that draws nothing and counts the pictures that it is given. */
function fakeCanvas() {
    const canvas = { dataset: {}, style: {}, width: 0, height: 0, drawCount: 0, remove() {} };
    const context = {
        canvas, setTransform() {}, fillRect() {}, drawImage: () => { canvas.drawCount += 1; },
        createLinearGradient: () => ({ addColorStop() {} }),
    };
    return Object.assign(canvas, { getContext: () => context });
}

globalThis.document = { createElement: () => fakeCanvas() };
globalThis.createImageBitmap = async () => ({ width: 400, height: 300, close() {} });

const { StillPictures } = await import('../../Sources/Viewer/web/paths/still-pictures.js');

const camera = new Camera();
const viewAt = (azimuth) => {
    camera.state = { ...camera.state, azimuth };
    return [camera.view(800, 600), camera.state];
};

/** Pictures of a server that answers everything; `asked` are the addresses. */
function setUp({ status = 200 } = {}) {
    const asked = [];
    const facts = [];
    globalThis.fetch = async (address) => {
        const url = new URL(address);
        asked.push(url);
        const isPicture = url.pathname.endsWith('/render');
        const text = status === 200 ? (isPicture ? 'x' : '{"id": "m", "minimum": [0, 0, 0], "maximum": [1, 1, 1]}')
            : '{"error": {"code": "noRenderer", "message": "no device"}}';
        return new Response(text, { status });
    };
    const stills = new StillPictures({
        element: { append() {} }, target: { model: 'm' }, server: 'https://host/', onFacts: (model) => facts.push(model.id),
        onChange() {},
    });
    return { stills, asked, facts, paths: () => asked.map(({ pathname }) => pathname.split('/').pop()) };
}

test('without a word of where the model is, that is asked for before any picture', async () => {
    const { stills, facts, paths } = setUp();
    stills.start(false);
    stills.frame(...viewAt(1), false, false);
    assert.deepEqual(paths(), ['m']);
    await settle();
    assert.deepEqual(facts, ['m']);
    const [view, state] = viewAt(1);
    stills.frame(view, state, false, false);
    await settle();
    assert.deepEqual(paths(), ['m', 'render']);
    stills.frame(view, state, false, false);
    assert.deepEqual([stills.isShown, stills.isShowing(view), paths().length], [true, true, 2]);
    stills.dispose();
});

test('small pictures follow the camera, a full one comes at rest', async () => {
    const { stills, asked } = setUp();
    stills.start(true);
    stills.frame(...viewAt(1), true, false);
    await settle();
    const [view, state] = viewAt(1.1);
    stills.frame(view, state, false, false);
    await settle();
    assert.deepEqual(asked.map(({ searchParams }) => searchParams.get('width')), ['400', '800']);
    assert.match(asked[1].searchParams.get('camera'), /^p,/);
    stills.dispose();
});

test('what moves is left to a device that draws it by itself', async () => {
    const { stills, asked } = setUp();
    stills.start(true);
    const [view, state] = viewAt(1);
    stills.frame(view, state, false, true);
    await settle();
    stills.frame(view, state, false, true);
    assert.equal(stills.isShown, true);
    stills.frame(...viewAt(1.2), true, true);
    assert.deepEqual([stills.isShown, stills.picture.style.visibility, asked.length], [false, 'hidden', 1]);
    stills.frame(...viewAt(1.2), false, true);
    await settle();
    assert.equal(asked.length, 2);
    stills.dispose();
});

test('a better picture fades in, and the frame that ends the fade is drawn too', async (context) => {
    let time = 1000;
    context.mock.method(performance, 'now', () => time);
    const { stills } = setUp();
    stills.start(true);
    const [view, state] = viewAt(1);
    stills.frame(view, state, true, false);
    await settle();
    stills.frame(view, state, false, false);
    await settle();
    assert.equal(stills.frame(view, state, false, false), true, 'it fades');
    assert.equal(stills.isShowing(view), false);
    time += 500;
    const { drawCount } = stills.picture;
    assert.equal(stills.frame(view, state, false, false), false);
    assert.ok(stills.picture.drawCount > drawCount);
    assert.equal(stills.isShowing(view), true);
    stills.frame(view, state, false, false);
    assert.ok(stills.picture.drawCount <= drawCount + 2, 'and not again');
    stills.dispose();
});

test('when the stream is back, the last picture stays until that shows the same, but not for ever', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const shown = async () => {
        const { stills, asked } = setUp();
        stills.start(true);
        const [view, state] = viewAt(1);
        stills.frame(view, state, false, false);
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
        stills.frame(view, state, false, false);
        stills.hide();
        assert.equal(stills.isShown, true, 'there is no stream');
        stills.leave();
        stills.frame(...viewAt(2), false, false);
        assert.deepEqual([stills.isShown, asked.length], [true, 1]);
        return stills;
    };
    const first = await shown();
    first.hide();
    assert.equal(first.isShown, false);
    const second = await shown();
    context.mock.timers.tick(4000);
    assert.equal(second.isShown, false);
});

test('why there are no pictures is told, and asked again with the next attempt to connect', async () => {
    const { stills, paths } = setUp({ status: 503 });
    stills.start(false);
    await settle();
    assert.deepEqual([stills.facts.message, stills.facts.isRefused, stills.facts.isActive], ['no device', true, false]);
    stills.start(false);
    await settle();
    assert.deepEqual(paths(), ['m', 'm']);
    stills.dispose();
});
