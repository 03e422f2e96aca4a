// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CameraRecording } from '../../Sources/Viewer/web/ui/camera-recording.js';

function setUp() {
    const handlers = new Set();
    const viewer = {
        camera: { bounds: { minimum: [0, 0, 0], maximum: [1, 1, 1] }, state: { focus: [0, 0, 0], azimuth: 0, elevation: 0, distance: 3 } },
        on(_, handler) {
            handlers.add(handler);
            return () => handlers.delete(handler);
        },
    };
    const saved = [];
    const said = [];
    const time = { now: 0 };
    const recording = new CameraRecording((text) => said.push(text), { save: (path) => saved.push(path), now: () => time.now });
    const frame = (milliseconds, azimuth) => {
        time.now = milliseconds;
        viewer.camera.state = { ...viewer.camera.state, azimuth };
        for (const handler of handlers) handler();
    };
    return { viewer, saved, said, recording, frame, handlers };
}

test('the camera is recorded from one press to the next', () => {
    const { viewer, saved, said, recording, frame, handlers } = setUp();
    recording.toggle(viewer, 'engine');
    assert.ok(recording.isRecording);
    frame(100, 0.1);
    frame(200, 0.2);
    recording.toggle(viewer, 'engine');
    assert.equal(saved.length, 1);
    assert.equal(saved[0].name, 'engine-camera');
    assert.equal(saved[0].poses.length, 3);
    assert.equal(handlers.size, 0);
    assert.equal(said.length, 2);
});

test('a recording that is cancelled saves nothing', () => {
    const { viewer, saved, recording, handlers } = setUp();
    recording.toggle(viewer, 'engine');
    recording.cancel();
    assert.equal(saved.length, 0);
    assert.equal(handlers.size, 0);
    assert.ok(!recording.isRecording);
});
