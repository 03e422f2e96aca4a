// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { Bounds } from './camera/bounds.js';
import { Camera, anglesOf } from './camera/camera.js';
import { OrbitControls } from './camera/orbit-controls.js';
import { anglesTowards, homeAngles, standardViews } from './camera/standard-views.js';
import { ViewTracker } from './camera/view-tracker.js';
import { deviceLimits } from './ui/device-limits.js';
import { Emitter } from './ui/emitter.js';
import { FrameLoop } from './ui/frame-loop.js';
import { FrameMeter } from './ui/frame-meter.js';
import { StreamFeed } from './ui/stream-feed.js';
import { TaskMeter } from './ui/task-meter.js';
import { makeRenderer, makeStream } from './ui/viewer-parts.js';

const hiddenFrameMilliseconds = 1000;

/** While nothing but refinement happens, pictures are at least this far apart. */
const refinementMilliseconds = 50;

/**
 * A model in a page: a canvas that fills `container`, drawn from a stream, with controls.
 *
 * Frames are drawn only when something changed. Events (`on(name, handler)`, which returns a function that ends it):
 * - `status` { state, code, message, retrySeconds }: the connection (connecting, open, reconnecting, closed, failed)
 * - `failure` { code, message }: the viewer cannot go on; `code` is a close code, 'webgl', 'wasm' or 'start'
 * - `welcome`, `notice`, `statistics`, `settled`: as the stream's
 * - `frame` { view }: a picture was drawn · `moving`, `rest` { state }: the camera started, stopped
 * - `mode`: walking or projection changed
 * - `lost`, `restored`: the graphics context
 */
export class Viewer {
    #container;
    #options;
    #emitter = new Emitter();
    #camera = new Camera();
    #controls;
    #canvas = document.createElement('canvas');
    #loop = new FrameLoop((seconds, elapsed) => this.#frame(seconds, elapsed));
    #tracker;
    #tasks = new TaskMeter();
    #frames = new FrameMeter();
    #renderer = null;
    #stream = null;
    #feed = null;
    #theme = null;
    #welcome = null;
    #connection = { state: 'connecting' };
    #failure = null;
    #statistics = {};
    #drawStatistics = {};
    #lastRender = {};
    /** The state at the start, as long as the camera has not left it. */
    #startState = null;
    #isDirty = true;
    #isLost = false;
    #isSettled = false;
    #isDisposed = false;
    #startSeconds = 0;
    #frameCount = 0;
    #renderedAt = -Infinity;
    #firstPicture = null;
    #hiddenTimer = 0;
    #observer;
    #abort = new AbortController();

    /**
     * Options: `server` (base URL, default: where this module comes from), `limits` { gpuByteCount, triangleCount },
     * `thresholdPixels` (default 1), `store` (keep chunks for later visits, default true), `initialState` (a camera
     * state), `keyTarget` (where keys are heard, default the canvas), `createStream(options)` and
     * `createRenderer(canvas)` for other parts than the usual.
     */
    constructor(container, options = {}) {
        this.#container = container;
        this.#options = { ...options, limits: { ...deviceLimits(navigator), ...options.limits } };
        this.#canvas.className = 'vantage-canvas';
        this.#canvas.tabIndex = 0;
        container.append(this.#canvas);
        this.#controls = new OrbitControls(this.#canvas, this.#camera, {
            pick: (x, y) => this.pick(x, y),
            onChange: () => this.#loop.request(),
            isMotionReduced: () => matchMedia('(prefers-reduced-motion: reduce)').matches,
            keyTarget: options.keyTarget ?? this.#canvas,
        });
        this.#tracker = this.#makeTracker();
        this.#watchPage();
    }

    get canvas() {
        return this.#canvas;
    }

    get camera() {
        return this.#camera;
    }

    get controls() {
        return this.#controls;
    }

    /** What the server said at the start, or null. */
    get welcome() {
        return this.#welcome;
    }

    /** The facts of the stats panel and of tests; a fresh object. */
    get status() {
        const { triangleCount = 0, drawCallCount = 0 } = this.#lastRender;
        return {
            state: this.#failure ? 'failed' : this.#connection.state,
            error: this.#failure,
            settled: this.#isSettled && !this.#isLost && !this.#isDirty && !this.#feed?.hasPendingUploads,
            moving: this.#tracker.isMoving,
            frames: this.#frameCount,
            framesPerSecond: this.#frames.rate(performance.now() / 1000),
            frameMilliseconds: this.#frames.last,
            frameCurve: this.#frames.curve,
            triangles: triangleCount,
            drawCalls: drawCallCount,
            path: this.#welcome?.path ?? 'client',
            reason: this.#welcome?.reason ?? '',
            stream: this.#statistics,
            draw: this.#drawStatistics,
            gpuByteCount: this.#renderer?.gpuByteCount ?? 0,
            limits: this.#options.limits,
            thresholdPixels: this.#options.thresholdPixels ?? 1,
            ...this.#tracker.size,
            firstPictureBytes: this.#firstPicture?.bytes ?? null,
            firstPictureMilliseconds: this.#firstPicture?.milliseconds ?? null,
            longestStreamingTaskMilliseconds: this.#tasks.longest,
            longestStreamingTaskName: this.#tasks.longestName,
            streamingTasks: this.#tasks.histogram,
        };
    }

    on(name, handler) {
        return this.#emitter.on(name, handler);
    }

    /**
     * Shows a model, or a session's. Resolves when the stream has been started; what goes wrong afterwards is told by
     * `status` and `failure`.
     */
    async load({ model, session, token } = {}) {
        this.#startSeconds = performance.now() / 1000;
        if (typeof WebAssembly !== 'object') return this.#fail('wasm', 'This browser has no WebAssembly.');
        if (!globalThis.WebGL2RenderingContext) return this.#fail('webgl', 'This browser has no WebGL 2.');
        this.#tracker.resize();
        this.#setInitialState();
        const renderer = makeRenderer(this.#options, this.#canvas);
        try {
            const { width, height } = this.#tracker.size;
            this.#stream = await makeStream(this.#options, { model, session, token }, [width, height]);
            this.#connect();
            this.#attach(await renderer);
        } catch (error) {
            this.#stream?.close();
            this.#fail(error?.name === 'WebGLUnavailableError' ? 'webgl' : 'start', error?.message);
        }
        return undefined;
    }

    /** Goes to a view object or a camera state; `isAnimated`: by a short flight. False if it is neither. */
    setView(view, { isAnimated = false } = {}) {
        const target = new Camera();
        target.bounds = this.#camera.bounds;
        target.aspect = this.#camera.aspect;
        if (view?.focus) target.state = view;
        else if (!target.setView(view)) return false;
        this.#go(target.state, isAnimated);
        return true;
    }

    /** Shows all of the model from the present side. */
    fit({ isAnimated = true } = {}) {
        this.#go(this.#camera.fitted(), isAnimated);
    }

    /** Shows all of the model from the side that it opens with. */
    home({ isAnimated = true } = {}) {
        this.#go(this.#camera.fitted(this.#camera.bounds, homeAngles), isAnimated);
    }

    /** Looks from 'front', 'back', 'left', 'right', 'top' or 'bottom' at what is in the middle. */
    standardView(name, { isAnimated = true } = {}) {
        const view = standardViews.find((candidate) => candidate.name === name);
        if (view) this.#go({ ...this.#camera.state, azimuth: view.azimuth, elevation: view.elevation }, isAnimated);
    }

    /** Looks from a direction [x, y, z] at what is in the middle. */
    lookFrom(direction, { isAnimated = true } = {}) {
        const angles = anglesTowards(direction, this.#camera.state.azimuth);
        this.#go({ ...this.#camera.state, ...angles }, isAnimated);
    }

    /** Changes between perspective and orthographic pictures; what is in the middle keeps its size. */
    toggleProjection() {
        this.#controls.mode = 'orbit';
        this.#camera.state = this.#camera.projected(!this.#camera.state.isOrthographic);
        this.#emitter.emit('mode');
        this.#loop.request();
    }

    /** Changes between turning around the model and walking through it. */
    toggleWalk() {
        this.#controls.mode = this.#controls.mode === 'walk' ? 'orbit' : 'walk';
        this.#emitter.emit('mode');
    }

    /** The world point at a place of the canvas (CSS pixels from the top left), or null. */
    async pick(x, y) {
        if (!this.#renderer?.pick || !this.#tracker.view || this.#isLost) return null;
        const shown = this.#canvas.getBoundingClientRect();
        const { width, height } = this.#tracker.size;
        const place = [(x / shown.width) * width, (y / shown.height) * height];
        const hit = await this.#renderer.pick(...place);
        return hit?.position ?? null;
    }

    /** The background and anything else that follows the page's look; see Renderer.theme. */
    set theme(theme) {
        this.#theme = theme;
        if (this.#renderer) this.#renderer.theme = theme;
        this.#requestPicture();
    }

    /** The picture at full resolution as a PNG blob. */
    snapshot() {
        this.#tracker.restart();
        this.#render();
        return new Promise((resolve, reject) => {
            const take = (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be written as PNG.')));
            this.#canvas.toBlob(take, 'image/png');
        });
    }

    /** Whether `reconnect` can do anything. */
    get canReconnect() {
        return Boolean(this.#stream?.reconnect);
    }

    /** Connects again after the connection failed or while it waits to try again. */
    reconnect() {
        this.#stream?.reconnect?.();
    }

    /** Ends the stream and gives everything back; the container is empty afterwards. */
    dispose() {
        this.#isDisposed = true;
        this.#loop.stop();
        this.#tracker.dispose();
        clearTimeout(this.#hiddenTimer);
        this.#abort.abort();
        this.#observer.disconnect();
        this.#controls.dispose();
        this.#feed?.dispose();
        this.#stream?.close();
        this.#renderer?.dispose();
        this.#canvas.remove();
        this.#emitter.clear();
    }

    #connect() {
        const stream = this.#stream;
        if (this.#isDisposed) return stream.close();
        this.#feed = new StreamFeed(stream, this.#tasks, () => this.#loop.request());
        stream.on('welcome', (event) => this.#greet(event));
        stream.on('status', (event) => this.#takeStatus(event));
        stream.on('settled', (event) => this.#settle(event));
        stream.on('draw', (event) => (this.#drawStatistics = event.statistics ?? this.#drawStatistics));
        stream.on('statistics', (event) => this.#takeStatistics(event));
        stream.on('notice', (event) => this.#emitter.emit('notice', event));
        if (this.#options.initialState) this.#tracker.restart();
        return undefined;
    }

    #attach(renderer) {
        if (this.#isDisposed) return renderer.dispose();
        this.#renderer = renderer;
        if (this.#theme) renderer.theme = this.#theme;
        if (this.#welcome) renderer.bounds = this.#camera.bounds;
        renderer.onLost = () => this.#lose();
        renderer.onRestored = () => this.#restore();
        renderer.resize(this.#tracker.size.width, this.#tracker.size.height);
        this.#feed.attach(renderer);
        return this.#requestPicture();
    }

    /** A linked view is asked for before the server has said how large the model is. */
    #setInitialState() {
        const state = this.#options.initialState;
        if (!state) return;
        const around = (sign) => state.focus.map((value) => value + sign * state.distance);
        this.#camera.bounds = new Bounds(around(-1), around(1));
        this.#camera.state = state;
    }

    #greet(welcome) {
        const isFirst = this.#welcome === null;
        this.#welcome = welcome;
        const current = this.#camera.state;
        this.#camera.bounds = new Bounds(welcome.model?.minimum, welcome.model?.maximum);
        if (this.#renderer) this.#renderer.bounds = this.#camera.bounds;
        if (isFirst) this.#placeAtStart(welcome.home);
        else this.#camera.state = current;
        this.#tracker.restart();
        this.#emitter.emit('welcome', welcome);
        this.#loop.request();
    }

    #placeAtStart(home) {
        const { initialState } = this.#options;
        if (initialState) this.#camera.state = initialState;
        else this.#startFrom(home?.orientation ? anglesOf(home.orientation) : homeAngles);
    }

    /** Shows all of the model, also when the window changes, until somebody moves the camera. */
    #startFrom(angles) {
        this.#camera.state = this.#camera.fitted(this.#camera.bounds, angles);
        this.#startState = this.#camera.state;
    }

    #takeStatus(event) {
        this.#connection = event;
        if (event.state !== 'open') this.#isSettled = false;
        this.#emitter.emit('status', event);
        if (event.state === 'failed') this.#fail(event.code ?? 'failed', event.message);
    }

    #takeStatistics(event) {
        this.#statistics = event;
        this.#emitter.emit('statistics', event);
    }

    #settle(event) {
        this.#isSettled = !this.#tracker.isMoving;
        this.#emitter.emit('settled', event);
        this.#loop.request();
    }

    #fail(code, message = '') {
        this.#failure = { code, message };
        this.#emitter.emit('failure', this.#failure);
    }

    #lose() {
        this.#isLost = true;
        this.#emitter.emit('lost');
    }

    #restore() {
        this.#isLost = false;
        this.#stream.restore();
        this.#emitter.emit('restored');
        this.#requestPicture();
    }

    #go(state, isAnimated) {
        if (isAnimated) return this.#controls.flyTo(state);
        this.#controls.stop();
        this.#camera.state = state;
        if (this.#stream) this.#tracker.restart();
        return this.#loop.request();
    }

    #requestPicture() {
        this.#isDirty = true;
        this.#loop.request();
    }

    #frame(seconds, elapsed) {
        if (!this.#renderer) return;
        const isAnimating = this.#controls.update(elapsed);
        this.#tracker.follow(seconds, elapsed);
        // What is sent to a busy GPU waits for its picture, and may make the page wait with it.
        const isFree = !this.#isLost && !this.#renderer.isBusy;
        if (isFree && this.#feed.frame()) this.#isDirty = true;
        if (isFree && this.#isDirty && this.#mayRender(seconds)) this.#render(seconds);
        this.#isDirty = this.#isDirty || this.#isCompiling;
        const isWaiting = !this.#isLost && (!isFree || this.#isDirty || this.#feed.hasPendingUploads);
        if (isAnimating || isWaiting) this.#loop.request();
    }

    /**
     * One picture at a time: another would only wait behind it. At rest, pictures that merely refine leave the GPU half of
     * the time to whatever else wants it.
     */
    #mayRender(seconds) {
        if (this.#tracker.isMoving || !this.#firstPicture) return true;
        const pause = Math.max(refinementMilliseconds, 2 * (this.#renderer.gpuMilliseconds ?? 0));
        return (seconds - this.#renderedAt) * 1000 >= pause;
    }

    /** Programs are compiled in the background; until then the picture lacks what needs them. */
    get #isCompiling() {
        return !this.#isLost && this.#renderer.statistics.compilingCount > 0;
    }

    #makeTracker() {
        return new ViewTracker(this.#camera, {
            measure: () => ({ width: this.#container.clientWidth, height: this.#container.clientHeight }),
            onSize: ({ width, height }) => {
                this.#renderer?.resize(width, height);
                this.#isDirty = true;
            },
            onView: (view, motion) => this.#takeView(view, motion),
            onMoving: () => this.#emitter.emit('moving'),
            onRest: () => this.#emitter.emit('rest', { state: this.#camera.state }),
        });
    }

    /** Before the server has said where the model is, only a linked view is worth sending. */
    #takeView(view, motion) {
        this.#isSettled = false;
        if (this.#welcome || this.#options.initialState) this.#stream?.setView(view, { ...motion, focus: this.#controls.attention });
        this.#requestPicture();
    }

    #render(seconds = performance.now() / 1000) {
        const { view } = this.#tracker;
        if (!this.#renderer || !view) return;
        this.#isDirty = false;
        this.#renderedAt = seconds;
        this.#lastRender = this.#renderer.render(view, { isMoving: this.#tracker.isMoving });
        this.#frameCount += 1;
        this.#frames.add(seconds, this.#lastRender.milliseconds);
        if (!this.#firstPicture && this.#lastRender.triangleCount > 0) this.#noteFirstPicture();
        this.#emitter.emit('frame', { view });
    }

    #noteFirstPicture() {
        this.#firstPicture = {
            bytes: this.#drawStatistics.firstMeshByteCount ?? null,
            milliseconds: performance.now() - this.#startSeconds * 1000,
        };
    }

    #watchPage() {
        this.#observer = new ResizeObserver(() => this.#resize());
        this.#observer.observe(this.#container);
        const { signal } = this.#abort;
        document.addEventListener('visibilitychange', () => this.#watchHidden(), { signal });
    }

    #resize() {
        this.#tracker.resize();
        if (this.#camera.state === this.#startState) this.#startFrom(this.#startState);
        this.#loop.request();
    }

    /** Hidden pages get no frames; what arrives is taken in by a timer, so that it does not pile up. */
    #watchHidden() {
        clearTimeout(this.#hiddenTimer);
        if (!document.hidden) return this.#requestPicture();
        this.#hiddenTimer = setTimeout(() => {
            this.#feed?.hiddenFrame();
            this.#watchHidden();
        }, hiddenFrameMilliseconds);
        return undefined;
    }
}
