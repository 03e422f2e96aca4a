// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ChunkError } from './chunk-error.js';

/** No worker can be kept running, so nothing can be decoded: the page's fault or the browser's, not the chunk's. */
export class DecodingUnavailableError extends Error {
    name = 'DecodingUnavailableError';
}

const jobsPerWorker = 2;  // one runs, one waits in the worker, so that no worker idles between messages
const attemptLimit = 2;
const crashLimit = 4;
const defaults = { heapByteLimit: 256 << 20, silentMilliseconds: 20000 };

/**
 * Decode workers behind one small sorted queue.
 *
 * Every job ends: with its result, or with an error. A worker that crashes or goes silent is replaced, and what it had
 * is done again by another; a chunk that was being decoded at two crashes counts as damaged. A worker whose memory has
 * grown beyond a limit is replaced when it has nothing to do.
 */
export class DecodePool {
    #createWorker;
    #options;
    #timers;
    #slots;
    #queue = [];
    #nextJob = 1;
    #geometries = new Map();
    #draco = null;
    #crashesInARow = 0;
    #isPaused = false;
    #isClosed = false;
    #rate = { byteCount: 0, milliseconds: 0 };

    /**
     * @param {object} options
     * @param {() => Worker} options.createWorker a worker that runs decode-worker.js
     * @param {number} options.size number of workers, see `poolSize`
     * @param {number} [options.heapByteLimit] of one worker
     * @param {number} [options.silentMilliseconds] longest time for one chunk
     * @param {{setTimeout, clearTimeout}} [options.timers]
     */
    constructor({ createWorker, size, timers = globalThis, ...options }) {
        this.#createWorker = createWorker;
        this.#timers = timers;
        this.#options = { ...defaults, ...options };
        this.#slots = Array.from({ length: size }, () => ({ worker: null, jobs: [], isFull: false, timer: null }));
        for (const slot of this.#slots) this.#start(slot);
    }

    /** Chunks waiting or being decoded, and their bytes. */
    get queuedCount() { return this.#slots.reduce((sum, { jobs }) => sum + jobs.length, this.#queue.length); }
    get queuedByteCount() {
        const total = (jobs) => jobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
        return this.#slots.reduce((sum, { jobs }) => sum + total(jobs), total(this.#queue));
    }

    /** Measured over all workers; 0 until enough was decoded to tell. */
    get bytesPerSecond() {
        const { byteCount, milliseconds } = this.#rate;
        return byteCount < 1 << 15 ? 0 : (1000 * byteCount * this.#slots.length) / Math.max(milliseconds, 0.1);
    }

    /** While paused no job starts; those that run go on. */
    set isPaused(value) {
        this.#isPaused = value;
        if (!value) this.#dispatch();
    }

    /** Gives all workers the compiled Draco decoder (a WebAssembly.Module). */
    setDraco(module) { this.#tellDraco({ draco: module }); }

    /** Chunks that need Draco fail with `message` from now on. */
    failDraco(message) { this.#tellDraco({ dracoFailure: message }); }

    #tellDraco(message) {
        this.#draco = message;
        for (const { worker } of this.#slots) worker?.postMessage(message);
    }

    /** Makes a geometry known to all workers, for the jobs after this call. */
    addGeometry(geometry, facts) {
        this.#geometries.set(geometry, facts);
        for (const { worker } of this.#slots) worker?.postMessage({ geometries: [[geometry, facts]] });
    }

    /**
     * Decodes a chunk. `bytes` stay the caller's and must not change until the promise settles.
     *
     * @param {number} kind a ChunkKind
     * @param {Uint8Array} bytes
     * @param {number} priority smaller is sooner
     * @returns {Promise<object>} as ChunkDecoder's
     * @throws {ChunkError} for damage
     */
    decode(kind, bytes, priority) {
        if (this.#isClosed) return Promise.reject(new DOMException('The decoders were stopped.', 'AbortError'));
        return new Promise((resolve, reject) => {
            const job = { job: this.#nextJob, kind, bytes, priority, attempts: 0, resolve, reject };
            this.#nextJob += 1;
            this.#insert(job);
            this.#dispatch();
        });
    }

    /** Ends all workers; jobs not done are rejected with an AbortError. */
    close() {
        this.#isClosed = true;
        this.#abandon(new DOMException('The decoders were stopped.', 'AbortError'));
    }

    #abandon(error) {
        const jobs = this.#slots.flatMap((slot) => slot.jobs).concat(this.#queue);
        for (const slot of this.#slots) this.#stop(slot);
        this.#queue = [];
        for (const { reject } of jobs) reject(error);
    }

    /** Jobs of one priority keep their order. */
    #insert(job) {
        let place = this.#queue.length;
        while (place > 0 && this.#isBefore(job, this.#queue[place - 1])) place -= 1;
        this.#queue.splice(place, 0, job);
    }

    #isBefore(a, b) { return a.priority < b.priority || (a.priority === b.priority && a.job < b.job); }

    #dispatch() {
        while (this.#queue.length > 0 && !this.#isPaused) {
            const free = this.#slots.filter(({ isFull, jobs }) => !isFull && jobs.length < jobsPerWorker);
            if (free.length === 0) return;
            this.#give(free.reduce((a, b) => (b.jobs.length < a.jobs.length ? b : a)), this.#queue.shift());
        }
    }

    #give(slot, job) {
        slot.jobs.push(job);
        if (slot.jobs.length === 1) this.#watch(slot);
        const copy = new Uint8Array(job.bytes);
        slot.worker.postMessage({ job: job.job, kind: job.kind, bytes: copy.buffer }, [copy.buffer]);
    }

    #start(slot) {
        const worker = this.#createWorker();
        slot.worker = worker;
        slot.isFull = false;
        worker.onmessage = ({ data }) => this.#answered(slot, data);
        worker.onerror = (event) => {
            event.preventDefault?.();
            this.#crashed(slot, event.message ?? 'the worker did not start');
        };
        worker.onmessageerror = () => this.#crashed(slot, 'a message could not be read');
        if (this.#geometries.size > 0) worker.postMessage({ geometries: [...this.#geometries] });
        if (this.#draco) worker.postMessage(this.#draco);
    }

    #stop(slot) {
        this.#timers.clearTimeout(slot.timer);
        if (slot.worker) Object.assign(slot.worker, { onmessage: null, onerror: null, onmessageerror: null });
        slot.worker?.terminate();
        slot.worker = null;
        slot.jobs = [];
    }

    #answered(slot, { job: number, result, error, milliseconds, heapByteCount }) {
        const place = slot.jobs.findIndex(({ job }) => job === number);
        if (place < 0) return;
        const [job] = slot.jobs.splice(place, 1);
        this.#crashesInARow = 0;
        this.#watch(slot);
        this.#measure(job.bytes.length, milliseconds);
        if (heapByteCount > this.#options.heapByteLimit) slot.isFull = true;
        if (slot.isFull && slot.jobs.length === 0) {
            this.#stop(slot);
            this.#start(slot);
        }
        if (result) job.resolve(result);
        else job.reject(error.isDamage ? new ChunkError(error.message) : new DecodingUnavailableError(error.message));
        this.#dispatch();
    }

    #crashed(slot, message) {
        const [running, ...waiting] = slot.jobs;
        this.#stop(slot);
        this.#crashesInARow += 1;
        if (this.#crashesInARow > crashLimit) {
            this.#isClosed = true;
            const error = new DecodingUnavailableError(`The decoders do not run: ${message}`);
            for (const job of [running, ...waiting]) job?.reject(error);
            this.#abandon(error);
            return;
        }
        waiting.forEach((job) => this.#insert(job));
        if (running) this.#retry(running, message);
        this.#start(slot);
        this.#dispatch();
    }

    #retry(job, message) {
        job.attempts += 1;
        if (job.attempts < attemptLimit) this.#insert(job);
        else job.reject(new ChunkError(`the decoder crashed on it ${attemptLimit} times (${message})`));
    }

    /** Expects an answer within the limit while the slot has jobs. */
    #watch(slot) {
        this.#timers.clearTimeout(slot.timer);
        if (slot.jobs.length === 0) return;
        const { silentMilliseconds } = this.#options;
        slot.timer = this.#timers.setTimeout(
            () => this.#crashed(slot, `nothing for ${silentMilliseconds / 1000} s`), silentMilliseconds);
    }

    /** A moving average over about the last megabyte. */
    #measure(byteCount, milliseconds) {
        const fade = this.#rate.byteCount > 1 << 20 ? 0.5 : 1;
        this.#rate.byteCount = fade * this.#rate.byteCount + byteCount;
        this.#rate.milliseconds = fade * this.#rate.milliseconds + milliseconds;
    }
}

/** How many decode workers a machine gets. */
export const poolSize = (cores = 2) => Math.max(1, Math.min(4, cores - 1));
