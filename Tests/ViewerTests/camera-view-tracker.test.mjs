// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { Camera } from '../../Sources/Viewer/web/camera/camera.js';
import { ViewTracker } from '../../Sources/Viewer/web/camera/view-tracker.js';

const restMilliseconds = 150;

/** A tracker of a picture of 400 × 300 that notes what it tells. */
function setUp(context) {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const camera = new Camera();
    const told = [];
    const shown = { width: 400, height: 300 };
    const tracker = new ViewTracker(camera, {
        measure: () => shown,
        onSize: ({ width, height }) => told.push(`size ${width} ${height}`),
        onView: (view, motion) => told.push({ view, ...motion }),
        onMoving: () => told.push('moving'),
        onRest: () => told.push('rest'),
    });
    tracker.resize();
    return { camera, tracker, told, shown, take: () => told.splice(0) };
}

test('a resting camera is told once', (context) => {
    const { tracker, take } = setUp(context);
    tracker.follow(0, 1 / 60);
    const [size, first, ...rest] = take();
    assert.equal(size, 'size 400 300');
    assert.equal(first.isMoving, false);
    assert.deepEqual([first.view.width, first.view.height], [400, 300]);
    assert.deepEqual(rest, []);
    tracker.follow(1, 1);
    assert.deepEqual(take(), []);
});

test('a moving camera is told with its speed, and once more when it rests', (context) => {
    const { camera, tracker, take } = setUp(context);
    tracker.follow(0, 1 / 60);
    take();
    for (let frame = 1; frame <= 30; frame += 1) {
        camera.move(0.1, 0, 0);
        tracker.follow(frame / 60, 1 / 60);
    }
    const events = take();
    assert.equal(events[0], 'moving');
    assert.ok(events.slice(1).every(({ isMoving }) => isMoving));
    assert.ok(Math.abs(Math.hypot(...events.at(-1).velocity) - 6) < 0.1);
    assert.equal(tracker.isMoving, true);
    context.mock.timers.tick(restMilliseconds);
    const [last, rest] = take();
    assert.equal(last.isMoving, false);
    assert.deepEqual(last.velocity, [0, 0, 0]);
    assert.equal(rest, 'rest');
});

test('a new place is no movement', (context) => {
    const { camera, tracker, take } = setUp(context);
    tracker.follow(0, 1 / 60);
    take();
    camera.move(1000, 0, 0);
    tracker.restart();
    const [event, ...others] = take();
    assert.deepEqual([event.isMoving, event.velocity, others], [false, [0, 0, 0], []]);
    tracker.follow(0.02, 1 / 60);
    assert.deepEqual(take(), []);
});

test('a picture of another size is a new view but no movement', (context) => {
    const { tracker, shown, take } = setUp(context);
    tracker.follow(0, 1 / 60);
    take();
    shown.width = 500;
    tracker.resize();
    tracker.follow(0.1, 1 / 60);
    const [size, event, ...others] = take();
    assert.equal(size, 'size 500 300');
    assert.deepEqual([event.view.width, event.isMoving, others], [500, false, []]);
});

test('slow movement has fewer pixels, rest has all of them', (context) => {
    const { camera, tracker, take } = setUp(context);
    for (let frame = 1; frame <= 10; frame += 1) {
        camera.move(0.1, 0, 0);
        tracker.follow(frame / 15, 1 / 15);
    }
    assert.ok(tracker.size.width < 400);
    take();
    context.mock.timers.tick(restMilliseconds);
    assert.deepEqual(tracker.size, { width: 400, height: 300 });
    const { view } = take().find((event) => event.view);
    assert.deepEqual([view.width, view.height], [400, 300]);
});

test('after its end nothing is told', (context) => {
    const { camera, tracker, take } = setUp(context);
    tracker.follow(0, 1 / 60);
    camera.move(1, 0, 0);
    tracker.follow(0.02, 1 / 60);
    tracker.dispose();
    take();
    context.mock.timers.tick(1000);
    assert.deepEqual(take(), []);
});
