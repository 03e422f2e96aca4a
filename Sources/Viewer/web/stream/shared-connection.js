// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { Connection } from './connection.js';
import { ConnectionPart } from './connection-part.js';
import { SharedViews } from './shared-views.js';

const frameTypes = new Set(['frame', 'framePart', 'frameCancelled', 'identityMap', 'picked']);
const chunkTypes = new Set(['material', 'geometry', 'chunk', 'recall', 'settled']);

/**
 * One connection for both paths. Each message goes to the engine that it is for; what concerns both is told to both, and
 * to the page once, by `emit(name, event)`: `status`, `welcome`, `notice` and `path`, a Path message.
 *
 * The engine of chunks may join at any time: what came for it until then is kept and handed over, and then it tells the
 * server what it has. One thread.
 */
export class SharedConnection {
    #emit;
    #connection;
    #views;
    #frames = null;
    #chunks = null;
    #welcome = null;
    /** [message, bytes] for the engine of chunks, which is not there yet. */
    #early = [];
    #earlyByteCount = 0;
    #keepsEarly = true;

    /** `options` are Connection's, without an observer. */
    constructor({ clock, ...options }, emit) {
        this.#emit = emit;
        this.#connection = new Connection({ ...options, clock, path: 'auto', observer: this });
        this.#views = new SharedViews(this.#connection, clock, (sequence) => this.#frames?.observer?.viewSent(sequence));
    }

    get connection() { return this.#connection; }

    get views() { return this.#views; }

    /** What FrameEngine gets as `connect`. */
    connectFrames(observer) {
        this.#frames = new ConnectionPart(this, observer);
        return { connection: this.#frames, views: this.#views.forFrames() };
    }

    /** What StreamEngine gets as `connect`. */
    connectChunks(observer) {
        this.#chunks = new ConnectionPart(this, observer);
        return { connection: this.#chunks, views: this.#views.forChunks() };
    }

    /** There will be no engine of chunks: what comes for it is dropped. */
    forgetChunks() {
        this.#keepsEarly = false;
        this.#dropEarly();
    }

    /** An engine has joined: it is told what has happened. */
    joined(part) {
        const { observer } = part;
        if (this.#welcome !== null) {
            observer.status({ state: 'open', code: 0, message: '', retrySeconds: 0 });
            observer.message(...this.#welcome);
        }
        if (this.#connection.isReady) observer.ready();
        if (part !== this.#chunks) return;
        const early = this.#early;
        this.#dropEarly();
        for (const entry of early) observer.message(...entry);
    }

    // What Connection asks and tells.

    status(event) {
        if (event.state !== 'open') {
            this.#welcome = null;
            this.#dropEarly();
        }
        for (const observer of this.#observers) observer.status(event);
        this.#emit('status', event);
    }

    message(message, bytes) {
        const { type } = message;
        if (frameTypes.has(type)) this.#frames?.observer?.message(message, bytes);
        else if (chunkTypes.has(type)) this.#receiveChunk(message, bytes);
        else if (type === 'welcome') this.#receiveWelcome(message, bytes);
        else if (type === 'path') this.#emit('path', message);
        else if (type === 'notice') this.#emit('notice', message.json);
    }

    replaced() {
        for (const observer of this.#observers) observer.replaced();
    }

    ready() {
        this.#views.restart();
        for (const observer of this.#observers) observer.ready();
    }

    holdings(contentHash) {
        return this.#chunks?.observer?.holdings(contentHash) ?? { resident: [], stored: [] };
    }

    backlog() {
        return this.#chunks?.observer?.backlog() ?? { byteCount: this.#earlyByteCount, bytesPerSecond: 0 };
    }

    get #observers() {
        return [this.#frames?.observer, this.#chunks?.observer].filter(Boolean);
    }

    /** The page hears of it first: it decides what the engines are to do. */
    #receiveWelcome(message, bytes) {
        this.#welcome = [message, bytes];
        this.#emit('welcome', message.json);
        for (const observer of this.#observers) observer.message(message, bytes);
    }

    #receiveChunk(message, bytes) {
        const observer = this.#chunks?.observer;
        if (observer) {
            observer.message(message, bytes);
        } else if (this.#keepsEarly) {
            this.#early.push([message, bytes]);
            this.#earlyByteCount += bytes.length;
        }
    }

    #dropEarly() {
        this.#early = [];
        this.#earlyByteCount = 0;
    }
}
