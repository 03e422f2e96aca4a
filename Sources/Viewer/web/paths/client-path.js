// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { FrameMeter } from '../ui/frame-meter.js';
import { StreamFeed } from '../ui/stream-feed.js';
import { TaskMeter } from '../ui/task-meter.js';
import { makeRenderer, makeStream } from '../ui/viewer-parts.js';
import { deviceStorage, rememberSpeed } from './device-facts.js';

/** While nothing but refinement happens, pictures are at least this far apart. */
const refinementMilliseconds = 50;

/**
 * The client render path: chunks come over the stream, and this device draws them with WebGL.
 *
 * A render path (this one or ServerPath) makes a canvas's pictures. Its owner calls `start` once, `setView` for each new
 * view, and `frame` once per display frame while it asks for frames. The path calls `emit(name, event)`, with the names of
 * Viewer's events and `started` when views can be taken, and `request()` when it wants a frame.
 */
export class ClientPath {
    #canvas;
    #options;
    #emit;
    #request;
    #startedAt;
    #tasks = new TaskMeter();
    #frames = new FrameMeter();
    #renderer = null;
    #stream = null;
    #feed = null;
    #theme = null;
    #bounds = null;
    #size = null;
    /** The size that the canvas has: it changes when the next picture is drawn, as a canvas of another size is empty. */
    #drawnSize = null;
    #statistics = {};
    #drawStatistics = {};
    #lastRender = {};
    #view = null;
    #viewNumber = 0;
    /** { view, number, errorPixels, at } of the last picture, and of the last one that the GPU has finished. */
    #drawn = null;
    #finished = null;
    #isSettled = false;
    #isDirty = true;
    #isLost = false;
    #isDisposed = false;
    #frameCount = 0;
    #renderedAt = -Infinity;
    #firstPicture = null;

    /** Moving pictures may have fewer pixels than resting ones. */
    scalesMotion = true;

    /** `options` are Viewer's; `startedAt` is when somebody asked for the model, in milliseconds. */
    constructor({ canvas, options, emit, request, startedAt }) {
        this.#canvas = canvas;
        this.#options = options;
        this.#emit = emit;
        this.#request = request;
        this.#startedAt = startedAt;
    }

    /** What this browser lacks for this path, { code, message } as in Viewer's `failure`, or null. */
    get missing() {
        if (typeof WebAssembly !== 'object') return { code: 'wasm', message: 'This browser has no WebAssembly.' };
        if (!globalThis.WebGL2RenderingContext) return { code: 'webgl', message: 'This browser has no WebGL 2.' };
        return null;
    }

    /** Whether pictures can be drawn and picked. */
    get isReady() {
        return this.#renderer !== null;
    }

    /** Whether the picture shows all that has arrived. */
    get isComplete() {
        return !this.#isLost && !this.#isDirty && !this.#feed?.hasPendingUploads;
    }

    /** Whether `reconnect` can do anything. */
    get canReconnect() {
        return Boolean(this.#stream?.reconnect);
    }

    /** Whether the graphics context is gone. */
    get isLost() {
        return this.#isLost;
    }

    /** Whether there is something of the model in the picture. */
    get hasPicture() {
        return !this.#isLost && (this.#lastRender.triangleCount ?? 0) > 0;
    }

    /** The canvas with the picture; it has to be read in the task that drew it. */
    get picture() {
        return this.#canvas;
    }

    /** Whether all of the newest view is on the GPU and selected. */
    get isSettled() {
        return this.#isSettled;
    }

    /** An upper bound of the error of the last picture that is finished, in pixels; null before there is one. */
    get errorPixels() {
        return this.#finished?.errorPixels ?? null;
    }

    /** Whether a budget or the GPU's memory keeps the picture coarser than somebody wants it. */
    get hasMemoryPressure() {
        const wanted = this.#options.thresholdPixels ?? 1;
        return (this.#drawStatistics.thresholdPixels ?? 0) > 1.05 * wanted
            || Boolean(this.#renderer?.statistics.hasOverflowed);
    }

    /** Bytes that have arrived and are not decoded. */
    get decodeBacklogByteCount() {
        return this.#statistics.queuedDecodeByteCount ?? 0;
    }

    /** Whether the GPU has finished a picture of this view, with a draw list for it. */
    isShowing(view) {
        return this.#finished?.view === view && this.#finished.number >= this.#viewNumber;
    }

    /** When the last picture that the GPU has finished was begun, in milliseconds. */
    get finishedAt() {
        return this.#finished?.at ?? -Infinity;
    }

    /** What the graphics context is, for Hello; null before there is one. */
    get graphics() {
        if (!this.#renderer?.capabilities) return null;
        const { version, renderer, isSoftware, multiDraw, maximumTextureSize } = this.#renderer.capabilities;
        return { version, renderer, isSoftware, multiDraw, maximumTextureSize };
    }

    /** Facts for Viewer's `status`. */
    get status() {
        const { triangleCount = 0, drawCallCount = 0 } = this.#lastRender;
        return {
            frames: this.#frameCount,
            framesPerSecond: this.#frames.rate(performance.now() / 1000),
            frameMilliseconds: this.#frames.last,
            frameCurve: this.#frames.curve,
            triangles: triangleCount,
            drawCalls: drawCallCount,
            stream: this.#statistics,
            draw: this.#drawStatistics,
            gpuByteCount: this.#renderer?.gpuByteCount ?? 0,
            firstPictureBytes: this.#firstPicture?.bytes ?? null,
            firstPictureMilliseconds: this.#firstPicture?.milliseconds ?? null,
            longestStreamingTaskMilliseconds: this.#tasks.longest,
            longestStreamingTaskName: this.#tasks.longestName,
            streamingTasks: this.#tasks.histogram,
        };
    }

    /** See Renderer.theme. */
    set theme(theme) {
        this.#theme = theme;
        if (this.#renderer) this.#renderer.theme = theme;
        this.invalidate();
    }

    /** The scene's box. */
    set bounds(bounds) {
        this.#bounds = bounds;
        if (this.#renderer) this.#renderer.bounds = bounds;
    }

    /**
     * Connects and prepares drawing; resolves when both are under way. What goes wrong later is an event.
     *
     * @param {{model?: string, session?: string, token?: string}} target
     * @param {{width: number, height: number}} size of the picture, physical pixels
     * @throws {Error} where the renderer or the stream cannot be made
     */
    async start(target, size) {
        this.#size = size;
        const renderer = makeRenderer(this.#options, this.#canvas);
        // Awaited below; until then its failure is nobody's.
        renderer.catch(() => {});
        try {
            this.#stream = await makeStream(this.#options, target, [size.width, size.height]);
            this.#connect();
            this.#attach(await renderer);
        } catch (error) {
            this.#stream?.close();
            throw error;
        }
    }

    /** `number` grows with each view, where the stream gets views from somebody else. */
    setView(view, motion, number = 0) {
        this.#isSettled = false;
        this.#viewNumber = number;
        this.#stream?.setView(view, motion);
    }

    /** Whether somebody can see the page. */
    setVisible(isVisible) {
        if (isVisible) this.invalidate();
    }

    resize(size) {
        this.#size = size;
        this.#isDirty = true;
    }

    /** Asks for another picture. */
    invalidate() {
        this.#isDirty = true;
        this.#request();
    }

    /**
     * Does a display frame's work: takes in what has arrived and draws if the picture is another than before.
     *
     * @param {number} seconds the frame's time
     * @param {object} view what to show
     * @param {boolean} isMoving
     * @returns {boolean} whether another frame is wanted
     */
    frame(seconds, view, isMoving) {
        this.#view = view;
        // What is sent to a busy GPU waits for its picture, and may make the page wait with it.
        const isFree = !this.#isLost && !this.#renderer.isBusy;
        if (isFree && this.hasPicture) this.#finished = this.#drawn;
        if (isFree && this.#feed.frame()) this.#isDirty = true;
        if (isFree && this.#isDirty && this.#mayRender(seconds, isMoving)) this.draw(view, isMoving, seconds);
        this.#isDirty = this.#isDirty || this.#isCompiling;
        // Whoever waits for a finished picture hears of it at a frame.
        const isUnfinished = this.hasPicture && this.#finished !== this.#drawn;
        return !this.#isLost && (!isFree || this.#isDirty || isUnfinished || this.#feed.hasPendingUploads);
    }

    /** Works on while the page is hidden and gets no frames. */
    hiddenFrame() {
        this.#feed?.hiddenFrame();
    }

    /** Draws now. */
    draw(view, isMoving, seconds = performance.now() / 1000) {
        if (!this.#renderer || !view) return;
        this.#isDirty = false;
        this.#renderedAt = seconds;
        const { viewNumber = 0, errorPixels = Infinity } = this.#drawStatistics;
        this.#drawn = { view, number: viewNumber, errorPixels, at: performance.now() };
        this.#fit();
        this.#lastRender = this.#renderer.render(view, { isMoving });
        this.#frameCount += 1;
        this.#frames.add(seconds, this.#lastRender.milliseconds);
        if (!this.#firstPicture && this.#lastRender.triangleCount > 0) this.#noteFirstPicture();
        this.#emit('frame', { view });
    }

    /** What is known at once of the world point at a pixel: nothing. */
    estimate() {
        return null;
    }

    /** The world point at a pixel of the picture, or null. */
    async pick(x, y) {
        if (!this.#renderer?.pick || !this.#view || this.#isLost) return null;
        const hit = await this.#renderer.pick(x, y);
        return hit?.position ?? null;
    }

    /** What is at a pixel: { treeNode, position }, or null. */
    async identify(x, y) {
        if (!this.#renderer?.pick || !this.#view || this.#isLost) return null;
        const hit = await this.#renderer.pick(x, y);
        return hit && { treeNode: hit.treeNode, position: hit.position };
    }

    /** Connects again after the connection failed or while it waits to try again. */
    reconnect() {
        this.#stream?.reconnect?.();
    }

    dispose() {
        this.#isDisposed = true;
        this.#feed?.dispose();
        this.#stream?.close();
        this.#renderer?.dispose();
    }

    #fit() {
        if (this.#drawnSize === this.#size) return;
        this.#drawnSize = this.#size;
        this.#renderer.resize(this.#size.width, this.#size.height);
    }

    #connect() {
        const stream = this.#stream;
        if (this.#isDisposed) return stream.close();
        this.#feed = new StreamFeed(stream, this.#tasks, () => this.#request());
        stream.on('settled', () => {
            this.#isSettled = true;
            this.#rememberDecoding();
        });
        for (const name of ['welcome', 'status', 'settled', 'notice']) {
            stream.on(name, (event) => this.#emit(name, event));
        }
        stream.on('draw', (event) => (this.#drawStatistics = event.statistics ?? this.#drawStatistics));
        stream.on('statistics', (event) => {
            this.#statistics = event;
            this.#emit('statistics', event);
        });
        return this.#emit('started');
    }

    /** How fast chunks were decoded helps to choose a path at the next visit. */
    #rememberDecoding() {
        const { decodeBytesPerSecond = 0 } = this.#statistics;
        if (decodeBytesPerSecond > 0) rememberSpeed(deviceStorage(), { dracoBytesPerSecond: decodeBytesPerSecond });
    }

    #attach(renderer) {
        if (this.#isDisposed) return renderer.dispose();
        this.#renderer = renderer;
        if (this.#theme) renderer.theme = this.#theme;
        if (this.#bounds) renderer.bounds = this.#bounds;
        renderer.onLost = () => this.#lose();
        renderer.onRestored = () => this.#restore();
        this.#fit();
        this.#feed.attach(renderer);
        return this.invalidate();
    }

    #lose() {
        this.#isLost = true;
        this.#lastRender = {};
        this.#finished = null;
        this.#emit('lost');
    }

    #restore() {
        this.#isLost = false;
        this.#stream.restore();
        this.#emit('restored');
        this.invalidate();
    }

    /**
     * One picture at a time: another would only wait behind it. At rest, pictures that merely refine leave the GPU half of
     * the time to whatever else wants it.
     */
    #mayRender(seconds, isMoving) {
        if (isMoving || !this.#firstPicture) return true;
        const pause = Math.max(refinementMilliseconds, 2 * (this.#renderer.gpuMilliseconds ?? 0));
        return (seconds - this.#renderedAt) * 1000 >= pause;
    }

    /** Programs are compiled in the background; until then the picture lacks what needs them. */
    get #isCompiling() {
        return !this.#isLost && this.#renderer.statistics.compilingCount > 0;
    }

    #noteFirstPicture() {
        this.#firstPicture = {
            bytes: this.#drawStatistics.firstMeshByteCount ?? null,
            milliseconds: performance.now() - this.#startedAt,
        };
    }
}
