// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { workerAddress } from '../addresses.js';
import { Emitter } from '../ui/emitter.js';
import { FrameEngine } from './frame-engine.js';

/** Where a worker cannot be had, nothing may come of the attempt: not even an error. */
const workerMilliseconds = 3000;

/**
 * The stream of a model's pictures, for the page: FrameEngine in a worker where browsers have module workers that decode
 * pictures, otherwise on the page. Events and calls are FrameEngine's.
 */
export class FrameStream {
    #emitter = new Emitter();
    /** Calls until it is known where the engine runs. */
    #calls = [];
    #worker = null;
    #engine = null;
    #timer = 0;
    #isClosed = false;

    /**
     * @param {object} options FrameEngine's
     * @param {() => Worker} [createWorker] may throw
     * @param {(options: object, parts: object) => FrameEngine} [createEngine]
     */
    constructor(options, createWorker = makeWorker, createEngine = (...values) => new FrameEngine(...values)) {
        this.#calls.push({ call: 'start', values: [options] });
        const settleFor = () => this.#runHere(createEngine);
        try {
            const worker = createWorker();
            worker.onmessage = ({ data }) => this.#greeted(worker, data, settleFor);
            worker.onerror = (event) => {
                event.preventDefault?.();
                settleFor();
            };
            this.#worker = worker;
            this.#timer = setTimeout(settleFor, workerMilliseconds);
        } catch {
            settleFor();
        }
    }

    /** Whether the engine runs in a worker; null: not known yet. */
    get isInWorker() {
        if (this.#calls === null) return this.#worker !== null;
        return null;
    }

    /** Calls `handler` with each event of a name; returns a function that ends it. */
    on(name, handler) {
        return this.#emitter.on(name, handler);
    }

    setView(view, motion, at) {
        this.#call('setView', view, motion, at);
    }

    setThreshold(pixels) {
        this.#call('setThreshold', pixels);
    }

    setHello(hello) {
        this.#call('setHello', hello);
    }

    setVisible(isVisible) {
        this.#call('setVisible', isVisible);
    }

    pick(request, frame, place) {
        this.#call('pick', request, frame, place);
    }

    shown(facts) {
        this.#call('shown', facts);
    }

    reconnect() {
        this.#call('reconnect');
    }

    close() {
        this.#isClosed = true;
        this.#emitter.clear();
        clearTimeout(this.#timer);
        // A worker that has not said that it is ready may never.
        if (this.#calls !== null) this.#worker?.terminate();
        else this.#call('close');
    }

    #call(call, ...values) {
        if (this.#calls !== null) this.#calls.push({ call, values });
        else if (this.#worker !== null) this.#worker.postMessage({ call, values });
        else this.#engine[call](...values);
    }

    #greeted(worker, { name, event }, settleFor) {
        if (name !== 'ready' || !event.canDecode) {
            settleFor();
            return;
        }
        clearTimeout(this.#timer);
        worker.onmessage = ({ data }) => this.#emitter.emit(data.name, data.event);
        worker.onerror = (error) => this.#fail(error);
        const calls = this.#calls;
        this.#calls = null;
        for (const { call, values } of calls) this.#call(call, ...values);
    }

    #fail(event) {
        event.preventDefault?.();
        const message = `The stream worker stopped: ${event.message ?? 'nothing more is known'}`;
        this.#emitter.emit('status', { state: 'failed', code: 'worker', message, retrySeconds: 0 });
    }

    #runHere(createEngine) {
        if (this.#calls === null || this.#isClosed) return;
        clearTimeout(this.#timer);
        this.#worker?.terminate();
        this.#worker = null;
        const [{ values: [options] }, ...calls] = this.#calls;
        this.#calls = null;
        // Emitted later, as a worker's events are: whoever made this stream has not heard of it yet.
        const emit = (name, event) => setTimeout(() => this.#emitter.emit(name, event));
        this.#engine = createEngine(options, { emit });
        this.#engine.start();
        for (const { call, values } of calls) this.#call(call, ...values);
    }
}

const makeWorker = () => new Worker(workerAddress('frames/frame-worker.js'), { type: 'module' });
