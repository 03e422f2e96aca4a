// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const most = 200;

/** The middle and the worst of the latest durations, milliseconds. */
export class LatencyMeter {
    #values = [];

    add(milliseconds) {
        this.#values.push(milliseconds);
        if (this.#values.length > most) this.#values.shift();
    }

    /** The last one, or null. */
    get last() {
        return this.#values.length > 0 ? this.#values[this.#values.length - 1] : null;
    }

    /** { last, p50, p95 } */
    get summary() {
        return { last: this.last, p50: this.quantile(0.5), p95: this.quantile(0.95) };
    }

    /** The value that a share (0 … 1) of the latest do not exceed; null while there are none. */
    quantile(share) {
        if (this.#values.length === 0) return null;
        const sorted = [...this.#values].sort((a, b) => a - b);
        return sorted[Math.min(Math.ceil(share * sorted.length), sorted.length) - 1] ?? sorted[0];
    }
}
