// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { Bounds } from './camera/bounds.js';
import { Camera, anglesOf } from './camera/camera.js';
import { OrbitControls } from './camera/orbit-controls.js';
import { anglesTowards, homeAngles, standardViews } from './camera/standard-views.js';
import { ViewTracker } from './camera/view-tracker.js';
import { addLayer } from './paths/layers.js';
import { StillPictures } from './paths/still-pictures.js';
import { backgroundGradient } from './render/background-colors.js';
import { deviceLimits } from './ui/device-limits.js';
import { Emitter } from './ui/emitter.js';
import { FrameLoop } from './ui/frame-loop.js';
import { CloseCode } from './wire/messages.generated.js';

const hiddenFrameMilliseconds = 1000;

/** What `status` says before there is a render path. */
const noStatus = Object.freeze({
    frames: 0, framesPerSecond: 0, frameCurve: [], triangles: 0, drawCalls: 0, stream: {}, draw: {}, gpuByteCount: 0,
    firstPictureBytes: null, firstPictureMilliseconds: null, longestStreamingTaskMilliseconds: 0,
    longestStreamingTaskName: '', streamingTasks: [],
});

/**
 * A model in a page: an element that fills `container`, with controls. Its pictures come from a render path: drawn here
 * from a stream of chunks, or drawn by the server; which of both, server and viewer agree on, and may change at any time.
 *
 * Frames are drawn only when something changed. Events (`on(name, handler)`, which returns a function that ends it):
 * - `status` { state, code, message, retrySeconds, cause, refusal }: the connection (connecting, open, reconnecting, closed,
 *   failed), and why there is none, see ConnectionTrouble
 * - `stills` { isActive, isShown, count, message, isRefused }: single pictures by HTTP, where WebSockets do not get through
 * - `failure` { code, message }: the viewer cannot go on; `code` is a close code, or 'webgl', 'wasm', 'websocket',
 *   'noServerPath' or 'start'
 * - `path` { path, target, reason, code, wish, allowed, isSwitching }: who draws (client, server, hybrid; null before the
 *   first picture), who will (or null), why, what was asked for and what may be
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
    #canvas = document.createElement('div');
    #loop = new FrameLoop((seconds, elapsed) => this.#frame(seconds, elapsed));
    #tracker;
    #path = null;
    /** Pictures by HTTP, from the first time that there is no other way. */
    #stills = null;
    #target = null;
    /** Who drew what was seen last. */
    #shownPath = null;
    /** What this browser lacks for drawing itself, 'wasm' or 'webgl', or null. */
    #lack = lackOf(globalThis);
    #theme = null;
    #welcome = null;
    #connection = { state: 'connecting' };
    #failure = null;
    /** The state at the start, as long as the camera has not left it. */
    #startState = null;
    #isSettled = false;
    #isDisposed = false;
    #hiddenTimer = 0;
    #observer;
    #abort = new AbortController();

    /**
     * Options: `path` (who is to draw, 'auto' (default), 'client', 'server' or 'hybrid'), `can` (who may draw here, default
     * ['client', 'server']), `server` (base URL, default: where this module comes from), `limits` { gpuByteCount, triangleCount }, `thresholdPixels` (default 1), `store` (keep chunks for later
     * visits, default true), `initialState` (a camera state), `keyTarget` (where keys are heard, default the canvas),
     * `warp` ('grid', 'affine' or 'none': how the server's pictures follow the camera), `createStream(options)` and
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
            estimate: (x, y) => this.#estimate(x, y),
            onChange: () => this.#loop.request(),
            isMotionReduced,
            keyTarget: options.keyTarget ?? this.#canvas,
        });
        this.#tracker = this.#makeTracker();
        this.#watchPage();
    }

    /** The element that the pictures fill and that takes input. */
    get canvas() {
        return this.#canvas;
    }

    /** A canvas with what is seen, or null; it has to be read in the task that drew it, as in a handler of `frame`. */
    get picture() {
        return this.#stills?.isShown ? this.#stills.picture : this.#path?.picture ?? null;
    }

    /** Who draws what is seen: 'client', 'server' or 'hybrid'. */
    get path() {
        return this.status.path;
    }

    /** Asks for 'auto', 'client', 'server' or 'hybrid' from now on; false where that is not for choosing. */
    choosePath(wish) {
        this.#options.path = wish;
        if (!this.#path?.choosePath) return false;
        this.#path.choosePath(wish);
        return true;
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
        return {
            state: this.#failure ? 'failed' : this.#connection.state,
            error: this.#failure,
            settled: this.#isSettled && Boolean(this.#stills?.isShown || this.#path?.isComplete),
            moving: this.#tracker.isMoving,
            path: this.#welcome?.path ?? 'server',
            pathTarget: null,
            isSwitching: false,
            wish: this.#options.path ?? 'auto',
            allowed: this.#can,
            reason: this.#welcome?.reason ?? '',
            code: '',
            limits: this.#options.limits,
            thresholdPixels: this.#options.thresholdPixels ?? 1,
            ...this.#tracker.size,
            ...noStatus,
            ...this.#path?.status,
            stills: this.#stills?.facts ?? null,
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
        this.#target = { model, session, token };
        try {
            const path = await this.#makePath(performance.now());
            if (this.#isDisposed) return;
            if (path.missing) {
                this.#fail(path.missing.code, path.missing.message);
                return;
            }
            this.#path = path;
            if (this.#theme) path.theme = this.#theme;
            this.#tracker.resize();
            this.#setInitialState();
            const started = path.start(this.#target, this.#tracker.size);
            path.setVisible(!document.hidden);
            await started;
        } catch (error) {
            this.#fail(error?.name === 'WebGLUnavailableError' ? 'webgl' : 'start', error?.message);
        }
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
        if (!this.#path?.isReady) return null;
        return this.#path.pick(...this.#pixel(x, y));
    }

    /**
     * What is at a place of the canvas: { treeNode, position }, and where the server draws also { name, path }; null for the
     * background.
     */
    async identify(x, y) {
        if (!this.#path?.isReady) return null;
        return this.#path.identify(...this.#pixel(x, y));
    }

    /** The background and anything else that follows the page's look: 'light', 'dark' or { top, bottom } as `#rrggbb`. */
    set theme(theme) {
        this.#theme = theme;
        this.canvas.style.background = backgroundGradient(theme);
        if (this.#path) this.#path.theme = theme;
        if (this.#stills) this.#stills.theme = theme;
    }

    /** The picture at full resolution as a PNG blob. */
    snapshot() {
        if (!this.#path) return Promise.reject(new Error('There is no picture yet.'));
        this.#tracker.restart();
        (this.#stills?.isShown ? this.#stills : this.#path).draw(this.#tracker.view, false);
        return new Promise((resolve, reject) => {
            const take = (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be written as PNG.')));
            this.picture.toBlob(take, 'image/png');
        });
    }

    /** Whether `reconnect` can do anything. */
    get canReconnect() {
        return Boolean(this.#path?.canReconnect);
    }

    /** Connects again after the connection failed or while it waits to try again. */
    reconnect() {
        this.#path?.reconnect();
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
        this.#path?.dispose();
        this.#stills?.dispose();
        this.#canvas.remove();
        this.#emitter.clear();
    }

    async #makePath(startedAt) {
        const owner = {
            element: this.#canvas, options: this.#options, startedAt, isMotionReduced,
            isInteracting: () => this.#controls.isActive,
            emit: (name, event) => this.#take(name, event), request: () => this.#loop.request(),
        };
        return this.#options.createStream ? makeClientPath(owner) : makePath(this.#can, owner);
    }

    /** Who may draw here. */
    get #can() {
        if (this.#options.createStream) return ['client'];
        const { can = ['client', 'server'] } = this.#options;
        return this.#lack ? can.filter((path) => path !== 'client') : can;
    }

    /** Takes an event of the render path. */
    #take(name, event) {
        if (this.#isDisposed) return;
        if (name === 'started') this.#showInitialView();
        else if (name === 'welcome') this.#greet(event);
        else if (name === 'status') this.#takeStatus(event);
        else if (name === 'settled') this.#settle(event);
        else if (name === 'path') this.#takePath(event);
        else this.#emitter.emit(name, event);
    }

    /** A linked view is asked for before the server has said how large the model is. */
    #setInitialState() {
        const state = this.#options.initialState;
        if (!state) return;
        const around = (sign) => state.focus.map((value) => value + sign * state.distance);
        this.#camera.bounds = new Bounds(around(-1), around(1));
        this.#camera.state = state;
    }

    #showInitialView() {
        if (this.#options.initialState) this.#tracker.restart();
    }

    #greet(welcome) {
        const isFirst = this.#welcome === null;
        this.#welcome = welcome;
        const current = this.#camera.state;
        this.#camera.bounds = new Bounds(welcome.model?.minimum, welcome.model?.maximum);
        this.#path.bounds = this.#camera.bounds;
        if (this.#stills) this.#stills.bounds = this.#camera.bounds;
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
        this.#chooseStills(event);
        this.#emitter.emit('status', event);
        if (event.state !== 'failed') return;
        const isRefused = event.code === CloseCode.forbidden || event.code === CloseCode.noRenderer;
        // What helps is what this browser lacks; that the server does not step in is the lesser part.
        if (isRefused && this.#lack && !this.#options.can) this.#fail(this.#lack, event.message);
        else this.#fail(event.code ?? 'failed', event.message);
    }

    /** Single pictures keep the model in sight while somebody would have to change something before there is a stream. */
    #chooseStills({ state, cause }) {
        if (state === 'open') this.#stills?.leave();
        else if (state === 'failed') this.#stills?.pause();
        else if (state !== 'reconnecting') return;
        else if (cause === 'blocked' || cause === 'refused') this.#startStills();
        else this.#stills?.pause();
    }

    #startStills() {
        this.#stills ??= this.#makeStills();
        this.#stills.start(this.#welcome !== null);
    }

    #makeStills() {
        const stills = new StillPictures({
            element: this.#canvas, target: this.#target, server: this.#options.server,
            onFacts: (model) => this.#welcome ?? this.#greet({ model }),
            onChange: () => {
                this.#loop.request();
                this.#emitter.emit('stills', stills.facts);
            },
        });
        stills.bounds = this.#camera.bounds;
        if (this.#theme) stills.theme = this.#theme;
        return stills;
    }

    /** Another path shows the same, and says itself when that is all there is. */
    #takePath(event) {
        if (event.path !== this.#shownPath) this.#isSettled = false;
        this.#shownPath = event.path;
        this.#emitter.emit('path', event);
    }

    #settle(event) {
        this.#isSettled = !this.#tracker.isMoving;
        this.#stills?.hide();
        this.#emitter.emit('settled', event);
        this.#loop.request();
    }

    #fail(code, message = '') {
        this.#failure = { code, message };
        this.#emitter.emit('failure', this.#failure);
    }

    #go(state, isAnimated) {
        if (isAnimated) return this.#controls.flyTo(state);
        this.#controls.stop();
        this.#camera.state = state;
        if (this.#path) this.#tracker.restart();
        return this.#loop.request();
    }

    #frame(seconds, elapsed) {
        if (!this.#path?.isReady) return;
        const isAnimating = this.#controls.update(elapsed);
        this.#tracker.scalesMotion = this.#path.scalesMotion;
        this.#tracker.follow(seconds, elapsed);
        const isWaiting = this.#path.frame(seconds, this.#tracker.view, this.#tracker.isMoving);
        const isCoveredWaiting = this.#stills !== null && this.#stillFrame();
        if (isAnimating || isWaiting || isCoveredWaiting) this.#loop.request();
    }

    /** Single pictures over the path's; true: another frame is wanted. */
    #stillFrame() {
        const [stills, { view, isMoving }] = [this.#stills, this.#tracker];
        if (isMoving && this.#path.hasPicture) stills.hide();
        const isWaiting = stills.frame(view, this.#camera.state, isMoving, Boolean(this.#path.isFollowing));
        if (stills.isShown) this.#emitter.emit('frame', { view });
        if (!isMoving && !this.#isSettled && stills.isShowing(view)) this.#settle({ view: 0, thresholdPixels: 1 });
        return isWaiting;
    }

    #makeTracker() {
        return new ViewTracker(this.#camera, {
            measure: () => ({ width: this.#container.clientWidth, height: this.#container.clientHeight }),
            onSize: (size) => this.#path?.resize(size),
            onView: (view, motion) => this.#takeView(view, motion),
            onMoving: () => this.#emitter.emit('moving'),
            onRest: () => this.#emitter.emit('rest', { state: this.#camera.state }),
        });
    }

    /** Before the server has said where the model is, only a linked view is worth sending. */
    #takeView(view, motion) {
        this.#isSettled = false;
        if (this.#welcome || this.#options.initialState) {
            this.#path?.setView(view, { ...motion, focus: this.#controls.attention });
        }
        this.#path?.invalidate();
    }

    #estimate(x, y) {
        return this.#path?.isReady ? this.#path.estimate(...this.#pixel(x, y)) : null;
    }

    /** A place of the canvas (CSS pixels) in the picture's pixels. */
    #pixel(x, y) {
        const shown = this.#canvas.getBoundingClientRect();
        const { width, height } = this.#tracker.size;
        return [(x / shown.width) * width, (y / shown.height) * height];
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

    #watchHidden() {
        clearTimeout(this.#hiddenTimer);
        this.#path?.setVisible(!document.hidden);
        if (!document.hidden) return;
        this.#workHidden();
    }

    /** Hidden pages get no frames; what arrives is taken in by a timer, so that it does not pile up. */
    #workHidden() {
        this.#hiddenTimer = setTimeout(() => {
            this.#path?.hiddenFrame();
            this.#workHidden();
        }, hiddenFrameMilliseconds);
    }
}

const isMotionReduced = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** What drawing in the browser takes, { WebAssembly, WebGL2RenderingContext, Worker } being there: the first that is not. */
function lackOf({ WebAssembly: assembly, WebGL2RenderingContext: graphics, Worker: worker }) {
    if (typeof assembly !== 'object') return 'wasm';
    return graphics && worker ? null : 'webgl';
}

/** Only what is used is loaded: one part needs WebGL and WebAssembly, the other works in old browsers too. */
async function makePath(can, owner) {
    if (can.includes('client')) return new (await import('./paths/negotiated-path.js')).NegotiatedPath(owner);
    const { ServerPath } = await import('./paths/server-path.js');
    return new ServerPath({ ...owner, canvas: addLayer(owner.element) });
}

/** Chunks from somewhere else, drawn here. */
async function makeClientPath(owner) {
    const { ClientPath } = await import('./paths/client-path.js');
    return new ClientPath({ ...owner, canvas: addLayer(owner.element) });
}
