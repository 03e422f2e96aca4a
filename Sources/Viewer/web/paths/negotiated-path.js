// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { serverRoot } from '../addresses.js';
import { backgroundColors } from '../render/background-colors.js';
import { SharedStream } from '../stream/shared-stream.js';
import { streamAddress } from '../ui/stream-address.js';
import { CloseCode, RenderPath } from '../wire/messages.generated.js';
import { DeviceHello } from './device-hello.js';
import { Layers } from './layers.js';
import { PathFacts } from './path-facts.js';
import { PathParts, partNames } from './path-parts.js';
import { PathReadiness } from './path-readiness.js';
import { PathSwitch, baseOf } from './path-switch.js';
import { PictureStack } from './picture-stack.js';
import { ServerPath } from './server-path.js';

const tickMilliseconds = 250;
/** Measuring this device takes what the first picture needs, so it comes after that; but not later than this. */
const probeMilliseconds = 1500;

const pathName = (number) => Object.keys(RenderPath).find((name) => RenderPath[name] === number);
const realTime = {
    now: () => performance.now(), setTimeout: (task, delay) => setTimeout(task, delay),
    clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * The path that the server and this device agree on, and change while somebody watches: a ClientPath and a ServerPath on
 * one connection, one above the other. A render path as ClientPath describes it, with `path` events besides:
 * { path, target, reason, code, wish, allowed, isSwitching }.
 */
export class NegotiatedPath {
    #owner;
    #emit;
    #request;
    #modules;
    #time;
    #stream = null;
    #parts;
    #switch = new PathSwitch();
    #readiness;
    #facts = new PathFacts();
    #stack;
    #settled = { client: null, server: null };
    #hello;
    #wish;
    #can = partNames;
    #hasAskedAgain = false;
    #decision = { reason: '', code: '', allowed: null };
    #view = null;
    #motion = {};
    #viewNumber = 0;
    #isMoving = false;
    #isConnected = false;
    /** Whether the server knows of changing paths. */
    #isNegotiated = false;
    #isDrawing = false;
    #isPreloaded = false;
    #onShown = () => {};
    #told = '';
    #ticker = null;
    #isDisposed = false;

    /**
     * @param {object} owner
     * @param {HTMLElement} owner.element holds the pictures
     * @param {object} owner.options Viewer's
     * @param {Function} owner.emit
     * @param {Function} owner.request
     * @param {number} owner.startedAt milliseconds
     * @param {() => boolean} owner.isInteracting whether somebody is at the controls, or the camera still moves from it
     * @param {() => boolean} owner.isMotionReduced
     * @param {object} [modules] what tests replace: createStream, createServer, loadClient, createLayers, time
     */
    constructor(owner, modules = {}) {
        const { element, options, emit, request, startedAt, isMotionReduced } = owner;
        this.#owner = owner;
        this.#emit = emit;
        this.#request = request;
        this.#modules = {
            createStream: (...values) => new SharedStream(...values), createServer: (values) => new ServerPath(values),
            loadClient: () => import('./client-parts.js'), createLayers: () => new Layers(element), ...modules,
        };
        this.#time = modules.time ?? realTime;
        const layers = this.#modules.createLayers();
        const take = (...values) => this.#take(...values);
        this.#parts = new PathParts({ layers, options, request, startedAt, take }, this.#modules);
        this.#readiness = new PathReadiness(options.thresholdPixels);
        this.#stack = new PictureStack({ layers, parts: this.#parts, readiness: this.#readiness, isMotionReduced });
        this.#wish = options.path ?? 'auto';
        this.#hello = new DeviceHello(
            { ...options.limits, thresholdPixels: options.thresholdPixels ?? 1 }, (facts) => this.#isDisposed || this.#stream?.setHello(facts));
    }

    get missing() {
        return null;
    }

    get isReady() {
        return this.#stream !== null;
    }

    get isComplete() {
        return Boolean(this.#shownPath?.isComplete) && !this.#stack.isFading;
    }

    get canReconnect() {
        return this.#stream !== null;
    }

    get hasPicture() {
        return Boolean(this.#shownPath?.hasPicture);
    }

    /** Whether this device draws what is seen, so that it follows the camera without anybody's help. */
    get isFollowing() {
        return this.#base === 'client' && Boolean(this.#parts.client?.hasPicture);
    }

    /** Moving pictures may have fewer pixels while this device draws them alone. */
    get scalesMotion() {
        return this.#base === 'client' && !this.#stack.isServerSeen && this.#switch.target === null;
    }

    /** A canvas with what is seen; it has to be read in the task that drew it. */
    get picture() {
        return this.#stack.compose();
    }

    get status() {
        return {
            ...this.#parts.statusOf(this.#base), ...this.#situation,
            path: this.#switch.shown ?? this.#switch.target ?? 'server', pathTarget: this.#switch.target,
        };
    }

    set theme(theme) {
        this.#parts.theme = theme;
        const { top, bottom } = backgroundColors(theme);
        this.#hello.background = [top, bottom];
    }

    set bounds(bounds) {
        this.#parts.bounds = bounds;
    }

    async start(target, size) {
        this.#parts.size = size;
        this.#connect(target, size);
        this.#parts.start(this.#stream, target);
        this.#emit('started');
        if (this.#startsWithClient) this.#startClient();
        this.#tick();
        const { loadProbe } = await this.#modules.loadClient();
        this.#measure(loadProbe);
    }

    /** Asks for 'auto', 'client', 'server' or 'hybrid'. */
    choosePath(wish) {
        this.#wish = wish;
        if (this.#isNegotiated) this.#stream.sendWish(wish);
        this.#tell();
    }

    setView(view, motion) {
        this.#viewNumber += 1;
        this.#motion = motion;
        this.#stream?.setView(view, motion, this.#time.now(), this.#viewNumber);
        this.#parts.server?.setView(view, motion);
        this.#parts.client?.setView(view, motion, this.#viewNumber);
    }

    setVisible(isVisible) {
        for (const path of this.#parts.made) path.setVisible(isVisible);
    }

    resize(size) {
        this.#parts.size = size;
        this.#request();
    }

    invalidate() {
        for (const path of this.#parts.made) path.invalidate();
        this.#request();
    }

    frame(seconds, view, isMoving) {
        const began = this.#time.now();
        this.#view = view;
        this.#isMoving = isMoving;
        this.#facts.isInteracting = this.#owner.isInteracting();
        if (!this.#switch.isFading) this.#stack.hideOldStill(view);
        const wants = partNames.filter((part) => this.#works(part))
            .filter((part) => this.#parts.fitted(part).frame(seconds, view, isMoving));
        this.#step(began);
        const isFading = this.#stack.update(began);
        if (!isMoving && this.#base === 'client') this.#stack.copyAtRest(view, began);
        this.#facts.worked(this.#time.now() - began);
        this.#sendFacts();
        return wants.length > 0 || isFading || this.#isSwitching;
    }

    hiddenFrame() {
        this.#parts.client?.hiddenFrame();
    }

    draw(view, isMoving) {
        if (this.#shownPath) this.#parts.fitted(this.#base).draw(view, isMoving);
    }

    estimate(x, y) {
        return this.#picker?.estimate(x, y) ?? null;
    }

    async pick(x, y) {
        return this.#picker?.pick(x, y) ?? null;
    }

    async identify(x, y) {
        return this.#picker?.identify(x, y) ?? null;
    }

    reconnect() {
        this.#stream?.reconnect();
    }

    dispose() {
        this.#isDisposed = true;
        this.#time.clearTimeout(this.#ticker);
        this.#parts.dispose();
        this.#stream?.close();
    }

    // The parts.

    get #startsWithClient() {
        return this.#wish === 'client' || this.#wish === 'hybrid';
    }

    #connect(target, { width, height }) {
        const { server, limits, thresholdPixels = 1, store = true } = this.#owner.options;
        const url = streamAddress(server ?? serverRoot);
        this.#stream = this.#modules.createStream({
            ...target, url, limits, thresholdPixels, store, hello: this.#hello.facts, viewport: [width, height],
            wish: this.#wish, can: this.#can, startsWithChunks: this.#wish === 'client',
        }, { onHello: ({ background, limits: added }) => this.#hello.add({ background, limits: added }) });
        this.#stream.on('status', (event) => this.#takeStatus(event));
        this.#stream.on('welcome', (event) => this.#greet(event));
        this.#stream.on('path', (message) => this.#decide(message));
        this.#stream.on('notice', (event) => this.#emit('notice', event));
        this.#stream.on('chunksFailed', ({ message }) => this.#loseClient({ code: 'wasm', message }));
    }

    async #startClient() {
        const prepare = (client) => this.#view && client.setView(this.#view, this.#motion, this.#viewNumber);
        try {
            await this.#parts.startClient(prepare);
            // Where measuring took too long, drawing says at least by what it is done.
            const { graphics } = this.#parts.client ?? {};
            if (graphics && !this.#hello.facts.webgl) this.#hello.add({ webgl: graphics });
            this.#request();
        } catch ({ code, message }) {
            this.#loseClient({ code, message });
        }
    }

    /** This device cannot draw: from now on the server does, or nobody. */
    #loseClient(failure) {
        if (this.#isDisposed || this.#hello.failure) return;
        this.#can = ['server'];
        this.#stream.setCan(this.#can);
        this.#hello.fail(failure);
        this.#run(this.#switch.refused('client', failure.message, this.#time.now()));
        this.#askAgain();
        this.#tell();
    }

    /** A server that serves nothing but what this device cannot draw is asked again, once. */
    #askAgain() {
        const isWithout = this.#switch.shown === null && this.#switch.target === null;
        if (!isWithout || !this.#isConnected || this.#hasAskedAgain) return;
        this.#hasAskedAgain = true;
        this.#stream.restart();
    }

    /** What this device can do, measured behind the first picture. */
    async #measure(loadProbe) {
        await new Promise((resolve) => {
            this.#onShown = resolve;
            this.#time.setTimeout(resolve, probeMilliseconds);
            if (this.#switch.shown !== null) resolve();
        });
        const probe = await loadProbe();
        if (!this.#isDisposed) this.#hello.measure(probe, Boolean(this.#parts.client?.graphics));
    }

    // What is shown.

    get #base() {
        return baseOf(this.#switch.shown);
    }

    get #shownPath() {
        return this.#parts[this.#base] ?? null;
    }

    /** Who says what is at a place. */
    get #picker() {
        const path = this.#stack.isStandIn ? this.#parts.server : this.#shownPath;
        return path?.isReady ? path : null;
    }

    get #isSwitching() {
        return this.#switch.isFading || (this.#switch.target !== null && this.#switch.target !== this.#switch.shown);
    }

    get #isResting() {
        return !this.#isMoving && !this.#owner.isInteracting();
    }

    get #situation() {
        const { reason, code, allowed } = this.#decision;
        return { reason, code, allowed: allowed ?? this.#can, wish: this.#wish, isSwitching: this.#isSwitching };
    }

    /** Whether a part has something to do at a display frame. */
    #works(part) {
        if (!this.#parts[part]?.isReady) return false;
        if (part === 'server' && this.#stack.isStandIn) return true;
        if (!this.#switch.needs(part)) return false;
        // Old stills behind the client's picture need not follow the camera.
        const isBehind = part === 'server' && this.#switch.shown === 'hybrid' && this.#switch.target === null;
        return !isBehind || !this.#isMoving || this.#stack.isServerSeen;
    }

    /** Lets the switch see what is the case, and does what it says. */
    #step(now) {
        const { decision, preparedAt } = this.#switch;
        const { client, server } = this.#parts;
        const isReady = decision !== null && this.#view !== null && this.#readiness.isReady(decision, {
            client, server, view: this.#view, since: preparedAt, now,
        });
        this.#run(this.#switch.observed({
            isReady, hasPicture: (path) => Boolean(this.#parts[baseOf(path)]?.hasPicture),
            isBroken: (part) => part === 'client' && Boolean(client?.isLost),
            isResting: this.#isResting,
            isMotionReduced: this.#owner.isMotionReduced(),
            isBehind: this.#base === 'server' && this.#view !== null && server.kindOf(this.#view) === null,
        }, now));
        this.#layPictures(now);
        this.#tell();
    }

    #run(actions) {
        for (const action of actions) this.#do(action);
        const isDrawing = this.#switch.needs('client');
        if (isDrawing !== this.#isDrawing) this.#stream?.setDrawing(isDrawing);
        this.#isDrawing = isDrawing;
    }

    #do(action) {
        const now = this.#time.now();
        switch (action.type) {
        case 'prepare': this.#prepare(action.decision); break;
        case 'fade': this.#stack.fade(baseOf(action.to), now, action.until); break;
        case 'show': this.#show(action.path, now); break;
        case 'answer': this.#stream.answerPath(action.number, action.isShown, action.reason); break;
        case 'drop': if (action.part === 'client' && this.#parts.client) this.#stream.evictChunks(); break;
        default:
        }
    }

    #prepare({ path }) {
        const { failure } = this.#hello;
        if (failure && path !== 'server') {
            this.#run(this.#switch.refused('client', failure.message, this.#time.now()));
            return;
        }
        if (path !== 'server') this.#startClient();
        if (path !== 'client') this.#readiness.prepare(this.#parts.server);
        this.#request();
    }

    #show(path, now) {
        this.#onShown();
        this.#stack.show(baseOf(path), now);
        this.#tell();
        const settled = this.#settled[baseOf(path)];
        if (settled?.number === this.#viewNumber) this.#emit('settled', settled.event);
        if (baseOf(path) === 'server') this.#preload();
        this.#request();
    }

    /** What lies over the client's picture beside changes of the path. */
    #layPictures(now) {
        if (this.#switch.isFading || this.#base !== 'client' || !this.#view) return;
        this.#stack.endStandIn(this.#view, now);
        if (this.#switch.shown === 'hybrid' && this.#isResting) this.#stack.showStill(this.#view, now);
    }

    /** Tells everybody which paths are shown and coming, if that is news. */
    #tell() {
        const { shown, target } = this.#switch;
        const event = { path: shown, target, ...this.#situation };
        const text = JSON.stringify(event);
        if (text === this.#told) return;
        this.#told = text;
        this.#stream?.setPaths(shown, target, this.#parts.client?.errorPixels ?? 0);
        this.#emit('path', event);
    }

    // What is told and heard.

    #take(part, name, event) {
        if (this.#isDisposed) return;
        const isSeen = this.#switch.shown === null || part === this.#base || (part === 'server' && this.#stack.isStandIn);
        switch (name) {
        case 'started': case 'status': case 'welcome': break;  // The stream tells them for both.
        case 'notice': this.#emit(name, event); break;
        case 'answered': this.#noteAnswer(event); break;
        case 'settled':
            this.#settled[part] = { number: this.#viewNumber, event };
            if (isSeen) this.#emit(name, event);
            break;
        case 'frame':
            if (part === 'client') this.#noteDrawn(event.view);
            if (isSeen) this.#emit(name, event);
            break;
        case 'lost':
            this.#facts.isContextLost = true;
            this.#sendFacts();
            if (this.#base === 'client') this.#stack.standIn(this.#view, this.#isMoving);
            if (isSeen) this.#emit(name, event);
            break;
        case 'restored':
            this.#facts.isContextLost = false;
            this.#sendFacts();
            if (this.#base === 'client') this.#emit(name, event);
            break;
        default: if (isSeen) this.#emit(name, event);
        }
    }

    /** How long a first picture or a still takes is nothing that a hand at the controls feels. */
    #noteAnswer({ milliseconds, kind }) {
        if (kind === 0 && this.#isMoving) this.#facts.answered(milliseconds, this.#time.now());
    }

    #noteDrawn(view) {
        if (this.#base !== 'client') return;
        const now = this.#time.now();
        this.#facts.drawn(this.#isMoving, now);
        this.#stack.drawn(view, this.#isMoving, now);
    }

    #takeStatus(event) {
        if (event.state !== 'open') {
            this.#isConnected = false;
            this.#isNegotiated = false;
            this.#run(this.#switch.vanished(this.#time.now()));
            this.#tell();
        }
        const isRefused = event.code === CloseCode.forbidden || event.code === CloseCode.noRenderer;
        // What helps is what this device lacks; that the server does not step in is the lesser part.
        const failure = event.state === 'failed' && isRefused ? this.#hello.lack : null;
        this.#emit('status', { ...event, ...failure });
    }

    #greet(welcome) {
        this.#isConnected = true;
        this.#isNegotiated = Boolean(welcome.isNegotiated);
        this.#facts.restart();
        this.#decision = { reason: welcome.reason ?? '', code: '', allowed: this.#decision.allowed };
        this.#emit('welcome', welcome);
        this.#run(this.#switch.welcomed(welcome.path ?? 'client', this.#time.now()));
        this.#askAgain();
        this.#tell();
        this.#request();
    }

    #decide({ number, path, isEmergency, readyErrorPixels, json }) {
        const { reason = '', code = '', wish, allowed = null } = json;
        this.#decision = { reason, code, allowed };
        if (wish) this.#wish = wish;
        const decision = { number, path: pathName(path), isEmergency, readyErrorPixels };
        this.#run(this.#switch.decided(decision, this.#time.now()));
        this.#tell();
        this.#request();
    }

    #sendFacts() {
        if (!this.#isConnected || !this.#isNegotiated) return;
        const { client } = this.#parts;
        const isDrawing = client !== null && this.#switch.needs('client');
        const facts = this.#facts.take(this.#time.now(), {
            decodeBacklogByteCount: client?.decodeBacklogByteCount ?? 0,
            hasMemoryPressure: isDrawing && client.hasMemoryPressure,
            ...(isDrawing && Number.isFinite(client.errorPixels) ? { errorPixels: Math.round(10 * client.errorPixels) / 10 } : {}),
        });
        if (facts) this.#stream.sendFacts(facts);
    }

    /** What does not wait for a frame. */
    #tick() {
        this.#ticker = this.#time.setTimeout(() => this.#tick(), tickMilliseconds);
        this.#run(this.#switch.passed(this.#time.now()));
        this.#facts.isInteracting = this.#owner.isInteracting();
        this.#sendFacts();
        if (this.#stack.wantsCopy && !this.#isMoving) this.#request();
    }

    /** Loads what the client path needs while the server's picture is looked at, where it is likely to be needed. */
    #preload() {
        const isLikely = this.#wish !== 'server' && this.#can.length === 2 && this.#hello.isLikelyToDraw;
        if (this.#isPreloaded || !isLikely) return;
        this.#isPreloaded = true;
        const wait = globalThis.requestIdleCallback ?? ((task) => this.#time.setTimeout(task, 500));
        wait(() => !this.#isDisposed && this.#stream.preloadChunks(), { timeout: 3000 });
    }
}
