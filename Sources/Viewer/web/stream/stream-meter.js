// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const windowMilliseconds = 1000;

/** Counts what arrives and how long the worker was busy at a time. Times in milliseconds. */
export class StreamMeter {
    #clock;
    #arrivals = [];  // [time, byteCount] of the last second
    #arrivedByteCount = 0;
    #longestTask = 0;
    #recentTask = 0;
    receivedByteCount = 0;
    /** `receivedByteCount` when the first mesh had arrived: what a first picture took; null before. */
    firstMeshByteCount = null;
    receivedChunkCount = 0;
    recalledChunkCount = 0;
    damagedChunkCount = 0;

    constructor(clock) {
        this.#clock = clock;
    }

    /** Notes a message from the server. */
    received(byteCount) {
        this.receivedByteCount += byteCount;
        this.#arrivedByteCount += byteCount;
        const [now, last] = [this.#clock.now(), this.#arrivals[this.#arrivals.length - 1]];
        // One entry for each 20 ms is precise enough.
        if (last && now - last[0] < windowMilliseconds / 50) last[1] += byteCount;
        else this.#arrivals.push([now, byteCount]);
    }

    /** Bytes per second over the last second. */
    get bandwidth() {
        const oldest = this.#clock.now() - windowMilliseconds;
        while (this.#arrivals.length > 0 && this.#arrivals[0][0] < oldest) {
            this.#arrivedByteCount -= this.#arrivals.shift()[1];
        }
        return (1000 * this.#arrivedByteCount) / windowMilliseconds;
    }

    /** Runs a task and notes how long it took. */
    measure(task) {
        const began = this.#clock.now();
        try {
            return task();
        } finally {
            const milliseconds = this.#clock.now() - began;
            this.#longestTask = Math.max(this.#longestTask, milliseconds);
            this.#recentTask = Math.max(this.#recentTask, milliseconds);
        }
    }

    /** The longest task ever, and the longest since the last call. */
    takeTasks() {
        const recent = this.#recentTask;
        this.#recentTask = 0;
        return { longestTaskMilliseconds: this.#longestTask, recentTaskMilliseconds: recent };
    }
}
