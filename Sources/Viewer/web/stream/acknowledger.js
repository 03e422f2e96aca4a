// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const byteLimit = 16 << 10;
const longestMilliseconds = 20;
// Faster than this would come near the number of messages per second that the server accepts.
const shortestMilliseconds = 6;

/**
 * Decides when to acknowledge chunks: after 16 KiB or 20 ms, whatever is first, and at once when the last
 * acknowledgement is that long ago: then little is in flight, and the server waits for this answer. Pure; times in
 * milliseconds.
 */
export class Acknowledger {
    #sentAt = -Infinity;
    #byteCount = 0;
    #sequence = 0;
    #arrivedAt = 0;

    /** Notes a chunk or recall of `byteCount` bytes. */
    received(sequence, byteCount, now) {
        this.#sequence = sequence;
        this.#byteCount += Math.max(byteCount, 1);
        this.#arrivedAt = now;
    }

    /** When to send, maybe in the past; null if there is nothing to acknowledge. */
    get dueAt() {
        if (this.#byteCount === 0) return null;
        return this.#sentAt + (this.#byteCount >= byteLimit ? shortestMilliseconds : longestMilliseconds);
    }

    /** What to send now, with nothing left to acknowledge. */
    take(now) {
        this.#sentAt = now;
        this.#byteCount = 0;
        const holdMicroseconds = Math.min(Math.max(Math.round(1000 * (now - this.#arrivedAt)), 0), 0xffffffff);
        return { sequence: this.#sequence, holdMicroseconds };
    }
}
