// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { encodeEvicted, encodeHoldings, encodeLost, HoldingKind } from '../wire/messages.generated.js';

import { rangesOf } from './chunk-ranges.js';
import { realClock } from './connection.js';

const batchMilliseconds = 100;

/** What the server has to know about chunks that are gone, in batches. */
export class ChunkReports {
    #clock;
    #send;
    #isStored;
    #evicted = new Set();
    #lost = new Set();
    #timer = null;

    /**
     * @param {object} options
     * @param {(bytes: Uint8Array) => boolean} options.send sends an encoded message if there is a connection
     * @param {(chunk: number) => boolean} options.isStored whether a chunk's bytes can be recalled
     */
    constructor({ send, isStored, clock = realClock }) {
        this.#send = send;
        this.#isStored = isStored;
        this.#clock = clock;
    }

    /** The chunk is no longer resident. */
    evicted(chunk) {
        this.#evicted.add(chunk);
        this.#schedule();
    }

    /** The chunk was recalled and cannot be read. */
    lost(chunk) {
        this.#lost.add(chunk);
        this.#schedule();
    }

    /** Forgets what waits: a new connection begins with what is there. */
    restart() {
        this.#evicted.clear();
        this.#lost.clear();
        this.#clock.clearTimeout(this.#timer);
        this.#timer = null;
    }

    #schedule() {
        this.#timer ??= this.#clock.setTimeout(() => this.#flush(), batchMilliseconds);
    }

    #flush() {
        this.#timer = null;
        const stored = [...this.#evicted].filter((chunk) => !this.#lost.has(chunk) && this.#isStored(chunk));
        if (this.#lost.size > 0) this.#send(encodeLost({ chunks: [...this.#lost] }));
        if (this.#evicted.size > 0) this.#send(encodeEvicted({ chunks: [...this.#evicted] }));
        // When it is wanted again, a few bytes will do instead of all of it.
        if (stored.length > 0) this.#send(encodeHoldings({ kind: HoldingKind.stored, ranges: rangesOf(stored) }));
        this.#evicted.clear();
        this.#lost.clear();
    }
}
