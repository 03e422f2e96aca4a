// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { Acknowledger } from './acknowledger.js';
import { ConnectionTrouble } from './connection-trouble.js';
import { askForRefusal } from './refusal-question.js';
import * as wire from '../wire/messages.generated.js';

const { CloseCode, HoldingKind, WireError } = wire;

/** Trying again would end the same way. */
const finalCodes = new Map([
    [CloseCode.tokenRequired, 'The server asks for a token, or refuses the one given.'],
    [CloseCode.forbidden, 'The server allows no way of drawing that this viewer could use.'],
    [CloseCode.notFound, 'There is no such model or session on the server.'],
    [CloseCode.ended, 'The session was ended.'],
    [CloseCode.damagedModel, 'The model on the server is damaged.'],
    [CloseCode.noRenderer, 'The server cannot draw.'],
    [CloseCode.versionRefused, 'The viewer and the server speak different versions of the protocol.'],
]);

const milliseconds = {
    connecting: 15000, pingInterval: 2000, pingAnswer: 10000, steady: 5000, replaced: 200, replacedSpread: 800,
};

export const realClock = {
    now: () => performance.now(),
    setTimeout: (callback, delay) => setTimeout(callback, delay),
    clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * The connection to the server, made again whenever it is lost, with what the viewer already has.
 *
 * The observer is told of everything and is asked for what only it knows:
 * - `status(event)`: `state` is connecting, open, reconnecting, closed or failed, as in the stream's `status` event; with
 *   reconnecting come `cause` and `refusal`, see ConnectionTrouble;
 * - `message(message, bytes)`: each message of the server but Pong, decoded, and its bytes; a WireError that it throws
 *   ends the connection as a message that is none does;
 * - `replaced()`: the server has another content under this name than the viewer: forget everything;
 * - `ready()`: the server waits for the view: send it, then everything else it should know;
 * - `holdings(contentHash)`: what the viewer has of that content, { resident, stored } as lists of chunks;
 * - `backlog()`: { byteCount, bytesPerSecond } of decoding.
 *
 * A model that is replaced on the server is taken anew: the connection is made again, as what it serves stays what it was.
 *
 * All times come from the clock, all sockets from `openSocket(url)`, which gives a WebSocket. One thread.
 */
export class Connection {
    #address;
    #observer;
    #openSocket;
    #askWhy;
    #clock;
    #random;
    #socket = null;
    #timers = new Map();
    #acknowledger = null;
    #contentHash = null;
    #isResuming = false;
    #isReady = false;
    /** Whether nothing has come over this connection yet. */
    #isMute = true;
    #trouble = new ConnectionTrouble();
    /** Ends the question why the last attempt failed, while it is asked. */
    #question = null;
    #retryAfterSeconds = 0;
    #lastHeard = 0;
    #roundTripSeconds = 0;
    #hello;
    #canResume;
    #negotiation;
    #state = 'closed';

    /**
     * @param {object} options
     * @param {string} options.url ws or wss, without a query
     * @param {string} [options.model]
     * @param {string} [options.session]
     * @param {string} [options.token]
     * @param {[number, number]} [options.viewport] physical pixels
     * @param {string} [options.path] who draws: client (the default), server or auto
     * @param {() => {wish: string, can: string[], shown: string|null}} [options.negotiation] for the path `auto`: what is
     *     asked for, what this program knows, and what it shows; asked at each connection
     * @param {object} [options.hello] for the Hello message
     * @param {boolean} [options.canResume] whether the viewer keeps chunks that it can tell the server of
     * @param {object} options.observer
     * @param {(url: string) => WebSocket} [options.openSocket]
     * @param {(url: string, signal: AbortSignal) => Promise<object>} [options.askWhy] as askForRefusal
     * @param {object} [options.clock] now() in milliseconds, setTimeout, clearTimeout
     * @param {() => number} [options.random] 0 … 1
     */
    constructor({
        observer, hello = {}, canResume = true, negotiation = null, openSocket = (url) => new WebSocket(url),
        askWhy = askForRefusal, clock = realClock, random = Math.random, ...address
    }) {
        this.#address = address;
        this.#observer = observer;
        this.#hello = hello;
        this.#canResume = canResume;
        this.#negotiation = negotiation;
        this.#openSocket = openSocket;
        this.#askWhy = askWhy;
        this.#clock = clock;
        this.#random = random;
    }

    /** Whether messages can be sent: the server knows what the viewer has. */
    get isReady() { return this.#isReady; }

    get state() { return this.#state; }

    /** What was sent and has not left this device. */
    get unsentByteCount() { return this.#socket?.bufferedAmount ?? 0; }

    /** Smoothed, in seconds; 0 before the first answer. */
    get roundTripSeconds() { return this.#roundTripSeconds; }

    /** The content that the server showed last, or null. */
    get contentHash() { return this.#contentHash; }

    /**
     * Connects now: for the first time, while waiting to try again, or after a failure.
     *
     * @param {string|null} [expectedHash] a content of which the viewer has chunks stored
     */
    open(expectedHash = null) {
        if (this.#socket !== null) return;
        this.#contentHash ??= expectedHash;
        this.#trouble.steadied();
        this.#connect('connecting');
    }

    /** Gives up the connection and makes another at once. */
    restart() {
        this.#abandon(CloseCode.normal, '');
        this.#trouble.steadied();
        this.#connect('connecting');
    }

    /** Ends the connection for good. */
    close() {
        this.#abandon(CloseCode.normal, '');
        this.#tell({ state: 'closed', code: CloseCode.normal, message: '' });
    }

    /** Sends an encoded message; false when there is no connection that could take it. */
    send(bytes) {
        if (!this.#isReady) return false;
        this.#socket.send(bytes);
        return true;
    }

    /** What the viewer is and can, from now on; the server is told at once if there is a connection. */
    set hello(hello) {
        this.#hello = hello;
        if (this.#isReady) this.#sendHello();
    }

    #sendHello() { this.#socket.send(wire.encodeHello({ json: this.#hello })); }

    #tell(status) {
        this.#state = status.state;
        this.#observer.status({ code: 0, message: '', retrySeconds: 0, ...status });
    }

    #url() {
        const { url, model, session, token, viewport, path } = this.#address;
        const query = new URLSearchParams();
        if (model !== undefined && model !== null) query.set('model', model);
        query.set('protocol', `${wire.protocolMajor}.${wire.protocolMinor}`);
        if (path) query.set('path', path);
        const { wish, can, shown } = this.#negotiation?.() ?? {};
        if (wish) query.set('wish', wish);
        if (can) query.set('can', can.join(','));
        if (session) query.set('session', session);
        if (token) query.set('token', token);
        if (this.#isResuming) query.set('resume', '1');
        if (this.#isResuming && shown) query.set('shown', shown);
        const { background } = this.#hello;
        // For pictures that the server draws before Hello has come.
        if (background) query.set('background', background.map((color) => color.slice(1)).join(','));
        if (viewport) query.set('viewport', viewport.map(Math.round).join('x'));
        return `${url}?${query}`;
    }

    #connect(state) {
        this.#clearTimers();
        this.#endQuestion();
        this.#isMute = true;
        this.#isResuming = this.#canResume && this.#contentHash !== null;
        this.#acknowledger = new Acknowledger();
        if (state) this.#tell({ state });
        let socket;
        try {
            socket = this.#openSocket(this.#url());
        } catch (error) {
            // A URL that no WebSocket takes.
            this.#tell({ state: 'failed', message: error.message });
            return;
        }
        this.#socket = socket;
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => this.#opened();
        socket.onmessage = ({ data }) => this.#received(data);
        socket.onclose = ({ code, reason }) => this.#closed(code, reason);
        this.#after('connecting', milliseconds.connecting, () => this.#lose('The server does not answer.'));
    }

    #opened() {
        this.#clear('connecting');
        this.#lastHeard = this.#clock.now();
        this.#after('steady', milliseconds.steady, () => this.#isMute || this.#trouble.steadied());
        this.#sendHello();
        // When resuming, what the viewer has is told when the Welcome shows that it is of the same content.
        if (!this.#isResuming) this.#begin();
        this.#ping();
    }

    #begin() {
        this.#isReady = true;
        this.#observer.ready();
    }

    #received(data) {
        const bytes = new Uint8Array(data);
        this.#lastHeard = this.#clock.now();
        if (this.#isMute) this.#trouble.passed();
        this.#isMute = false;
        try {
            this.#take(wire.decodeServerMessage(bytes), bytes);
        } catch (error) {
            if (!(error instanceof WireError)) throw error;
            this.#lose(`The server sent something that is no message: ${error.message}`, CloseCode.malformed);
        }
    }

    #take(message, bytes) {
        switch (message.type) {
        case 'welcome': this.#welcomed(message.json); break;
        case 'pong': this.#measureRoundTrip(message.time); return;
        case 'notice': this.#noticed(message.json); break;
        case 'chunk':
        case 'recall': this.#acknowledger.received(message.sequence, bytes.length, this.#lastHeard); break;
        default:
        }
        this.#observer.message(message, bytes);
        this.#acknowledge();
    }

    #welcomed({ model }) {
        const hash = model?.contentHash ?? null;
        const isOther = this.#contentHash !== null && this.#contentHash !== hash;
        this.#contentHash = hash;
        this.#tell({ state: 'open' });
        if (isOther) this.#observer.replaced();
        if (this.#isReady) return;
        const { resident, stored } = this.#observer.holdings(hash);
        this.#sendHoldings(HoldingKind.resident, isOther ? [] : resident);
        this.#sendHoldings(HoldingKind.stored, stored);
        this.#begin();
    }

    #sendHoldings(kind, ranges) {
        if (ranges.length > 0) this.#socket.send(wire.encodeHoldings({ kind, ranges }));
    }

    /** Sends the acknowledgement if it is due, and otherwise when it will be. */
    #acknowledge() {
        const due = this.#acknowledger.dueAt;
        if (due === null || this.#socket === null) return;
        const now = this.#clock.now();
        if (due > now) {
            this.#after('acknowledge', due - now, () => this.#acknowledge());
            return;
        }
        this.#clear('acknowledge');
        const { byteCount, bytesPerSecond } = this.#observer.backlog();
        const limit = (value) => Math.min(Math.round(value), 0xffffffff);
        this.#socket.send(wire.encodeAcknowledge({
            ...this.#acknowledger.take(now), backlogByteCount: limit(byteCount),
            decodeBytesPerSecond: limit(bytesPerSecond),
        }));
    }

    /** Measures the round trip, keeps idle proxies awake, and notices a connection that is dead but has not closed. */
    #ping() {
        const now = this.#clock.now();
        if (now - this.#lastHeard > milliseconds.pingAnswer) {
            this.#lose('The server does not answer any more.');
            return;
        }
        this.#socket.send(wire.encodePing({ time: now }));
        this.#after('ping', milliseconds.pingInterval, () => this.#ping());
    }

    #measureRoundTrip(time) {
        const seconds = (this.#clock.now() - time) / 1000;
        if (!(seconds >= 0)) return;
        const previous = this.#roundTripSeconds;
        this.#roundTripSeconds = previous === 0 ? seconds : 0.75 * previous + 0.25 * seconds;
    }

    #noticed({ code, retryAfterSeconds }) {
        this.#retryAfterSeconds = Number(retryAfterSeconds) || 0;
        if (code !== 'modelReplaced') return;
        // Not all viewers of a model at once.
        const delay = milliseconds.replaced + milliseconds.replacedSpread * this.#random();
        this.#after('replaced', delay, () => this.restart());
    }

    #closed(code, reason) {
        this.#abandon();
        if (finalCodes.has(code)) {
            this.#fail(code, reason);
        } else if (code === CloseCode.normal) {
            this.#tell({ state: 'closed', code, message: reason });
        } else {
            // Without a reason it was not the server that ended it.
            const isUnexplained = this.#isMute && reason === '' && code < CloseCode.malformed;
            if (!isUnexplained) this.#trouble.closed(code);
            const message = reason || 'The connection to the server was lost.';
            this.#retry(code, message);
            if (isUnexplained) this.#ask(code, message, false);
        }
    }

    /** Gives up this connection, whose close event may be long in coming, and tries another. */
    #lose(message, code = 3000) {
        const isMute = this.#isMute;
        this.#abandon(code, message);
        this.#retry(code, message);
        if (isMute) this.#ask(code, message, true);
    }

    #fail(code, message) {
        this.#tell({ state: 'failed', code, message: message || finalCodes.get(code) });
    }

    #retry(code, message) {
        const delay = Math.max(this.#trouble.nextDelay(this.#random()), 1000 * this.#retryAfterSeconds);
        this.#retryAfterSeconds = 0;
        const told = { code, message: this.#trouble.message || message, ...this.#trouble.facts };
        this.#tell({ state: 'reconnecting', ...told, retrySeconds: delay / 1000 });
        this.#after('retry', delay, () => this.#connect(null));
    }

    /** Asks why nothing came over the connection that has ended with `code` and `message`; what is heard changes the plan. */
    async #ask(code, message, hasHung) {
        const question = new AbortController();
        this.#question = question;
        const before = this.#trouble.message;
        const answer = await this.#askWhy(this.#url(), question.signal);
        if (this.#question !== question) return;
        this.#question = null;
        const failure = this.#trouble.answered(answer, hasHung);
        if (failure !== null) {
            this.#clearTimers();
            this.#fail(failure.code, failure.message);
        } else if (this.#trouble.message !== before) {
            this.#retry(code, message);
        }
    }

    #endQuestion() {
        this.#question?.abort();
        this.#question = null;
    }

    #abandon(code, reason) {
        this.#clearTimers();
        this.#endQuestion();
        this.#isReady = false;
        const socket = this.#socket;
        if (socket === null) return;
        this.#socket = null;
        Object.assign(socket, { onopen: null, onmessage: null, onclose: null });
        // A reason may have 123 bytes of UTF-8; all of ours are ASCII but what they quote.
        if (code !== undefined) socket.close(code, reason.replace(/[^ -~]/g, '?').slice(0, 123));
    }

    #after(name, delay, callback) {
        this.#clear(name);
        this.#timers.set(name, this.#clock.setTimeout(() => {
            this.#timers.delete(name);
            callback();
        }, delay));
    }

    #clear(name) {
        if (this.#timers.has(name)) this.#clock.clearTimeout(this.#timers.get(name));
        this.#timers.delete(name);
    }

    #clearTimers() {
        for (const name of [...this.#timers.keys()]) this.#clear(name);
    }
}
