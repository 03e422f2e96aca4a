// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// What is drawn, in which order, and what is told about each frame: on canvases that only write down what is asked.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FramePresenter } from '../../Sources/Viewer/web/frames/frame-presenter.js';
import { frameHeader } from './frames-fixtures.mjs';

function fakeCanvas(width = 128, height = 72) {
    const calls = [];
    const context = {
        canvas: null, globalAlpha: 1, fillStyle: '', transform: [1, 0, 0, 1, 0, 0],
        setTransform: (...values) => { context.transform = values; },
        drawImage: (image, ...values) => calls.push({ image, values, alpha: context.globalAlpha, transform: context.transform }),
        fillRect: () => {},
        createLinearGradient: () => ({ addColorStop: () => {} }),
    };
    const canvas = { width, height, getContext: () => context, calls };
    context.canvas = canvas;
    return canvas;
}

globalThis.document = { createElement: () => fakeCanvas() };

const view = (x = 0) => ({
    eye: [x, 0, 5], orientation: [0, 0, 0, 1], projection: 'perspective', scale: 0.3, width: 128, height: 72,
});

function setUp() {
    const canvas = fakeCanvas();
    let time = 0;
    const presenter = new FramePresenter(canvas, { top: '#ffffff', bottom: '#808080' }, () => time);
    presenter.sphere = { center: [0, 0, 0], radius: 1 };
    const image = (name) => {
        const made = { name, width: 64, height: 36, closeCount: 0, close: () => { made.closeCount += 1; } };
        return made;
    };
    const take = (frame, fields = {}, picture = image(frame), grid = null) => {
        const skipped = presenter.take({ header: frameHeader(frame, fields), picture, grid });
        return { picture, skipped: skipped.map(({ header }) => header.frame) };
    };
    /** The images that a picture was made of, without the background. */
    const draw = (camera = view()) => {
        canvas.calls.length = 0;
        const shown = presenter.draw(camera).map(({ header }) => header.frame);
        return { shown, calls: canvas.calls.slice(1), names: canvas.calls.slice(1).map((call) => call.image.name) };
    };
    return { presenter, image, take, draw, pass: (milliseconds) => { time += milliseconds; } };
}

test('before the first frame there is background', () => {
    const { draw } = setUp();
    assert.deepEqual(draw().names, []);
});

test('a frame is shown at its place, stretched to the canvas, and told once', () => {
    const { take, draw } = setUp();
    take(1, { left: 10, top: 5, imageWidth: 20, imageHeight: 30 });
    const { shown, calls: [{ transform, values }] } = draw();
    assert.deepEqual(shown, [1]);
    assert.deepEqual(transform, [2, 0, 0, 2, 0, 0]);
    assert.deepEqual(values, [10, 5, 20, 30]);
    assert.deepEqual(draw().shown, []);
});

test('a frame that was not drawn before the next came is skipped, and given back', () => {
    const { take, draw } = setUp();
    const { picture } = take(1);
    assert.deepEqual(take(2).skipped, [1]);
    assert.equal(picture.closeCount, 1);
    assert.deepEqual(draw().shown, [2]);
});

test('the picture before is given back when another takes its place', () => {
    const { take, draw, presenter } = setUp();
    const first = take(1).picture;
    draw();
    const second = take(2).picture;
    draw();
    assert.deepEqual([first.closeCount, second.closeCount], [1, 0]);
    presenter.dispose();
    assert.deepEqual([first.closeCount, second.closeCount], [1, 1]);
});

test('a better still fades in over the picture before', () => {
    const { take, draw, pass, presenter } = setUp();
    const first = take(1).picture;
    draw();
    take(2, { kind: 2 });
    assert.deepEqual(draw().calls.map(({ image, alpha }) => [image.name, alpha]), [[1, 1], [2, 0]]);
    pass(50);
    assert.deepEqual(draw().calls.map(({ image, alpha }) => [image.name, alpha]), [[1, 1], [2, 0.5]]);
    assert.equal(presenter.isFading, true);
    pass(51);
    assert.equal(presenter.isFading, false);
    assert.deepEqual(draw().calls.map(({ image, alpha }) => [image.name, alpha]), [[2, 1]]);
    assert.equal(first.closeCount, 1);
});

test('moving frames take over at once', () => {
    const { take, draw } = setUp();
    take(1, { kind: 1 });
    draw();
    take(2, { kind: 0 });
    assert.deepEqual(draw().names, [2]);
});

test('changes are drawn into the picture that they change, also if that waits itself', () => {
    const { take, draw } = setUp();
    const whole = take(1).picture;
    const change = take(2, { isWhole: false, left: 4, top: 6, imageWidth: 8, imageHeight: 10 });
    assert.deepEqual(change.skipped, []);
    const { shown, calls } = draw();
    assert.deepEqual(shown, [1, 2]);
    assert.deepEqual(calls[0].image.calls.map(({ image, values }) => [image.name, ...values]), [[1, 0, 0], [2, 4, 6, 8, 10]]);
    assert.deepEqual([whole.closeCount, change.picture.closeCount], [1, 1]);
});

test('a change without a picture leaves everything as it is, and is told', () => {
    const { take, draw } = setUp();
    take(1);
    draw();
    take(2, { isWhole: false, byteCount: 0 }, null);
    const { shown, names } = draw();
    assert.deepEqual([shown, names], [[2], [1]]);
});

test('a change of nothing is skipped', () => {
    const { take } = setUp();
    const { picture, skipped } = take(1, { isWhole: false });
    assert.deepEqual(skipped, [1]);
    assert.equal(picture.closeCount, 1);
});

test('a whole frame without a picture is background', () => {
    const { take, draw } = setUp();
    take(1);
    draw();
    take(2, { byteCount: 0 }, null);
    assert.deepEqual(draw().names, []);
});

test('a newer camera moves the frame along; without warping it stays', () => {
    const { take, draw, presenter } = setUp();
    take(1);
    const [{ transform }] = draw(view(0.2)).calls;
    assert.ok(transform[4] < -1, 'what is seen goes left when the camera goes right');
    presenter.warp = 'none';
    assert.deepEqual(draw(view(0.2)).calls[0].transform, [2, 0, 0, 2, 0, 0]);
});

test('with a depth grid each cell goes its own way, the nearest last', () => {
    const { take, draw, presenter, image } = setUp();
    presenter.warp = 'grid';
    take(1, {}, image(1), { columns: 2, rows: 1, depths: Float64Array.of(2, 40) });
    assert.equal(draw(view()).calls.length, 1, 'not when nothing moved');
    const { calls } = draw(view(0.05));
    assert.equal(calls.length, 3);
    const [whole, far, near] = calls;
    assert.equal(whole.values.length, 4);
    assert.ok(Math.abs(near.transform[4]) > 5 * Math.abs(far.transform[4]));
    assert.deepEqual(near.values.slice(0, 4), [0, 0, 33, 36], 'with a pixel of overlap');
    assert.deepEqual(far.values.slice(0, 4), [31, 0, 33, 36]);
});

test('after a lost connection the last picture stays, and what waited is forgotten', () => {
    const { take, draw, presenter } = setUp();
    take(1);
    draw();
    const { picture } = take(2);
    presenter.reset();
    const { shown, names } = draw();
    assert.deepEqual([shown, names, picture.closeCount], [[], [1], 1]);
});
