// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { Bounds } from '../../Sources/Viewer/web/camera/bounds.js';
import { Camera, anglesOf, defaultTangent } from '../../Sources/Viewer/web/camera/camera.js';
import { MotionEstimator } from '../../Sources/Viewer/web/camera/motion-estimator.js';
import { ResolutionScaler } from '../../Sources/Viewer/web/camera/resolution-scaler.js';
import { anglesTowards, homeAngles, standardViews } from '../../Sources/Viewer/web/camera/standard-views.js';
import { Transition } from '../../Sources/Viewer/web/camera/transition.js';
import { length, rotate, subtract } from '../../Sources/Viewer/web/camera/vector.js';
import { sampleCamera, seededNumbers } from './camera-samples.mjs';

const near = (a, b, tolerance, what) => assert.ok(Math.abs(a - b) <= tolerance, `${what ?? ''} ${a} is not ${b}`);
const nearPoint = (a, b, tolerance, what) => near(length(subtract(a, b)), 0, tolerance, what);

test('project undoes unproject, from any side and at any scale', () => {
    const random = seededNumbers(1);
    for (let round = 0; round < 300; round += 1) {
        const camera = sampleCamera(random);
        const [x, y] = [random() * 2 - 1, random() * 2 - 1];
        const depth = camera.state.distance * (0.2 + random());
        const place = camera.project(camera.unproject(x, y, depth));
        near(place.x, x, 1e-6);
        near(place.y, y, 1e-6);
        near(place.depth / depth, 1, 1e-6);
    }
});

test('zooming keeps the anchor where it is in the picture', () => {
    const random = seededNumbers(2);
    for (let round = 0; round < 300; round += 1) {
        const camera = sampleCamera(random);
        const anchor = camera.unproject(random() * 2 - 1, random() * 2 - 1, camera.state.distance * (0.3 + random()));
        const before = camera.project(anchor);
        camera.zoom(Math.exp(random() * 4 - 2), anchor);
        const after = camera.project(anchor);
        near(after.x, before.x, 1e-6);
        near(after.y, before.y, 1e-6);
    }
});

test('a zoom that meets the limit keeps the anchor too', () => {
    const camera = sampleCamera(seededNumbers(3), { isOrthographic: false });
    const anchor = camera.unproject(0.4, -0.3);
    camera.zoom(1e-12, anchor);
    assert.equal(camera.state.distance, camera.minimumDistance);
    near(camera.project(anchor).x, 0.4, 1e-4);
    near(camera.project(anchor).y, -0.3, 1e-4);
});

test('panning keeps the grabbed point under the cursor', () => {
    const random = seededNumbers(4);
    for (let round = 0; round < 300; round += 1) {
        const camera = sampleCamera(random);
        const depth = camera.state.distance * (0.5 + random());
        const [from, to] = [[random() - 0.5, random() - 0.5], [random() - 0.5, random() - 0.5]];
        const point = camera.unproject(...from, depth);
        camera.pan(from, to, depth);
        near(camera.project(point).x, to[0], 1e-6);
        near(camera.project(point).y, to[1], 1e-6);
    }
});

test('turning keeps the pivot at its depth and place', () => {
    const random = seededNumbers(5);
    for (let round = 0; round < 300; round += 1) {
        const camera = sampleCamera(random);
        const pivot = camera.unproject(random() - 0.5, random() - 0.5, camera.state.distance * 0.8);
        const before = camera.project(pivot);
        camera.orbit(random() * 4 - 2, random() * 4 - 2, pivot);
        const after = camera.project(pivot);
        near(after.x, before.x, 1e-6);
        near(after.y, before.y, 1e-6);
        near(after.depth / before.depth, 1, 1e-6);
    }
});

test('turning ends at straight up and straight down, and never rolls', () => {
    const camera = new Camera();
    for (const step of [1, 1, 1, -1, -1, -1, -1, -1, -1]) {
        camera.orbit(0.7, step);
        assert.ok(Math.abs(camera.state.elevation) <= Math.PI / 2);
        near(camera.axes.right[1], 0, 1e-12);
        assert.ok(camera.axes.up[1] >= -1e-12);
    }
});

test('the orientation has the axes as its columns', () => {
    const random = seededNumbers(6);
    for (let round = 0; round < 100; round += 1) {
        const camera = sampleCamera(random);
        const { right, up, back } = camera.axes;
        nearPoint(rotate(camera.orientation, [1, 0, 0]), right, 1e-9);
        nearPoint(rotate(camera.orientation, [0, 1, 0]), up, 1e-9);
        nearPoint(rotate(camera.orientation, [0, 0, 1]), back, 1e-9);
    }
});

test('looking around leaves the eye where it is', () => {
    const camera = sampleCamera(seededNumbers(7), { isOrthographic: false });
    const { eye } = camera;
    camera.look(0.4, -0.3);
    nearPoint(camera.eye, eye, camera.bounds.diagonal * 1e-9);
});

test('changing the projection keeps the size of what is at the focus', () => {
    const random = seededNumbers(8);
    for (let round = 0; round < 100; round += 1) {
        const camera = sampleCamera(random);
        const point = camera.unproject(0.6, -0.4);
        camera.state = camera.projected(!camera.state.isOrthographic);
        near(camera.project(point).x, 0.6, 1e-6);
        near(camera.project(point).y, -0.4, 1e-6);
    }
});

test('moving the focus to a picked depth does not change the picture', () => {
    const random = seededNumbers(9);
    for (let round = 0; round < 100; round += 1) {
        const camera = sampleCamera(random);
        const point = camera.unproject(random() - 0.5, random() - 0.5, camera.state.distance * (0.5 + random()));
        const other = camera.unproject(random() - 0.5, random() - 0.5, camera.state.distance * (0.5 + random()));
        const before = camera.project(other);
        camera.refocus(point);
        near(camera.project(other).x, before.x, 1e-6);
        near(camera.project(other).y, before.y, 1e-6);
        if (!camera.state.isOrthographic) near(camera.state.distance / camera.project(point).depth, 1, 1e-6);
    }
});

test('fitting shows every corner and touches the margin', () => {
    const random = seededNumbers(10);
    for (let round = 0; round < 300; round += 1) {
        const camera = sampleCamera(random);
        camera.state = camera.fitted();
        const places = camera.bounds.corners.map((corner) => camera.project(corner));
        const reach = Math.max(...places.map(({ x, y }) => Math.max(Math.abs(x), Math.abs(y))));
        assert.ok(reach <= 1, `reaches ${reach}`);
        assert.ok(reach > 0.4, `only fills ${reach}`);
        if (!camera.state.isOrthographic) assert.ok(places.every(({ depth }) => depth > 0));
    }
});

test('orthographic pictures are taken from outside the scene', () => {
    const random = seededNumbers(11);
    for (let round = 0; round < 100; round += 1) {
        const camera = sampleCamera(random, { isOrthographic: true });
        camera.zoom(0.01);
        const { eye, scale } = camera.view(800, 600);
        near(scale, camera.state.distance * defaultTangent, scale * 1e-9);
        for (const corner of camera.bounds.corners) {
            const offset = subtract(corner, eye);
            assert.ok(offset.reduce((sum, value, axis) => sum - value * camera.axes.back[axis], 0) > 0);
        }
    }
});

test('a view object makes the same view again', () => {
    const random = seededNumbers(12);
    for (let round = 0; round < 200; round += 1) {
        const camera = sampleCamera(random);
        const view = camera.view(1280, 720);
        const copy = new Camera();
        copy.bounds = camera.bounds;
        copy.aspect = camera.aspect;
        assert.ok(copy.setView(view));
        const again = copy.view(1280, 720);
        const size = camera.bounds.diagonal;
        if (view.projection === 'perspective') nearPoint(again.eye, view.eye, size * 1e-6);
        near(again.scale / view.scale, 1, 1e-9);
        nearPoint(rotate(again.orientation, [0, 0, 1]), rotate(view.orientation, [0, 0, 1]), 1e-7);
    }
});

test('views that are none are refused and change nothing', () => {
    const camera = new Camera();
    const { state } = camera;
    const good = camera.view(100, 100);
    const bad = [
        null, undefined, {}, { ...good, eye: [1, 2] }, { ...good, eye: [1, 2, NaN] }, { ...good, scale: 0 },
        { ...good, orientation: [0, 0, 0, 0] }, { ...good, orientation: [1, 1, 1, 1] }, { ...good, scale: NaN },
    ];
    for (const view of bad) assert.equal(camera.setView(view), false);
    assert.equal(camera.state, state);
});

test('nothing makes the camera lose its numbers', () => {
    const random = seededNumbers(13);
    const camera = sampleCamera(random);
    const odd = [NaN, Infinity, -Infinity, 0, 1e300, -1e300, 1e-300, undefined];
    const number = () => (random() < 0.3 ? odd[Math.floor(random() * odd.length)] : (random() - 0.5) * 10 ** (random() * 12 - 6));
    const point = () => [number(), number(), number()];
    const acts = [
        () => camera.orbit(number(), number(), point()), () => camera.look(number(), number()),
        () => camera.pan([number(), number()], [number(), number()], number()), () => camera.zoom(number(), point()),
        () => camera.refocus(point()), () => camera.move(number(), number(), number()), () => camera.rise(number()),
        () => (camera.state = { ...camera.state, focus: point(), distance: number(), azimuth: number() }),
        () => (camera.state = camera.fitted()), () => (camera.state = camera.projected(random() < 0.5)),
    ];
    for (let round = 0; round < 5000; round += 1) {
        acts[Math.floor(random() * acts.length)]();
        const view = camera.view(640, 480);
        assert.ok([...view.eye, ...view.orientation, view.scale].every(Number.isFinite));
        assert.ok(view.scale > 0);
        near(Math.hypot(...view.orientation), 1, 1e-9);
        assert.ok(camera.state.distance >= camera.minimumDistance && camera.state.distance <= camera.maximumDistance);
    }
});

test('a single point and an empty box can be looked at', () => {
    for (const bounds of [new Bounds([1, 2, 3], [1, 2, 3]), new Bounds([1, 0, 0], [0, 0, 0]), new Bounds(), new Bounds([NaN, 0, 0], [1, 1, 1])]) {
        const camera = new Camera();
        camera.bounds = bounds;
        camera.state = camera.fitted();
        assert.ok(camera.state.distance > 0 && Number.isFinite(camera.state.distance));
    }
});

test('the home angles are the home direction of previews', () => {
    const camera = new Camera();
    camera.state = { ...camera.state, ...homeAngles };
    const { back } = camera.axes;
    const size = Math.hypot(0.62, 0.48, 0.62);
    nearPoint(back, [0.62 / size, 0.48 / size, 0.62 / size], 1e-9);
});

test('the home view of the server is the fitted one', () => {
    // As ViewState.home computes it for the box (0,0,0) … (2,1,1) at 1280 × 720.
    const camera = new Camera();
    camera.bounds = new Bounds([0, 0, 0], [2, 1, 1]);
    camera.aspect = 1280 / 720;
    camera.state = camera.fitted(camera.bounds, homeAngles);
    const { back, right, up } = camera.axes;
    let distance = 0;
    for (const corner of camera.bounds.corners) {
        const [x, y, z] = [right, up, back].map((axis) => subtract(corner, [1, 0.5, 0.5]).reduce((s, v, i) => s + v * axis[i], 0));
        distance = Math.max(distance, (Math.max(Math.abs(x) / camera.aspect, Math.abs(y)) / defaultTangent) * 1.06 + z);
    }
    near(camera.state.distance, distance, 1e-9);
});

test('standard views look along their axes and stay level', () => {
    const expected = { front: [0, 0, 1], back: [0, 0, -1], left: [-1, 0, 0], right: [1, 0, 0], top: [0, 1, 0], bottom: [0, -1, 0] };
    for (const { name, ...angles } of standardViews) {
        const camera = new Camera();
        camera.state = { ...camera.state, ...angles };
        nearPoint(camera.axes.back, expected[name], 1e-9, name);
        const found = anglesOf(camera.orientation);
        near(found.elevation, angles.elevation, 1e-7, name);
        near(Math.cos(found.azimuth - angles.azimuth), 1, 1e-7, name);
    }
});

test('straight up takes the nearest quarter turn', () => {
    near(anglesTowards([0, 1, 0], 0.6).azimuth, 0, 1e-12);
    near(anglesTowards([0, 1, 0], 1.2).azimuth, Math.PI / 2, 1e-12);
    near(anglesTowards([0, -3, 0]).elevation, -Math.PI / 2, 1e-12);
    near(anglesTowards([1, 0, 1]).azimuth, Math.PI / 4, 1e-12);
});

test('a transition takes the shorter way and ends exactly', () => {
    const from = { focus: [0, 0, 0], azimuth: 3, elevation: 0, distance: 1 };
    const to = { focus: [1, 0, 0], azimuth: -3, elevation: 1, distance: 100 };
    const transition = new Transition(from, to, 0.2);
    let last = from;
    for (let step = 0; step < 9; step += 1) {
        const state = transition.advance(0.02);
        assert.ok(Math.abs(state.azimuth) > 2.9, `goes the long way at ${state.azimuth}`);
        assert.ok(state.distance > last.distance);
        last = state;
    }
    assert.equal(transition.advance(0.05), to);
    assert.ok(transition.isDone);
});

test('without time a transition arrives at once', () => {
    const to = { focus: [1, 0, 0], azimuth: 0, elevation: 0, distance: 1 };
    assert.equal(new Transition({ ...to, distance: 5 }, to, 0).advance(0), to);
});

test('steady motion is measured as it is', () => {
    const estimator = new MotionEstimator();
    const camera = new Camera();
    for (let frame = 0; frame <= 60; frame += 1) {
        camera.state = { ...camera.state, azimuth: frame / 60 };
        estimator.add(frame / 60, [frame / 30, 0, 0], camera.orientation);
    }
    near(estimator.velocity[0], 2, 0.02);
    near(estimator.angularVelocity[1], 1, 0.02);
    estimator.stop();
    assert.deepEqual(estimator.velocity, [0, 0, 0]);
});

test('a pause forgets the motion before it', () => {
    const estimator = new MotionEstimator();
    estimator.add(0, [0, 0, 0], [0, 0, 0, 1]);
    estimator.add(0.02, [1, 0, 0], [0, 0, 0, 1]);
    estimator.add(5, [9, 0, 0], [0, 0, 0, 1]);
    assert.deepEqual(estimator.velocity, [0, 0, 0]);
    estimator.add(5, [99, 0, 0], [0, 0, 0, 1]);
    assert.deepEqual(estimator.velocity, [0, 0, 0]);
});

test('slow frames lower the resolution of moving pictures and quick ones raise it again', () => {
    const scaler = new ResolutionScaler();
    for (let frame = 0; frame < 5; frame += 1) assert.equal(scaler.frame(50), 1);
    assert.ok(scaler.frame(50) < 1);
    const lowered = scaler.movingScale;
    for (let frame = 0; frame < 200; frame += 1) scaler.frame(10);
    assert.equal(scaler.movingScale, lowered, 'a step that was too slow is not tried again in the same movement');
    scaler.rest();
    for (let frame = 0; frame < 100; frame += 1) scaler.frame(10);
    assert.equal(scaler.movingScale, 1);
});

test('single slow frames change nothing', () => {
    const scaler = new ResolutionScaler();
    for (let frame = 0; frame < 300; frame += 1) scaler.frame(frame % 5 === 0 ? 80 : 16);
    assert.equal(scaler.movingScale, 1);
});
