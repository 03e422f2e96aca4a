// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { CameraRecorder } from '../../Sources/Viewer/web/ui/camera-recorder.js';

const bounds = { minimum: [0, 0, 0], maximum: [2, 2, 2] };
const state = (azimuth, distance = 4) => ({ focus: [1, 1, 1], azimuth, elevation: 0.5, distance });

test('a movement becomes poses over time', () => {
    const recorder = new CameraRecorder(bounds, { hertz: 10 });
    recorder.start(state(0), 1000);
    for (let frame = 1; frame <= 60; frame += 1) recorder.add(state(frame / 60), 1000 + frame * 1000 / 60);
    const path = recorder.stop(state(1), 2000, 'turn');
    assert.equal(path.name, 'turn');
    assert.deepEqual(path.bounds, bounds);
    assert.equal(path.poses[0].time, 0);
    assert.equal(path.poses.at(-1).time, 1);
    assert.ok(path.poses.length >= 10 && path.poses.length <= 12, `${path.poses.length}`);
    assert.ok(Math.abs(path.poses.at(-1).azimuth - 180 / Math.PI) < 0.01);
    path.poses.slice(1).forEach((pose, index) => assert.ok(pose.time > path.poses[index].time));
});

test('angles go on past a full turn, in both directions', () => {
    for (const direction of [1, -1]) {
        const recorder = new CameraRecorder(bounds);
        recorder.start(state(0), 0);
        for (let frame = 1; frame <= 100; frame += 1) {
            const angle = direction * frame * 0.1;
            // As cameras keep it: -π … π.
            recorder.add(state(Math.atan2(Math.sin(angle), Math.cos(angle))), frame * 50);
        }
        const path = recorder.stop(state(0), 5000);
        assert.ok(Math.abs(path.poses.at(-1).azimuth - direction * 10 * 180 / Math.PI) < 0.1);
    }
});

test('rests keep their first and last pose only', () => {
    const recorder = new CameraRecorder(bounds);
    recorder.start(state(0), 0);
    for (let frame = 1; frame <= 100; frame += 1) recorder.add(state(0), frame * 50);
    assert.equal(recorder.stop(state(0), 5000).poses.length, 2);
});

test('a jump is marked, whenever it comes', () => {
    const recorder = new CameraRecorder(bounds, { hertz: 1 });
    recorder.start(state(0), 0);
    recorder.add(state(0), 90);
    recorder.add(state(2, 1), 100, { isJump: true });
    const path = recorder.stop(state(2, 1), 2000);
    assert.deepEqual(path.poses.map(({ time, jump }) => [time, jump ?? false]), [[0, false], [0.1, true], [2, false]]);
});

test('nothing is recorded before the start, after the end, or for ever', () => {
    const recorder = new CameraRecorder(bounds, { seconds: 1 });
    assert.equal(recorder.add(state(0), 0), false);
    assert.equal(recorder.stop(state(0), 0), null);
    recorder.start(state(0), 0);
    assert.equal(recorder.add(state(0.1), 900), true);
    assert.equal(recorder.add(state(0.2), 1100), false);
    assert.equal(recorder.isRecording, true);
    assert.ok(recorder.stop(state(0.2), 1100));
    assert.equal(recorder.isRecording, false);
});
