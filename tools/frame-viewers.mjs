#!/usr/bin/env -S node --experimental-websocket --no-warnings
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Connects viewers that are sent pictures by a running server, turns their cameras, and reports as JSON what they were
// shown: frames per second, the time from input to presentation and its stages, bytes, and how long stills take after
// the last input. Viewers acknowledge as the thin viewer does; decoding is a pause of the given length. With --rate, all
// connections share a link of that rate, made on loopback by this program. Ends by itself.
//
// Usage: tools/frame-viewers.mjs --url http://127.0.0.1:8090 --model ID [--viewers 1] [--seconds 6] [--hertz 60]
//        [--width 1280] [--height 720] [--decode MILLISECONDS] [--rate MBIT/S] [--round-trip MILLISECONDS]
//        [--drop-to MBIT/S]   the link's rate from the middle of the time on

import net from 'node:net';
import { parseArgs } from 'node:util';
import {
    decodeServerMessage, encodeFrameReceived, encodeFrameShown, encodeHello, encodeView,
} from '../Sources/Viewer/web/wire/messages.generated.js';

const { values: options } = parseArgs({ options: Object.fromEntries(Object.entries({
    url: 'http://127.0.0.1:8090', model: '', viewers: '1', seconds: '6', hertz: '60', width: '1280', height: '720',
    decode: '6', rate: '0', 'round-trip': '0', 'drop-to': '0',
}).map(([name, value]) => [name, { type: 'string', default: value }])) });
const number = (name) => {
    const value = Number(options[name]);
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number of at least 0`);
    return value;
};
const [viewerCount, seconds, hertz, width, height, decodeMilliseconds] = ['viewers', 'seconds', 'hertz', 'width',
    'height', 'decode'].map(number);
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, Math.max(0, milliseconds)); });

/** One direction of a link: serves bytes in order at a rate, and delivers them after a delay. */
class Direction {
    #freeAt = 0;
    #queue = [];
    #timer = null;

    constructor(bytesPerMillisecond, delay) {
        this.rate = bytesPerMillisecond;
        this.delay = delay;
    }

    /** Passes what `from` says on to `to`. */
    join(from, to) {
        from.on('data', (data) => {
            // Small pieces, so that messages of several connections mix and the rate is even.
            for (let at = 0; at < data.length; at += 4096) this.#pass(data.subarray(at, at + 4096), from, to);
        });
        from.on('close', () => setTimeout(() => to.destroy(), this.delay));
        from.on('error', () => to.destroy());
    }

    #pass(piece, from, to) {
        const now = performance.now();
        this.#freeAt = Math.max(this.#freeAt, now) + piece.length / this.rate;
        // A deep queue, as in home routers: a quarter of a second.
        const backlog = this.#freeAt - now;
        if (backlog > 250 && !from.isPaused()) {
            from.pause();
            setTimeout(() => from.resume(), backlog - 200);
        }
        // One queue: timers of their own would not keep the order.
        this.#queue.push({ at: this.#freeAt + this.delay, piece, to });
        this.#timer ??= setTimeout(() => this.#deliver(), this.#freeAt + this.delay - now);
    }

    #deliver() {
        this.#timer = null;
        const now = performance.now();
        while (this.#queue.length > 0 && this.#queue[0].at <= now + 0.5) {
            const { piece, to } = this.#queue.shift();
            if (!to.destroyed) to.write(piece);
        }
        if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#deliver(), this.#queue[0].at - now);
    }
}

/** A relay on a free port of loopback; the address of the server behind it. */
async function shapedURL(target) {
    const { hostname, port } = new URL(target);
    const [rate, delay] = [number('rate') * 125, number('round-trip') / 2];
    const directions = [new Direction(rate, delay), new Direction(rate, delay)];
    const relay = net.createServer((client) => {
        const server = net.connect({ host: hostname, port: Number(port) });
        client.setNoDelay(true);
        server.setNoDelay(true);
        directions[0].join(client, server);
        directions[1].join(server, client);
    });
    await new Promise((resolve) => { relay.listen(0, '127.0.0.1', resolve); });
    return { url: `http://127.0.0.1:${relay.address().port}`, setRate: (rate_) => directions.forEach((direction) => {
        direction.rate = rate_ * 125;
    }) };
}

/** One connection that is sent pictures. */
class FrameViewer {
    frames = [];
    stills = [];
    welcomedAt = null;
    firstShownAt = null;
    closed = null;
    lastInputAt = null;
    notices = [];
    #socket;
    #home;
    #sentAt = new Map();
    #views = 0;
    #open = new Map();
    #decoding = Promise.resolve();
    #newest = 0;

    constructor(url, phase) {
        this.phase = phase;
        const address = `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/api/v1/stream?protocol=1.1&path=server&model=${
            encodeURIComponent(options.model)}&viewport=${width}x${height}`;
        this.openedAt = performance.now();
        this.#socket = new WebSocket(address);
        this.#socket.binaryType = 'arraybuffer';
        this.#socket.onopen = () => this.#socket.send(encodeHello({ json: { client: 'frame test' } }));
        this.#socket.onmessage = ({ data }) => this.#take(data, performance.now());
        this.#socket.onclose = ({ code, reason }) => { this.closed = { code, reason }; };
        this.#socket.onerror = () => {};
    }

    #take(data, now) {
        const message = decodeServerMessage(data);
        switch (new Uint8Array(data, 0, 1)[0]) {
        case 1:
            this.welcomedAt = now;
            this.#home = { ...message.json.home, center: message.json.model.minimum.map(
                (low, axis) => (low + message.json.model.maximum[axis]) / 2) };
            break;
        case 8: this.notices.push(message.json.message); break;
        case 9:
            this.#open.set(message.frame, { ...message, headerAt: now, received: 0 });
            if (message.byteCount === 0) this.#complete(message.frame, now);
            break;
        case 10: {
            const frame = this.#open.get(message.frame);
            if (!frame) break;
            frame.received += message.payload.byteLength;
            if (frame.received >= frame.byteCount) this.#complete(message.frame, now);
            break;
        }
        case 11: this.#open.delete(message.frame); break;
        default:
        }
    }

    #complete(number_, now) {
        const frame = this.#open.get(number_);
        this.#open.delete(number_);
        frame.arrivedAt = now;
        this.#newest = Math.max(this.#newest, number_);
        this.#send(encodeFrameReceived({ frame: number_, gapMicroseconds: Math.round((now - frame.headerAt) * 1000) }));
        // One at a time; what a newer one has overtaken is skipped.
        this.#decoding = this.#decoding.then(async () => {
            const isSkipped = number_ < this.#newest && frame.kind === 0;
            if (!isSkipped) await sleep(decodeMilliseconds);
            const shownAt = performance.now();
            frame.isSkipped = isSkipped;
            frame.shownAt = shownAt;
            const inputAt = this.#sentAt.get(frame.view);
            frame.latency = inputAt === undefined ? null : shownAt - inputAt;
            this.firstShownAt ??= shownAt;
            (frame.kind === 0 ? this.frames : this.stills).push(frame);
            this.#send(encodeFrameShown({
                frame: number_, isSkipped, decodeMicroseconds: Math.round(decodeMilliseconds * 1000),
                latencyMicroseconds: Math.round((frame.latency ?? 0) * 1000),
            }));
        });
    }

    #send(bytes) { if (this.#socket.readyState === 1) this.#socket.send(bytes); }

    /** The home camera, turned about the vertical axis through the model's middle. */
    move(angle, isMoving) {
        if (!this.#home || this.#socket.readyState !== 1) return;
        const { eye, orientation: [x, y, z, w], center, scale } = this.#home;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const [dx, dz] = [eye[0] - center[0], eye[2] - center[2]];
        const [hs, hc] = [Math.sin(angle / 2), Math.cos(angle / 2)];
        this.#views += 1;
        this.lastInputAt = performance.now();
        this.#sentAt.set(this.#views, this.lastInputAt);
        this.#send(encodeView({
            sequence: this.#views, eye: [center[0] + c * dx + s * dz, eye[1], center[2] - s * dx + c * dz],
            orientation: [hc * x + hs * z, hc * y + hs * w, hc * z - hs * x, hc * w - hs * y], projection: 0, scale,
            width, height, thresholdPixels: 1, velocity: [0, 0, 0], angularVelocity: [0, isMoving ? 1 : 0, 0],
            focus: [0, 0], isMoving,
        }));
    }

    /** Turns one radian per second for the given time. */
    async turn() {
        const began = performance.now();
        for (let at = 0; at < 1000 * seconds; at += 1000 / hertz) {
            await sleep(began + at - performance.now());
            this.move(this.phase + (performance.now() - began) / 1000, true);
        }
        this.move(this.phase + seconds, false);
    }

    close() { this.#socket.close(); }
}

const rounded = (value) => (value === null || value === undefined ? null : Math.round(value * 100) / 100);
const percentile = (values, share) => {
    const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
    return sorted.length === 0 ? null : rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
};

const link = number('rate') > 0 ? await shapedURL(options.url) : { url: options.url, setRate: () => {} };
const viewers = [];
for (let index = 0; index < viewerCount; index += 1) viewers.push(new FrameViewer(link.url, index));
for (let waited = 0; waited < 100 && !viewers.every((viewer) => viewer.firstShownAt || viewer.closed); waited += 1) {
    await sleep(100);
}
await sleep(1000);
viewers.forEach((viewer) => { viewer.frames = []; viewer.stills = []; });
if (number('drop-to') > 0) setTimeout(() => link.setRate(number('drop-to')), 500 * seconds);
const began = performance.now();
await Promise.all(viewers.map((viewer) => viewer.turn()));
const ended = performance.now();
await sleep(4000);

const summaries = viewers.map((viewer) => {
    const shown = viewer.frames.filter((frame) => !frame.isSkipped && frame.shownAt <= ended + 500);
    const microseconds = (key) => percentile(shown.map((frame) => frame[key] / 1000), 0.5);
    const still = (kind) => viewer.stills.find((frame) => frame.kind === kind && frame.shownAt > viewer.lastInputAt);
    return {
        closed: viewer.closed, notices: viewer.notices,
        millisecondsToFirstFrame: rounded(viewer.firstShownAt - viewer.openedAt),
        shownPerSecond: rounded(shown.length / ((ended - began) / 1000)),
        skipped: viewer.frames.filter((frame) => frame.isSkipped).length,
        latency: [0.5, 0.95, 0.99, 1].map((share) => percentile(shown.map((frame) => frame.latency), share)),
        stages: {
            wait: microseconds('waitMicroseconds'), render: microseconds('renderMicroseconds'),
            encode: microseconds('encodeMicroseconds'),
            transfer: percentile(shown.map((frame) => frame.arrivedAt - frame.headerAt), 0.5),
        },
        bytesPerFrame: percentile(shown.map((frame) => frame.byteCount), 0.5),
        bytesPerSecond: rounded(shown.reduce((sum, frame) => sum + frame.byteCount, 0) / ((ended - began) / 1000)),
        quality: percentile(shown.map((frame) => frame.quality), 0.5),
        width: percentile(shown.map((frame) => frame.width), 0.5),
        triangles: percentile(shown.map((frame) => frame.triangleCount), 0.5),
        thresholdPixels: percentile(shown.map((frame) => frame.thresholdPixels), 0.5),
        stills: Object.fromEntries([['still', 1], ['refined', 2], ['lossless', 3]].map(([name, kind]) => {
            const frame = still(kind);
            return [name, frame ? {
                millisecondsAfterInput: rounded(frame.shownAt - viewer.lastInputAt), bytes: frame.byteCount,
                thresholdPixels: rounded(frame.thresholdPixels), triangles: frame.triangleCount,
            } : null];
        })),
    };
});
console.log(JSON.stringify(summaries.length === 1 ? summaries[0] : summaries, null, 2));
viewers.forEach((viewer) => viewer.close());
setTimeout(() => process.exit(0), 200);
