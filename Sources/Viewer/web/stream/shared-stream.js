// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { workerAddress } from '../addresses.js';
import { Emitter } from '../ui/emitter.js';

/** Calls that engines have of Stream and FrameStream alike; views and Hello go to both at once, by SharedStream. */
const frameCalls = ['setThreshold', 'setVisible', 'pick', 'shown'];
const chunkCalls = ['uploaded', 'setLimits', 'restore'];

/**
 * The stream of a negotiated path, for the page: one worker with one connection. `frames` looks like FrameStream, and
 * `chunks` like Stream; `on` has what concerns both: `status`, `welcome`, `notice`, `path` and `chunksFailed`, as
 * SharedEngine says them.
 */
export class SharedStream {
    #worker;
    #emitters = { path: new Emitter(), frames: new Emitter(), chunks: new Emitter() };
    #onHello;
    /** What FrameStream is to ServerPath. */
    frames;
    /** What Stream is to ClientPath. */
    chunks;

    /**
     * @param {object} options SharedEngine's
     * @param {object} [parts]
     * @param {() => Worker} [parts.createWorker]
     * @param {(hello: object) => void} [parts.onHello] told what the server path has to say in Hello
     */
    constructor(options, { createWorker = makeWorker, onHello = () => {} } = {}) {
        this.#onHello = onHello;
        this.#worker = createWorker();
        this.#worker.onmessage = ({ data }) => this.#receive(data);
        this.#worker.onerror = (event) => {
            event.preventDefault?.();
            const message = `The stream worker does not run: ${event.message ?? 'it could not be loaded'}`;
            this.#emitters.path.emit('status', { state: 'failed', code: 'worker', message, retrySeconds: 0 });
        };
        this.frames = this.#partOf('frames', 'callFrames', frameCalls);
        this.chunks = this.#partOf('chunks', 'callChunks', chunkCalls);
        this.chunks.hint = (weight, treeNodes) => this.#call('callChunks', 'hint', weight, Uint32Array.from(treeNodes));
        this.#call('start', options);
    }

    /** Calls `handler` with each event of a name; returns a function that ends it. */
    on(name, handler) { return this.#emitters.path.on(name, handler); }

    setView(view, motion, at, number) { this.#call('setView', view, motion, at, number); }

    setPaths(shown, target, errorPixels) { this.#call('setPaths', shown, target, errorPixels); }

    setHello(hello) { this.#call('setHello', hello); }

    setCan(can) { this.#call('setCan', can); }

    sendFacts(json) { this.#call('sendFacts', json); }

    sendWish(wish) { this.#call('sendWish', wish); }

    answerPath(number, isShown, reason) { this.#call('answerPath', number, isShown, reason); }

    /** Loads what the client path needs, without using it. */
    preloadChunks() { this.#call('preloadChunks'); }

    /** Makes the engine of chunks and returns `chunks`, for somebody who listens to it from now on. */
    openChunks() {
        this.#call('openChunks');
        return this.chunks;
    }

    setDrawing(isDrawing) { this.#call('setDrawing', isDrawing); }

    evictChunks() { this.#call('evictChunks'); }

    reconnect() { this.#call('reconnect'); }

    restart() { this.#call('restart'); }

    close() {
        for (const emitter of Object.values(this.#emitters)) emitter.clear();
        this.#call('close');
    }

    #partOf(name, method, calls) {
        const emitter = this.#emitters[name];
        const part = {
            isInWorker: true, on: (event, handler) => emitter.on(event, handler), close: () => emitter.clear(),
            setView() {}, setHello: (hello) => this.#onHello(hello), reconnect: () => this.reconnect(),
        };
        for (const call of calls) part[call] = (...values) => this.#call(method, call, ...values);
        return part;
    }

    #call(call, ...values) {
        this.#worker.postMessage({ call, values });
    }

    #receive({ part, name, event }) {
        const emitter = this.#emitters[part];
        if (name === 'mesh') for (const mesh of event) emitter.emit(name, mesh);
        else emitter.emit(name, event);
    }
}

const makeWorker = () => new Worker(workerAddress('stream/viewer-worker.js'), { type: 'module' });
