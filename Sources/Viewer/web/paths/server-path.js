// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { serverRoot } from '../addresses.js';
import { maximumPixels, probeDecoding } from '../frames/decode-probe.js';
import { pointAt } from '../frames/depth-pick.js';
import { FrameCamera } from '../frames/frame-camera.js';
import { FramePresenter } from '../frames/frame-presenter.js';
import { FrameStream } from '../frames/frame-stream.js';
import { IdentityMap } from '../frames/identity-map.js';
import { LatencyMeter } from '../frames/latency-meter.js';
import { PickRequests } from '../frames/pick-requests.js';
import { Picture } from '../frames/picture.js';
import { probeWarp } from '../frames/warp-probe.js';
import { backgroundColors } from '../render/background-colors.js';
import { FrameMeter } from '../ui/frame-meter.js';
import { streamAddress } from '../ui/stream-address.js';
import { TaskMeter } from '../ui/task-meter.js';
import { deviceStorage, quickFacts, rememberSpeed } from './device-facts.js';

const mostCameras = 8;
const now = () => performance.now();

/**
 * The server render path: the server draws, its pictures come over the stream, and this device shows them on a plain
 * canvas. Needs neither WebGL nor WebAssembly. A render path as ClientPath describes it.
 */
export class ServerPath {
    #canvas;
    #options;
    #emit;
    #request;
    #startedAt;
    #tasks = new TaskMeter();
    #presented = new FrameMeter();
    #drawn = new FrameMeter();
    #latency = new LatencyMeter();
    #presenter = null;
    #stream = null;
    #picks = new PickRequests((...values) => this.#stream.pick(...values));
    #identities = null;
    /** Of the latest frames, by their numbers: of what a map of identities is. */
    #cameras = new Map();
    #bounds = null;
    #colors = backgroundColors('light');
    #maximumPixels = maximumPixels(null);
    #view = null;
    #statistics = {};
    #lastFrame = null;
    #lastLatencyView = 0;
    #settledView = null;
    #counts = { shown: 0, skipped: 0 };
    #frameCount = 0;
    #isDirty = true;
    #isDisposed = false;
    #firstPicture = null;

    /** The server decides how many pixels its pictures have. */
    scalesMotion = false;

    constructor({ canvas, options, emit, request, startedAt }) {
        this.#canvas = canvas;
        this.#options = options;
        this.#emit = emit;
        this.#request = request;
        this.#startedAt = startedAt;
    }

    /** The canvas with the picture. */
    get picture() {
        return this.#canvas;
    }

    get hasPicture() {
        return this.#presenter !== null && this.#presenter.picture !== null;
    }

    /** Frames that were shown so far. */
    get shownFrameCount() {
        return this.#counts.shown;
    }

    get missing() {
        if (typeof WebSocket !== 'function') return { code: 'websocket', message: 'This browser has no WebSocket.' };
        return null;
    }

    get isReady() {
        return this.#stream !== null;
    }

    get isComplete() {
        return !this.#isDirty && !this.#presenter?.hasNews;
    }

    get canReconnect() {
        return this.#stream !== null;
    }

    get status() {
        const seconds = now() / 1000;
        return {
            frames: this.#frameCount,
            framesPerSecond: this.#presented.rate(seconds),
            frameMilliseconds: this.#drawn.last,
            frameCurve: this.#drawn.curve,
            triangles: this.#lastFrame?.triangleCount ?? 0,
            drawCalls: 0,
            stream: this.#statistics,
            frame: this.#lastFrame,
            shownFrameCount: this.#counts.shown,
            skippedFrameCount: this.#counts.skipped,
            latencyMilliseconds: this.#latency.summary,
            warp: this.#presenter?.warp ?? null,
            isInWorker: this.#stream?.isInWorker ?? null,
            maximumPixels: this.#maximumPixels,
            firstPictureBytes: this.#firstPicture?.bytes ?? null,
            firstPictureMilliseconds: this.#firstPicture?.milliseconds ?? null,
            longestStreamingTaskMilliseconds: this.#tasks.longest,
            longestStreamingTaskName: this.#tasks.longestName,
            streamingTasks: this.#tasks.histogram,
        };
    }

    /** The server draws the same background behind the model, for the edges. */
    set theme(theme) {
        this.#colors = backgroundColors(theme);
        if (this.#presenter) this.#presenter.colors = this.#colors;
        this.#stream?.setHello(this.#hello());
        this.invalidate();
    }

    set bounds(bounds) {
        this.#bounds = bounds;
        if (this.#presenter) this.#presenter.sphere = { center: bounds.center, radius: bounds.diagonal / 2 };
    }

    async start(target, size) {
        this.resize(size);
        this.#presenter = new FramePresenter(this.#canvas, this.#colors);
        this.#presenter.warp = this.#options.warp ?? this.#presenter.warp;
        this.#stream = this.#makeStream(target, size);
        this.#listen();
        this.#emit('started');
        this.invalidate();
    }

    /** What this device can do with pictures, measured behind the first one; the server is told. */
    async #measure() {
        const rate = await probeDecoding();
        this.#maximumPixels = maximumPixels(rate);
        if (rate !== null) rememberSpeed(deviceStorage(), { imagePixelsPerSecond: Math.round(rate * 1000) });
        if (this.#isDisposed) return;
        this.#stream.setHello(this.#hello());
        const { width, height } = this.#canvas;
        this.#presenter.warp = this.#options.warp ?? probeWarp(width, height);
    }

    setView(view, motion) {
        this.#stream?.setView(view, motion, now());
    }

    /** What kind of frame the picture is, a FrameKind, if it shows exactly this view; otherwise null. */
    kindOf(view) {
        const picture = this.#presenter?.picture ?? null;
        if (picture === null || this.#isDirty || this.#presenter.hasNews) return null;
        // What was drawn before the server had heard a view may have another background, too.
        if (picture.header.view === 0) return null;
        return picture.camera.isSame(new FrameCamera(view)) ? picture.header.kind : null;
    }

    /** The largest error of what the picture shows, in pixels. */
    get errorPixels() {
        return this.#presenter?.picture?.header.thresholdPixels ?? Infinity;
    }

    /** Shows a picture of `view` that somebody else has drawn, until a frame comes. The canvas is the path's from now on. */
    showCopy(canvas, view) {
        const { width, height } = canvas;
        const place = { width, height, left: 0, top: 0, imageWidth: width, imageHeight: height };
        const picture = new Picture({ ...view, ...place, frame: 0, kind: 0, view: 0, thresholdPixels: 0 }, canvas, null);
        for (const skipped of this.#presenter?.replace(picture) ?? []) this.#noteSkipped(skipped);
        this.invalidate();
    }

    setVisible(isVisible) {
        this.#stream?.setVisible(isVisible);
        if (isVisible) this.invalidate();
    }

    resize({ width, height }) {
        this.#canvas.width = width;
        this.#canvas.height = height;
        // A canvas of another size is empty: until the server knows, it shows the last picture as it fits.
        if (this.#view) this.draw({ ...this.#view, width, height }, false);
        this.#isDirty = true;
    }

    invalidate() {
        this.#isDirty = true;
        this.#request();
    }

    frame(seconds, view, isMoving) {
        this.#view = view;
        if (this.#isDirty || this.#presenter.hasNews) this.draw(view, isMoving, seconds);
        if (!isMoving) this.#noteSettled(view);
        return this.#isDirty;
    }

    /** What arrives while nobody looks is little: the server is told. */
    hiddenFrame() {}

    draw(view, isMoving, seconds = now() / 1000) {
        if (!this.#presenter || !view) return;
        const began = now();
        // The picture that ends a fade is drawn too.
        this.#isDirty = this.#presenter.isFading || (this.#presenter.hasNews && this.#presenter.picture !== null);
        const shown = this.#tasks.measure('present', () => this.#presenter.draw(view));
        this.#isDirty = this.#isDirty || this.#presenter.isFading;
        this.#frameCount += 1;
        this.#drawn.add(seconds, now() - began);
        for (const event of shown) this.#noteShown(event, seconds);
        this.#emit('frame', { view });
    }

    /** The world point at a pixel as the depth of the shown frame has it, at once; null where it shows background. */
    estimate(x, y) {
        const picture = this.#presenter?.picture;
        if (!picture?.grid || !this.#view) return null;
        const camera = new FrameCamera(this.#view);
        const depth = camera.project(this.#bounds?.center ?? camera.unproject(0, 0, 1))[2];
        return pointAt(picture.grid, picture.camera, camera, this.#clip(x, y), Math.max(depth, 1e-6));
    }

    /** The world point at a pixel, exactly: the server looks it up. */
    async pick(x, y) {
        const answer = await this.#ask(x, y);
        return answer?.isHit ? answer.position : null;
    }

    /**
     * What is at a pixel: { treeNode, name, path, position }, or null for the background. Where the shown still brought a
     * map of what it shows, only what is there is asked for.
     */
    async identify(x, y) {
        if (this.treeNodeAt(x, y) === null) return null;
        const answer = await this.#ask(x, y);
        if (!answer?.isHit) return null;
        const { treeNode, position, json: { name = '', path = [] } } = answer;
        return { treeNode, name, path, position };
    }

    /** The tree node at a pixel at once, or null; undefined where it is not known without asking. */
    treeNodeAt(x, y) {
        const camera = this.#cameras.get(this.#identities?.frame);
        const isOfThis = camera && this.#view && camera.isSame(new FrameCamera(this.#view));
        return isOfThis ? this.#identities.nodeAt(...this.#clip(x, y)) : undefined;
    }

    reconnect() {
        this.#stream?.reconnect();
    }

    dispose() {
        this.#isDisposed = true;
        this.#picks.reset();
        this.#stream?.close();
        this.#presenter?.dispose();
    }

    /** `options.createFrameStream()` may give a stream that others use too. */
    #makeStream(target, { width, height }) {
        const { server, thresholdPixels = 1, createFrameStream, path: wish = 'auto' } = this.#options;
        if (createFrameStream) {
            const stream = createFrameStream();
            stream.setHello(this.#hello());
            return stream;
        }
        const url = streamAddress(server ?? serverRoot);
        return new FrameStream({ ...target, url, wish, thresholdPixels, hello: this.#hello(), viewport: [width, height] });
    }

    #listen() {
        const stream = this.#stream;
        for (const name of ['welcome', 'notice']) stream.on(name, (event) => this.#emit(name, event));
        stream.on('status', (event) => this.#takeStatus(event));
        stream.on('statistics', (event) => {
            this.#statistics = event;
            this.#emit('statistics', event);
        });
        stream.on('frame', (event) => this.#tasks.measure('frame', () => this.#takeFrame(event)));
        stream.on('identities', (message) => (this.#identities = new IdentityMap(message)));
        stream.on('picked', (message) => this.#picks.take(message));
        stream.on('replaced', () => this.#presenter.reset());
    }

    #takeStatus(event) {
        if (event.state !== 'open') {
            this.#presenter.reset();
            this.#picks.reset();
            this.#identities = null;
            this.#cameras.clear();
            this.#settledView = null;
            this.#lastLatencyView = 0;
        }
        this.#emit('status', event);
    }

    #takeFrame(event) {
        this.#statistics = { ...this.#statistics, ...event.received };
        this.#noteCamera(event.header);
        for (const skipped of this.#presenter.take(event)) this.#noteSkipped(skipped);
        this.#request();
    }

    #noteCamera(header) {
        this.#cameras.set(header.frame, new FrameCamera(header));
        if (this.#cameras.size > mostCameras) this.#cameras.delete(this.#cameras.keys().next().value);
    }

    #noteSkipped({ header: { frame }, decodeMicroseconds, connection }) {
        this.#counts.skipped += 1;
        this.#stream.shown({ frame, connection, isSkipped: true, decodeMicroseconds, latencyMicroseconds: 0 });
    }

    #noteShown({ header, inputAt, decodeMicroseconds, received, connection }, seconds) {
        // Only the first frame of a view answers an input; later ones are better pictures of the same.
        const isAnswer = inputAt !== null && header.view !== this.#lastLatencyView;
        const latency = isAnswer ? Math.max(now() - inputAt, 0.001) : 0;
        if (isAnswer) this.#latency.add(latency);
        if (isAnswer) this.#emit('answered', { milliseconds: latency, kind: header.kind });
        if (inputAt !== null) this.#lastLatencyView = header.view;
        this.#counts.shown += 1;
        this.#presented.add(seconds, latency);
        this.#lastFrame = factsOf(header, decodeMicroseconds, this.#canvas);
        if (this.#firstPicture === null) this.#measure();
        this.#firstPicture ??= { bytes: received.receivedByteCount, milliseconds: now() - this.#startedAt };
        const { frame } = header;
        this.#stream.shown({
            frame, connection, isSkipped: false, decodeMicroseconds, latencyMicroseconds: latency * 1000,
        });
    }

    /** A still that shows exactly what is wanted is all there is to wait for, once for each view. */
    #noteSettled(view) {
        const picture = this.#presenter.picture;
        if (!picture || picture.header.kind === 0 || view === this.#settledView || this.#isDirty) return;
        if (!picture.camera.isSame(new FrameCamera(view))) return;
        this.#settledView = view;
        this.#emit('settled', { view: picture.header.view, thresholdPixels: picture.header.thresholdPixels });
    }

    #ask(x, y) {
        const picture = this.#presenter?.picture;
        const point = picture && this.estimate(x, y);
        if (!point) return this.#picks.ask(0, this.#clip(x, y));
        const [clipX, clipY] = picture.camera.project(point);
        return this.#picks.ask(picture.header.frame, [clipX, clipY]);
    }

    #clip(x, y) {
        return [(2 * x) / this.#canvas.width - 1, 1 - (2 * y) / this.#canvas.height];
    }

    #hello() {
        const { top, bottom } = this.#colors;
        const { thresholdPixels = 1 } = this.#options;
        const limits = { maximumPixels: this.#maximumPixels, thresholdPixels };
        return { ...quickFacts(), background: [top, bottom], limits };
    }
}

/** What the statistics and tests want of a frame's header. */
function factsOf({ depthCodes, ...header }, decodeMicroseconds, canvas) {
    return { ...header, decodeMicroseconds, depthByteCount: depthCodes.length, pictureScale: header.width / canvas.width };
}
