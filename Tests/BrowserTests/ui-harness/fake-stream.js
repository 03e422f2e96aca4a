// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { Bounds } from '../camera/bounds.js';
import { Camera } from '../camera/camera.js';
import { homeAngles } from '../camera/standard-views.js';
import { Emitter } from '../ui/emitter.js';

const failures = {
    missing: [4404, 'There is no model “enigne”. Did you mean “engine”?'],
    token: [4401, 'The token is missing.'],
    version: [4426, 'The server speaks 2.0, this viewer 1.0: reload the page.'],
    full: [4503, 'All 2048 connections are taken. Try again in 10 s.'],
    ended: [4410, 'The session was ended by its owner.'],
    damaged: [4422, 'pump.vantage: chunk 218 has the wrong checksum.'],
};

/**
 * Plays a stream: a box per node, one after another. `play` chooses an ending: a key of `failures`, 'reconnecting',
 * 'connecting', 'refining', or a settled model.
 */
export class FakeStream {
    #emitter = new Emitter();
    #play;
    #token;
    #node = 0;
    #resident = 0;
    #timer = 0;
    #bytes = 0;

    constructor(options, play) {
        this.#play = play;
        this.#token = options.token;
        this.options = options;
        setTimeout(() => this.#open(), 30);
    }

    on(name, handler) {
        return this.#emitter.on(name, handler);
    }

    setView(view, details) {
        this.lastView = { view, details };
        if (this.#node >= 27) this.#emitter.emit('settled', { view: 1, thresholdPixels: 1 });
    }

    uploaded(nodes) {
        this.#resident += nodes.length;
        this.#sendDraw();
        if (this.#resident >= 27 && this.#play !== 'refining') this.#emitter.emit('settled', { view: 1, thresholdPixels: 1 });
    }

    setLimits() {}

    setThreshold() {}

    hint() {}

    restore() {
        this.#node = 0;
        this.#resident = 0;
        this.#next();
    }

    reconnect() {
        this.#emitter.emit('status', { state: 'open' });
    }

    close() {
        clearTimeout(this.#timer);
        this.#emitter.clear();
    }

    #open() {
        this.#emitter.emit('status', { state: 'connecting' });
        if (this.#play === 'connecting') return;
        const failure = this.#play === 'token' && this.#token === 'open' ? undefined : failures[this.#play];
        if (failure) {
            this.#emitter.emit('status', { state: 'failed', code: failure[0], message: failure[1] });
            return;
        }
        this.#emitter.emit('status', { state: 'open' });
        this.#emitter.emit('welcome', { ...welcome, home: homeView(this.options.viewport) });
        this.#next();
    }

    #next() {
        if (this.#node >= 27) {
            if (this.#play === 'reconnecting') this.#emitter.emit('status', { state: 'reconnecting', retrySeconds: 8 });
            return;
        }
        this.#bytes += 11_000;
        this.#emitter.emit('mesh', { node: this.#node, box: boxOf(this.#node), gpuByteCount: 200_000 });
        this.#node += 1;
        this.#sendStatistics();
        this.#timer = setTimeout(() => this.#next(), 12);
    }

    #sendDraw() {
        this.#emitter.emit('draw', {
            draws: new Uint32Array(6), drawCount: this.#resident, visible: new Uint32Array(1), instances: null, instanceCount: 1,
            reference: [0, 0, 0],
            statistics: {
                residentTriangleCount: this.#resident * 4400, errorPixels: Math.max(27 - this.#resident, 0) * 0.7, thresholdPixels: 1,
            },
        });
    }

    #sendStatistics() {
        this.#emitter.emit('statistics', {
            receivedByteCount: this.#bytes, receivedChunkCount: this.#node, queuedDecodeCount: 0, bandwidth: 2.46e6,
            roundTripSeconds: 0.041, residentChunkCount: this.#node, residentNodeCount: this.#node,
            gpuByteCount: this.#node * 2e5, longestTaskMilliseconds: 1.3,
        });
    }
}

const welcome = {
    session: 's1', viewer: 1, path: 'client', reason: 'this device draws it well', resumed: false,
    model: { id: 'engine', name: '2CylinderEngine.glb', triangleCount: 121496, minimum: [-2, -2, -2], maximum: [2, 2, 2] },
};

function homeView([width, height]) {
    const camera = new Camera();
    camera.bounds = new Bounds(welcome.model.minimum, welcome.model.maximum);
    camera.aspect = width / height;
    camera.state = camera.fitted(camera.bounds, homeAngles);
    return camera.view(width, height);
}

/** A heap of 3 × 3 × 3 boxes of different heights. */
function boxOf(node) {
    const [x, y, z] = [node % 3, Math.floor(node / 9), Math.floor(node / 3) % 3];
    const center = [(x - 1) * 1.35, (y - 1) * 1.35, (z - 1) * 1.35];
    const half = [0.55, 0.25 + ((node * 7) % 5) * 0.08, 0.55];
    return { minimum: center.map((value, axis) => value - half[axis]), maximum: center.map((value, axis) => value + half[axis]) };
}
