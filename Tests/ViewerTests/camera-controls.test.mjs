// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { Bounds } from '../../Sources/Viewer/web/camera/bounds.js';
import { Camera } from '../../Sources/Viewer/web/camera/camera.js';
import { Inertia } from '../../Sources/Viewer/web/camera/inertia.js';
import { KeyMotion } from '../../Sources/Viewer/web/camera/key-motion.js';
import { OrbitControls } from '../../Sources/Viewer/web/camera/orbit-controls.js';
import { pinchChange, pinchOf } from '../../Sources/Viewer/web/camera/pinch.js';

const [width, height] = [800, 600];

/** Controls over an element of 800 × 600, with events in place of a hand. */
class Hand {
    element = Object.assign(new EventTarget(), {
        getBoundingClientRect: () => ({ left: 10, top: 20, width, height }),
    });
    camera = new Camera();
    seconds = 1;
    picked = null;
    estimated = null;
    /** Answers a pick that waits; null: picks answer at once. */
    answer = null;

    constructor({ isMotionReduced = true } = {}) {
        this.camera.bounds = new Bounds([-1, -1, -1], [1, 1, 1]);
        this.camera.aspect = width / height;
        this.camera.state = { focus: [0, 0, 0], azimuth: 0.3, elevation: 0.4, distance: 6, isOrthographic: false };
        this.controls = new OrbitControls(this.element, this.camera, {
            pick: async () => this.picked ?? (this.answer && new Promise((resolve) => { this.answer = resolve; })),
            estimate: () => this.estimated, isMotionReduced: () => isMotionReduced,
        });
    }

    /** Sends an event at a place of the element and lets pending picks answer. */
    async send(type, x = 0, y = 0, more = {}) {
        this.seconds += 0.016;
        const event = new Event(type, { cancelable: true });
        Object.defineProperty(event, 'timeStamp', { value: this.seconds * 1000 });
        Object.assign(event, { pointerId: 1, pointerType: 'mouse', button: 0, clientX: x + 10, clientY: y + 20, ...more });
        this.element.dispatchEvent(event);
        await new Promise((resolve) => { setImmediate(resolve); });
        return event;
    }

    async drag(from, to, more = {}) {
        await this.send('pointerdown', ...from, more);
        for (const share of [0.25, 0.5, 0.75, 1]) {
            await this.send('pointermove', from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, more);
        }
        await this.send('pointerup', ...to, more);
    }

    clip(x, y) {
        return [(x / width) * 2 - 1, 1 - (y / height) * 2];
    }

    settle() {
        for (let frame = 0; frame < 200 && this.controls.update(1 / 60); frame += 1);
    }
}

function assertAt(hand, point, x, y) {
    const place = hand.camera.project(point);
    const [clipX, clipY] = hand.clip(x, y);
    assert.ok(Math.hypot(place.x - clipX, place.y - clipY) < 1e-6, `at ${place.x}, ${place.y}, not ${clipX}, ${clipY}`);
}

test('a drag turns, and what was picked stays under its place', async () => {
    const hand = new Hand();
    hand.picked = hand.camera.unproject(...hand.clip(300, 200), 5);
    const { azimuth } = hand.camera.state;
    await hand.drag([300, 200], [380, 230]);
    assert.ok(hand.camera.state.azimuth < azimuth, 'dragging right turns the model right');
    assertAt(hand, hand.picked, 300, 200);
    hand.controls.dispose();
});

test('right, middle and shifted drags move what was picked with the cursor', async () => {
    for (const more of [{ button: 2 }, { button: 1 }, { shiftKey: true }]) {
        const hand = new Hand();
        hand.picked = hand.camera.unproject(...hand.clip(300, 200), 7);
        await hand.drag([300, 200], [420, 330], more);
        assertAt(hand, hand.picked, 420, 330);
    }
});

test('the wheel zooms to what is under the cursor, in both projections', async () => {
    for (const isOrthographic of [false, true]) {
        const hand = new Hand();
        hand.camera.state = hand.camera.projected(isOrthographic);
        hand.picked = hand.camera.unproject(...hand.clip(600, 150), 5);
        const { distance } = hand.camera.state;
        for (let turn = 0; turn < 3; turn += 1) {
            const event = await hand.send('wheel', 600, 150, { deltaY: -120, deltaMode: 0 });
            assert.ok(event.defaultPrevented);
            hand.controls.update(1 / 60);
        }
        hand.settle();
        assert.ok(hand.camera.state.distance < distance);
        assertAt(hand, hand.picked, 600, 150);
    }
});

test('zooming is the same at any frame rate', async () => {
    const distances = [];
    for (const rate of [20, 60, 144]) {
        const hand = new Hand({ isMotionReduced: false });
        await hand.send('wheel', 400, 300, { deltaY: 300, deltaMode: 0 });
        for (let frame = 0; frame < rate * 2; frame += 1) hand.controls.update(1 / rate);
        distances.push(hand.camera.state.distance);
    }
    for (const distance of distances) assert.ok(Math.abs(distance / distances[0] - 1) < 1e-6);
});

test('two fingers zoom and move; what is between them stays there', async () => {
    const hand = new Hand();
    hand.camera.state = { ...hand.camera.state, elevation: 0 };
    const touch = (id) => ({ pointerId: id, pointerType: 'touch' });
    await hand.send('pointerdown', 300, 300, touch(1));
    await hand.send('pointerdown', 500, 300, touch(2));
    const { distance } = hand.camera.state;
    const middle = hand.camera.unproject(...hand.clip(400, 300));
    await hand.send('pointermove', 250, 320, touch(1));
    await hand.send('pointermove', 650, 320, touch(2));
    assert.ok(Math.abs(hand.camera.state.distance / distance - 0.5) < 0.01);
    assertAt(hand, middle, 450, 320);
    await hand.send('pointerup', 650, 320, touch(2));
    await hand.send('pointermove', 260, 330, touch(1));
    await hand.send('pointerup', 260, 330, touch(1));
    assert.equal(hand.controls.isActive, false);
});

test('seen from above, two fingers turn the model with them', async () => {
    const hand = new Hand();
    hand.camera.state = { ...hand.camera.state, azimuth: 0, elevation: Math.PI / 2 };
    const touch = (id) => ({ pointerId: id, pointerType: 'touch' });
    await hand.send('pointerdown', 300, 300, touch(1));
    await hand.send('pointerdown', 500, 300, touch(2));
    // A counterclockwise quarter in small steps.
    for (let step = 1; step <= 30; step += 1) {
        const angle = (step / 30) * (Math.PI / 2);
        await hand.send('pointermove', 400 + Math.cos(angle) * 100, 300 - Math.sin(angle) * 100, touch(2));
        await hand.send('pointermove', 400 - Math.cos(angle) * 100, 300 + Math.sin(angle) * 100, touch(1));
    }
    assert.ok(Math.abs(hand.camera.state.azimuth + Math.PI / 2) < 0.25, `turned by ${hand.camera.state.azimuth}`);
});

test('a double click goes to the point, a single one does not', async () => {
    const hand = new Hand();
    hand.picked = [0.5, 0.5, 0.5];
    const { state } = hand.camera;
    const click = async () => {
        await hand.send('pointerdown', 300, 300);
        await hand.send('pointerup', 300, 300);
    };
    await click();
    hand.settle();
    assert.equal(hand.camera.state.azimuth, state.azimuth);
    await click();
    hand.settle();
    assert.deepEqual(hand.camera.state.focus, [0.5, 0.5, 0.5]);
    assert.ok(hand.camera.state.distance < state.distance);
});

test('a flight is interrupted by a hand', async () => {
    const hand = new Hand({ isMotionReduced: false });
    hand.controls.flyTo({ ...hand.camera.state, azimuth: 2 });
    hand.controls.update(0.05);
    assert.ok(hand.controls.isActive);
    const { azimuth } = hand.camera.state;
    await hand.send('pointerdown', 300, 300);
    hand.settle();
    assert.equal(hand.camera.state.azimuth, azimuth);
    await hand.send('pointerup', 300, 300);
});

test('flights last at most 300 ms and end exactly', () => {
    const hand = new Hand({ isMotionReduced: false });
    const target = { ...hand.camera.state, azimuth: 2, distance: 1, focus: [1, 0, 0] };
    hand.controls.flyTo(target);
    for (let frame = 0; frame < 18; frame += 1) hand.controls.update(1 / 60);
    assert.deepEqual(hand.camera.state, target);
    assert.equal(hand.controls.isActive, false);
});

test('changing the projection during a flight does not end it', () => {
    const hand = new Hand({ isMotionReduced: false });
    hand.controls.flyTo({ ...hand.camera.state, azimuth: 2 });
    hand.controls.update(0.05);
    hand.camera.state = hand.camera.projected(true);
    hand.settle();
    assert.equal(hand.camera.state.isOrthographic, true);
    assert.equal(hand.camera.state.azimuth, 2);
});

test('keys move the camera, but not while typing or with Ctrl', async () => {
    const hand = new Hand();
    const { azimuth } = hand.camera.state;
    await hand.send('keydown', 0, 0, { code: 'ArrowLeft', key: 'ArrowLeft', ctrlKey: true });
    hand.settle();
    assert.equal(hand.camera.state.azimuth, azimuth);
    const event = await hand.send('keydown', 0, 0, { code: 'ArrowLeft', key: 'ArrowLeft' });
    assert.ok(event.defaultPrevented);
    await hand.send('keyup', 0, 0, { code: 'ArrowLeft', key: 'ArrowLeft' });
    hand.settle();
    assert.ok(hand.camera.state.azimuth < azimuth);
});

test('walking goes forward along the view and looks around in place', async () => {
    const hand = new Hand();
    hand.camera.state = hand.camera.projected(true);
    hand.controls.mode = 'walk';
    assert.equal(hand.camera.state.isOrthographic, false);
    const { eye } = hand.camera;
    const { back } = hand.camera.axes;
    await hand.send('keydown', 0, 0, { code: 'KeyW', key: 'w' });
    for (let frame = 0; frame < 30; frame += 1) hand.controls.update(1 / 60);
    await hand.send('keyup', 0, 0, { code: 'KeyW', key: 'w' });
    hand.settle();
    const moved = hand.camera.eye.map((value, axis) => value - eye[axis]);
    const along = -moved.reduce((sum, value, axis) => sum + value * back[axis], 0);
    assert.ok(along > 0 && Math.abs(along - Math.hypot(...moved)) < 1e-9);
    const place = hand.camera.eye;
    await hand.drag([300, 300], [350, 320]);
    assert.ok(Math.hypot(...hand.camera.eye.map((value, axis) => value - place[axis])) < 1e-9);
});

test('a pick that fails or comes too late changes nothing', async () => {
    const hand = new Hand();
    let answer;
    const controls = new OrbitControls(hand.element, hand.camera, {
        pick: () => new Promise((resolve, reject) => { answer = { resolve, reject }; }), isMotionReduced: () => true,
    });
    hand.controls.dispose();
    await hand.drag([300, 300], [320, 300]);
    const { state } = hand.camera;
    answer.reject(new Error('lost'));
    await hand.send('pointermove', 0, 0);
    assert.equal(hand.camera.state, state);
    controls.dispose();
});

test('held keys are worth the same at any frame rate, and a tap is a step', () => {
    for (const rate of [24, 60, 144]) {
        const keys = new KeyMotion();
        keys.press('ArrowLeft');
        let sum = 0;
        for (let frame = 0; frame < rate; frame += 1) sum += keys.advance(1 / rate).moves.azimuth;
        assert.ok(Math.abs(sum + 1.06) < 1e-9);
    }
    const keys = new KeyMotion();
    assert.ok(keys.press('KeyW', { mode: 'walk', isShift: true }));
    keys.release('KeyW');
    assert.deepEqual(keys.advance(1), { moves: { forward: 0.06 }, isFast: true });
    assert.equal(keys.isActive, false);
    assert.equal(keys.press('KeyW', { mode: 'orbit' }), false);
});

test('a turn runs out soon after the release, and a rest before it leaves none', () => {
    const inertia = new Inertia();
    for (let sample = 0; sample < 6; sample += 1) inertia.add(sample * 0.016, 0.02, 0);
    inertia.release(0.085);
    assert.ok(inertia.isRunning);
    let [turned, seconds] = [0, 0];
    while (inertia.isRunning && seconds < 2) {
        turned += inertia.advance(1 / 60)[0];
        seconds += 1 / 60;
    }
    assert.ok(turned > 0 && turned < 0.3);
    assert.ok(seconds < 0.4);
    for (let sample = 0; sample < 6; sample += 1) inertia.add(sample * 0.016, 0.02, 0);
    inertia.release(0.5);
    assert.equal(inertia.isRunning, false);
});

test('fingers give factor and twist the short way round', () => {
    const before = pinchOf({ x: 0, y: 0 }, { x: 100, y: 0 });
    const after = pinchOf({ x: 0, y: 0 }, { x: 0, y: -200 });
    const { factor, twist } = pinchChange(before, after);
    assert.equal(factor, 0.5);
    assert.ok(Math.abs(twist - Math.PI / 2) < 1e-12);
    const { twist: small } = pinchChange(pinchOf({ x: 0, y: 0 }, { x: -100, y: 1 }), pinchOf({ x: 0, y: 0 }, { x: -100, y: -1 }));
    assert.ok(Math.abs(small) < 0.03);
});

test('until a pick is answered, a drag turns around the estimate, then around the exact point', async () => {
    const hand = new Hand();
    hand.answer = () => {};
    hand.estimated = hand.camera.unproject(...hand.clip(300, 200), 5);
    await hand.send('pointerdown', 300, 200);
    await hand.send('pointermove', 340, 210);
    assertAt(hand, hand.estimated, 300, 200);
    const exact = hand.camera.unproject(...hand.clip(310, 205), 4.8);
    hand.answer(exact);
    await hand.send('pointermove', 340, 210);
    await hand.send('pointermove', 380, 220);
    assertAt(hand, exact, 310, 205);
    hand.controls.dispose();
});

test('a double click flies to the estimate at once, and on to the exact point', async () => {
    const hand = new Hand({ isMotionReduced: false });
    hand.answer = () => {};
    hand.estimated = hand.camera.unproject(...hand.clip(300, 200), 5);
    const focusing = hand.controls.focusAt(300, 200);
    hand.controls.update(0.05);
    assert.ok(hand.controls.isActive, 'already under way');
    const exact = hand.estimated.map((value) => value * 0.98);
    hand.answer(exact);
    assert.equal(await focusing, true);
    hand.settle();
    assert.deepEqual(hand.camera.state.focus, exact);
    assert.ok(Math.abs(hand.camera.state.distance - 2.5) < 1e-9, 'half as far as the point was');
    hand.controls.dispose();
});

test('an answer that comes after something else has begun does not take the camera back', async () => {
    const hand = new Hand({ isMotionReduced: false });
    hand.answer = () => {};
    hand.estimated = [0.5, 0, 0];
    const focusing = hand.controls.focusAt(300, 200);
    hand.controls.update(0.05);
    hand.controls.turn(0.2, 0);
    const { state } = hand.camera;
    hand.answer([0.6, 0, 0]);
    assert.equal(await focusing, true);
    hand.settle();
    assert.deepEqual(hand.camera.state, state);
    hand.controls.dispose();
});
