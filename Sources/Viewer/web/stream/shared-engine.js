// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { FrameEngine } from '../frames/frame-engine.js';
import { encodeFacts, encodePathShown, encodePathWish, PathChoice } from '../wire/messages.generated.js';
import { realClock } from './connection.js';
import { SharedConnection } from './shared-connection.js';

/** Connecting does not wait longer for the engine of chunks to say what is stored. */
const chunksMilliseconds = 1500;

/**
 * What the worker of a negotiated path does, without the worker: one connection, the engine of frames, and the engine of
 * chunks once it is asked for.
 *
 * Everything it says goes through `emit(part, name, event, transfers)`: part `frames` has FrameEngine's events, `chunks`
 * StreamEngine's, and `path` has `status`, `welcome`, `notice`, `path` (a Path message) and `chunksFailed` { message }.
 */
export class SharedEngine {
    #options;
    #emit;
    #makeChunks;
    #clock;
    #shared;
    #frames;
    #chunks = null;
    #isDrawing = false;
    #newestView = null;
    #negotiation;

    /**
     * @param {object} options url, model, session, token, viewport, hello, limits, thresholdPixels, store; `wish` and `can`
     *     of the protocol; `startsWithChunks`: connects with what is stored, as the engine of chunks is asked for at once
     * @param {object} parts `emit`; `makeChunks(options, parts)`, a promise of a StreamEngine; and what tests replace:
     *     `clock`, `openSocket`, `random`, `decode`
     */
    constructor(options, { emit, makeChunks, clock = realClock, openSocket, random, decode }) {
        const { url, model, session, token, viewport, hello, thresholdPixels = 1, wish = 'auto', can } = options;
        this.#options = options;
        this.#emit = emit;
        this.#makeChunks = makeChunks;
        this.#clock = clock;
        this.#negotiation = { wish, can: can ?? ['client', 'server'], shown: null };
        this.#shared = new SharedConnection({
            url, model, session, token, viewport, hello, clock, openSocket, random,
            negotiation: () => this.#negotiation,
        }, (name, event) => emit('path', name, event, []));
        this.#frames = new FrameEngine({ thresholdPixels }, {
            emit: this.#emitterOf('frames'), clock, decode,
            connect: (observer) => this.#shared.connectFrames(observer),
        });
    }

    start() {
        const patience = this.#options.startsWithChunks ? chunksMilliseconds : 0;
        if (patience > 0) this.#clock.setTimeout(() => this.#frames.start(), patience);
        else this.#frames.start();
    }

    /**
     * The camera, at any rate. `at`: when its input was, of the page's clock; `number` grows with each view.
     */
    setView(view, motion, at, number) {
        this.#newestView = [view, motion, number];
        this.#frames.setView(view, motion, at);
        this.#shared.views.setView(view, motion);
        this.#withChunks((engine) => engine.setView(view, motion, number));
    }

    /** See SharedViews. What is shown is also what a new connection tells. */
    setPaths(shown, target, errorPixels) {
        this.#negotiation.shown = shown;
        this.#shared.views.setPaths(shown, target, errorPixels);
    }

    setHello(hello) {
        this.#shared.connection.hello = hello;
    }

    /** The paths that this viewer knows, from the next connection on. */
    setCan(can) {
        this.#negotiation.can = can;
        if (!can.includes('client')) this.#shared.forgetChunks();
    }

    sendFacts(json) {
        this.#shared.connection.send(encodeFacts({ json }));
    }

    /** What somebody chose: a name of PathChoice. */
    sendWish(wish) {
        this.#negotiation.wish = wish;
        this.#shared.connection.send(encodePathWish({ choice: PathChoice[wish] }));
    }

    answerPath(number, isShown, reason = null) {
        this.#shared.connection.send(encodePathShown({ number, isShown, json: reason === null ? {} : { reason } }));
    }

    /** Makes the engine of chunks, which from then on gets what has come for it. */
    openChunks() {
        this.#chunks ??= this.#startChunks().catch((error) => {
            this.#shared.forgetChunks();
            this.#emit('path', 'chunksFailed', { message: error.message }, []);
            // Whoever waits for what is stored waits no longer.
            this.#frames.start();
            return null;
        });
    }

    /** Whether somebody wants draw lists. */
    setDrawing(isDrawing) {
        this.#isDrawing = isDrawing;
        this.#withChunks((engine) => engine.setDrawing(isDrawing));
    }

    /** Gives up what the client path has on the GPU. */
    evictChunks() {
        this.#withChunks((engine) => engine.evictAll());
    }

    /** Calls a method of FrameEngine. */
    callFrames(call, ...values) {
        this.#frames[call](...values);
    }

    /** Calls a method of StreamEngine, when it is there. */
    callChunks(call, ...values) {
        this.#withChunks((engine) => engine[call](...values));
    }

    reconnect() {
        this.#shared.connection.open();
    }

    /** Connects anew: what this viewer can has changed. */
    restart() {
        this.#shared.connection.restart();
    }

    async close() {
        this.#frames.close();
        this.#shared.views.stop();
        this.#shared.connection.close();
        await this.#chunks?.then((engine) => engine?.close());
    }

    async #startChunks() {
        const { url, model, session, limits, thresholdPixels = 1, store } = this.#options;
        const engine = await this.#makeChunks({ url, model, session, limits, thresholdPixels, store }, {
            emit: this.#emitterOf('chunks'), connect: (observer) => this.#shared.connectChunks(observer),
        });
        engine.setDrawing(this.#isDrawing);
        if (this.#newestView !== null) engine.setView(...this.#newestView);
        await engine.start();
        this.#frames.start();
        return engine;
    }

    #withChunks(action) {
        this.#chunks?.then((engine) => engine && action(engine));
    }

    #emitterOf(part) {
        return (name, event, transfers) => this.#emit(part, name, event, transfers);
    }
}
