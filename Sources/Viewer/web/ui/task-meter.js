// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Upper ends of the classes, milliseconds; the last class has none. */
const classes = [0.25, 0.5, 1, 2, 4, 8];

/** How long streaming keeps the main thread at a time: the longest task and how many there were of each length. */
export class TaskMeter {
    #now;
    #longest = 0;
    #longestName = '';
    #counts = new Array(classes.length + 1).fill(0);

    /** `now` gives milliseconds. */
    constructor(now = () => performance.now()) {
        this.#now = now;
    }

    /** Milliseconds. */
    get longest() {
        return this.#longest;
    }

    /** What the longest task did. */
    get longestName() {
        return this.#longestName;
    }

    /** [{ limit, count }]: tasks up to `limit` milliseconds; the last one's limit is infinite. */
    get histogram() {
        return this.#counts.map((count, index) => ({ limit: classes[index] ?? Infinity, count }));
    }

    /** Runs a task and returns what it returns. */
    measure(name, task) {
        const start = this.#now();
        try {
            return task();
        } finally {
            this.#add(name, this.#now() - start);
        }
    }

    #add(name, milliseconds) {
        const index = classes.findIndex((limit) => milliseconds <= limit);
        this.#counts[index < 0 ? classes.length : index] += 1;
        if (milliseconds <= this.#longest) return;
        this.#longest = milliseconds;
        this.#longestName = name;
    }
}
