// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Decides which views go to the server: the newest, not too often, and always the last one. Pure; times in milliseconds.
 */
export class ViewPacer {
    #shortest;
    #sentAt = -Infinity;
    #waiting = null;
    #sequence = 0;

    /** `shortest` lies at least between two views; by default 20 views per second are sent. */
    constructor(shortest = 50) {
        this.#shortest = shortest;
    }

    /** Milliseconds that lie at least between two views. */
    set shortest(milliseconds) { this.#shortest = milliseconds; }

    /** The sequence of the last view taken; 0 before the first of a connection. */
    get sequence() { return this.#sequence; }

    /** Whether a view waits to be sent. */
    get isWaiting() { return this.#waiting !== null; }

    /** When the waiting view may be sent, maybe in the past; null if none waits. */
    get dueAt() { return this.#waiting === null ? null : this.#sentAt + this.#shortest; }

    /** Puts a view in place of the one that waits. */
    offer(view) {
        this.#waiting = view;
    }

    /** The waiting view with its sequence. */
    take(now) {
        this.#sentAt = now;
        this.#sequence += 1;
        const view = { ...this.#waiting, sequence: this.#sequence };
        this.#waiting = null;
        return view;
    }

    /** Sequences begin anew with each connection, which gets its first view at once. */
    restart() {
        this.#sentAt = -Infinity;
        this.#sequence = 0;
    }
}
