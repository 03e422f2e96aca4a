// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { CloseCode } from '../wire/messages.generated.js';

/** Refusals that trying again does not end, by the server's word, and the close code that says the same. */
const finalCodes = new Map([
    ['tokenRequired', CloseCode.tokenRequired], ['notFound', CloseCode.notFound], ['modelNotFound', CloseCode.notFound],
    ['sessionNotFound', CloseCode.notFound], ['ended', CloseCode.ended], ['damagedModel', CloseCode.damagedModel],
    ['forbidden', CloseCode.forbidden], ['noRenderer', CloseCode.noRenderer], ['versionRefused', CloseCode.versionRefused],
]);
/** Refusals that end by themselves. */
const passingCodes = new Set(['full', 'draining', 'flooding']);

const milliseconds = { firstRetry: 250, lastRetry: 8000, firstSlow: 5000, lastSlow: 30_000 };
/** Attempts in a row that fail though the server would welcome them: one may have met a server that was starting. */
const enoughFailures = 2;

/**
 * Why there is no connection, from what became of attempts to make one. Pure.
 *
 * `cause` is
 * - 'lost': the server or the network is away, or nothing better is known;
 * - 'busy': the server takes no more viewers at the moment;
 * - 'refused': the server, or somebody before it, does not want this viewer; somebody has to change something;
 * - 'blocked': the server would welcome the viewer, but WebSockets do not get through to it.
 *
 * The first two are tried again soon, the others now and then.
 */
export class ConnectionTrouble {
    #cause = 'lost';
    /** The server's word for a refusal, 'foreign' where somebody else refuses, or ''. */
    #refusal = '';
    #message = '';
    #retrySeconds = 0;
    #failureCount = 0;
    #attempt = 0;
    #slowAttempt = 0;

    get cause() { return this.#cause; }

    /** What a status event says about it. */
    get facts() { return { cause: this.#cause, refusal: this.#refusal }; }

    /** Of the server, or about it; empty where nothing is known. */
    get message() { return this.#message; }

    /** Whether somebody has to change something before a connection can be made. */
    get isLasting() { return this.#cause === 'refused' || this.#cause === 'blocked'; }

    /** A message came through: whatever was in the way is gone. */
    passed() {
        this.#become('lost');
        this.#failureCount = 0;
        this.#slowAttempt = 0;
    }

    /** The connection lasts, or somebody asks for another attempt at once: waits begin anew. */
    steadied() {
        this.#attempt = 0;
        this.#slowAttempt = 0;
    }

    /**
     * Takes the answer to the question why an attempt ended without a message.
     *
     * @param {object} answer of askForRefusal
     * @param {boolean} hasHung whether the attempt was given up because nothing came of it for long
     * @returns {{code: number, message: string}|null} a failure that trying again does not end
     */
    answered(answer, hasHung) {
        if (answer.kind === 'welcome') this.#failureCount += hasHung ? enoughFailures : 1;
        else this.#failureCount = 0;
        switch (answer.kind) {
        case 'refused': return this.#refuse(answer);
        case 'foreign':
            this.#become('refused', 'foreign', `Something between this page and the server answered ${answer.status}.`);
            return null;
        case 'welcome':
            if (this.#failureCount >= enoughFailures) this.#become('blocked', '', 'WebSockets do not get through to the server.');
            else this.#become('lost');
            return null;
        default: this.#become('lost'); return null;
        }
    }

    /** The server said so itself, by how it closed a connection. */
    closed(code) {
        this.passed();
        if (code === CloseCode.full || code === CloseCode.flooding) this.#become('busy');
    }

    /** How long to wait before the next attempt, `random` being 0 … 1; each call is an attempt. */
    nextDelay(random) {
        const spread = 0.75 + 0.5 * random;
        if (this.isLasting) {
            this.#slowAttempt += 1;
            return spread * doubled(milliseconds.firstSlow, milliseconds.lastSlow, this.#slowAttempt - 1);
        }
        this.#attempt += 1;
        const delay = spread * doubled(milliseconds.firstRetry, milliseconds.lastRetry, this.#attempt - 1);
        return Math.max(delay, 1000 * this.#retrySeconds);
    }

    #refuse({ code, message, retrySeconds }) {
        const closeCode = finalCodes.get(code);
        if (closeCode !== undefined) return { code: closeCode, message };
        const isPassing = passingCodes.has(code) || retrySeconds > 0;
        this.#become(isPassing ? 'busy' : 'refused', code, message, retrySeconds);
        return null;
    }

    #become(cause, refusal = '', message = '', retrySeconds = 0) {
        this.#cause = cause;
        this.#refusal = refusal;
        this.#message = message;
        this.#retrySeconds = retrySeconds;
    }
}

const doubled = (first, last, times) => Math.min(last, first * 2 ** Math.min(times, 20));
