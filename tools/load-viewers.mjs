#!/usr/bin/env -S node --experimental-websocket --no-warnings
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Connects many viewers to a running server, moves some of them, and reports what they got as JSON: a load test. Viewers
// acknowledge what arrives and draw nothing. Ends by itself after the given time.
//
// Usage: tools/load-viewers.mjs --url http://127.0.0.1:8080 --model ID [--viewers 500] [--moving 100] [--hertz 10]
//        [--seconds 20] [--threshold PIXELS] [--process PID]   the server's process, to report its processor time

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
    decodeServerMessage, encodeAcknowledge, encodeHello, encodeView,
} from '../Sources/Viewer/web/wire/messages.generated.js';

const { values: options } = parseArgs({ options: Object.fromEntries(Object.entries({
    url: 'http://127.0.0.1:8080', model: '', viewers: '500', moving: '100', hertz: '10', seconds: '20', process: '',
    threshold: '1',
}).map(([name, value]) => [name, { type: 'string', default: value }])) });
const number = (name) => {
    const value = Number(options[name]);
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number of at least 0`);
    return value;
};
const [viewerCount, movingCount, hertz, seconds] = ['viewers', 'moving', 'hertz', 'seconds'].map(number);
const streamURL = `${options.url.replace(/^http/, 'ws').replace(/\/$/, '')}/api/v1/stream?protocol=1.0&model=${
    encodeURIComponent(options.model)}`;

/** One connection. Orbits the model when told to move. */
class LoadViewer {
    received = 0;
    chunks = 0;
    welcomed = false;
    closed = null;
    #socket;
    #home;
    #views = 0;
    #unacknowledged = 0;
    #sequence = 0;
    #arrived = 0;

    constructor(phase) {
        this.phase = phase;
        this.#socket = new WebSocket(streamURL);
        this.#socket.binaryType = 'arraybuffer';
        this.#socket.onopen = () => this.#socket.send(encodeHello({ json: { client: 'load test' } }));
        this.#socket.onmessage = ({ data }) => this.#take(data);
        this.#socket.onclose = ({ code, reason }) => { this.closed = { code, reason }; };
        this.#socket.onerror = () => {};
    }

    #take(data) {
        this.received += data.byteLength;
        const type = new Uint8Array(data, 0, 1)[0];
        if (type === 1) {
            const { json } = decodeServerMessage(data);
            this.#home = { ...json.home, center: json.model.minimum.map((low, axis) => (low + json.model.maximum[axis]) / 2) };
            this.welcomed = true;
            this.move(0);
        } else if (type === 4 || type === 5) {
            this.chunks += 1;
            this.#sequence = new DataView(data).getUint32(1, true);
            this.#arrived = performance.now();
            this.#unacknowledged += data.byteLength;
            if (this.#unacknowledged >= 16384) this.acknowledge();
        }
    }

    acknowledge() {
        if (this.#unacknowledged === 0 || this.#socket.readyState !== 1) return;
        this.#unacknowledged = 0;
        this.#socket.send(encodeAcknowledge({
            sequence: this.#sequence, holdMicroseconds: Math.round((performance.now() - this.#arrived) * 1000),
            backlogByteCount: 0, decodeBytesPerSecond: 50_000_000,
        }));
    }

    /** The home camera, turned about the vertical axis through the model's middle. */
    move(angle) {
        if (!this.#home || this.#socket.readyState !== 1) return;
        const { eye, orientation: [x, y, z, w], center, scale } = this.#home;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const [dx, dz] = [eye[0] - center[0], eye[2] - center[2]];
        const [hs, hc] = [Math.sin(angle / 2), Math.cos(angle / 2)];
        this.#views += 1;
        this.#socket.send(encodeView({
            sequence: this.#views, eye: [center[0] + c * dx + s * dz, eye[1], center[2] - s * dx + c * dz],
            orientation: [hc * x + hs * z, hc * y + hs * w, hc * z - hs * x, hc * w - hs * y], projection: 0, scale,
            width: 1280, height: 720, thresholdPixels: number('threshold'), velocity: [0, 0, 0],
            angularVelocity: [0, 0.3, 0], focus: [0, 0], isMoving: angle !== 0,
        }));
    }

    close() { this.#socket.close(); }
}

/** User and system time of a process in seconds, and its resident memory in bytes. */
function usage(process) {
    const fields = readFileSync(`/proc/${process}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    const status = readFileSync(`/proc/${process}/status`, 'utf8');
    return {
        seconds: (Number(fields[11]) + Number(fields[12])) / 100,
        bytes: 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
        anonymousBytes: 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0),
    };
}

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/**
 * Turns a viewer `hertz` times per second for the given time, beginning after `share` (0 … 1) of a period, so that
 * viewers do not move in step. Returns how often it moved.
 */
async function keepMoving(viewer, share) {
    const began = performance.now();
    let count = 0;
    for (let at = 1000 * share / hertz; at < 1000 * seconds; at += 1000 / hertz) {
        await sleep(began + at - performance.now());
        count += 1;
        viewer.move(viewer.phase + 0.03 * count);
    }
    await sleep(began + 1000 * seconds - performance.now());
    return count;
}

const before = options.process ? usage(options.process) : null;
const viewers = [];
for (let index = 0; index < viewerCount; index += 1) {
    viewers.push(new LoadViewer((index / viewerCount) * 2 * Math.PI));
    if (index % 20 === 19) await sleep(20);
}
const acknowledging = setInterval(() => viewers.forEach((viewer) => viewer.acknowledge()), 20);
const sum = (key) => viewers.reduce((total, viewer) => total + viewer[key], 0);
// Until nothing new arrives: what is measured next is idling, then moving.
for (let last = -1, waited = 0; waited < 120; waited += 1) {
    await sleep(500);
    if (sum('received') === last && viewers.every((viewer) => viewer.welcomed || viewer.closed)) break;
    last = sum('received');
}
const idleStart = options.process ? usage(options.process) : null;
await sleep(2000);
const idleEnd = options.process ? usage(options.process) : null;
const receivedIdle = sum('received');
const started = performance.now();
const moving = viewers.slice(0, movingCount);
const moveCounts = await Promise.all(moving.map((viewer, index) => keepMoving(viewer, index / moving.length)));
const movingSeconds = (performance.now() - started) / 1000;
const after = options.process ? usage(options.process) : null;
clearInterval(acknowledging);
console.log(JSON.stringify({
    viewers: viewerCount, welcomed: viewers.filter((viewer) => viewer.welcomed).length,
    closed: viewers.filter((viewer) => viewer.closed).map((viewer) => viewer.closed).slice(0, 5),
    moving: moving.length, viewsPerSecond: moveCounts.reduce((total, count) => total + count, 0) / movingSeconds, movingSeconds,
    receivedBytes: sum('received'), receivedWhileMovingBytes: sum('received') - receivedIdle, chunks: sum('chunks'),
    ...(after && {
        idleProcessorShare: (idleEnd.seconds - idleStart.seconds) / 2,
        processorShare: (after.seconds - idleEnd.seconds) / movingSeconds,
        processorSharePerMovingViewer: (after.seconds - idleEnd.seconds) / movingSeconds / Math.max(1, moving.length),
        anonymousBytesPerViewer: (idleEnd.anonymousBytes - before.anonymousBytes) / Math.max(1, viewerCount),
        residentBytes: after.bytes,
    }),
}, null, 2));
viewers.forEach((viewer) => viewer.close());
setTimeout(() => process.exit(0), 200);
