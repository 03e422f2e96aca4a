// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { workerAddress } from '../addresses.js';

const defaultLimits = { gpuByteCount: 512 << 20, triangleCount: 5_000_000 };

/**
 * A model's stream, for the page: the connection, decoding, the store and selection run in workers; this class carries
 * messages. Events, each with one object: `welcome`, `material`, `mesh`, `texture`, `draw`, `drop`, `settled`,
 * `status`, `statistics`, `notice`.
 */
export class Stream {
    #worker;
    #handlers = new Map();

    /**
     * @param {object} options
     * @param {string} options.url ws or wss URL of the stream, without a query
     * @param {string} [options.model]
     * @param {string} [options.session]
     * @param {string} [options.token]
     * @param {{gpuByteCount: number, triangleCount: number}} [options.limits] hard limits
     * @param {number} [options.thresholdPixels] errors up to this are fine
     * @param {boolean} [options.store] keep chunks for later visits
     * @param {object} [options.hello] what the viewer is and can, for the server
     * @param {[number, number]} [options.viewport] physical pixels, for what the server sends before the first view
     * @param {() => Worker} [options.createWorker]
     */
    constructor({ createWorker = makeWorker, limits = {}, ...options }) {
        this.#worker = createWorker();
        this.#worker.onmessage = ({ data }) => this.#receive(data);
        this.#worker.onerror = (event) => {
            event.preventDefault?.();
            const message = `The stream worker does not run: ${event.message ?? 'it could not be loaded'}`;
            this.#emit('status', { state: 'failed', code: 'worker', message, retrySeconds: 0 });
        };
        this.#call('start', { thresholdPixels: 1, store: true, ...options, limits: { ...defaultLimits, ...limits } });
    }

    /**
     * Calls `handler` with each event of a name. Returns a function that ends that.
     *
     * @param {string} name
     * @param {(event: object) => void} handler
     */
    on(name, handler) {
        const handlers = this.#handlers.get(name) ?? new Set();
        this.#handlers.set(name, handlers.add(handler));
        return () => handlers.delete(handler);
    }

    /**
     * The camera, at any rate; the newest counts.
     *
     * @param {object} view eye, orientation, projection, scale, width, height
     * @param {object} [motion] isMoving, velocity, angularVelocity, focus
     */
    setView(view, motion = {}) {
        this.#call('setView', view, motion);
    }

    /** Meshes that are now on the GPU and can be drawn. @param {Uint32Array} nodes */
    uploaded(nodes) {
        this.#call('uploaded', nodes);
    }

    setLimits(limits) {
        this.#call('setLimits', limits);
    }

    setThreshold(pixels) {
        this.#call('setThreshold', pixels);
    }

    /** What matters to the page: nodes of the model's tree, `weight` 1 … 10; no nodes: nothing in particular. */
    hint(weight, treeNodes) {
        this.#call('hint', weight, Uint32Array.from(treeNodes));
    }

    /** The graphics context was lost: all meshes and textures come again. */
    restore() {
        this.#call('restore');
    }

    /** Connects again, after a failure or at once instead of waiting. */
    reconnect() {
        this.#call('reconnect');
    }

    /** Ends the stream. What was received is written to the store before the worker ends. */
    close() {
        this.#handlers.clear();
        this.#call('close');
    }

    #call(call, ...values) {
        this.#worker.postMessage({ call, values });
    }

    #receive({ name, event }) {
        if (name === 'mesh') for (const mesh of event) this.#emit(name, mesh);
        else this.#emit(name, event);
    }

    #emit(name, event) {
        for (const handler of [...(this.#handlers.get(name) ?? [])]) handler(event);
    }
}

const makeWorker = () => new Worker(workerAddress('stream/stream-worker.js'), { type: 'module' });
