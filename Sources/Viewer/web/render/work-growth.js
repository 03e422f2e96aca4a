// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** A round that takes about this long is long enough to be measured and too short to be noticed. */
const targetMilliseconds = 6;
const believableMilliseconds = 4;
const roughMilliseconds = 1.5;
/** One round of this length is enough: another would only keep the device busy. */
const longMilliseconds = 30;
const neededRounds = 2;
/** Each round does more than the one before: a short one that was disturbed is not taken for slow. */
const [smallestStep, largestStep] = [2, 8];

/**
 * Decides how much work each round of a measurement does: little at first, then more and more, until rounds take long
 * enough to be believed. The first round only warms up.
 */
export class WorkGrowth {
    #work;
    #most;
    #isWarm = false;
    #believed = [];
    #rough = null;
    #isDone = false;

    /** Work is a number of things to be done in a round: `first` in the first, never more than `most`. */
    constructor({ first, most }) {
        this.#work = first;
        this.#most = most;
    }

    /** For the next round. */
    get work() { return this.#work; }

    get isDone() { return this.#isDone; }

    /** Things per second, as the best round had it: others were disturbed. Null as long as nothing is known. */
    get rate() { return this.#believed.length > 0 ? Math.max(...this.#believed) : this.#rough; }

    /** A round took this long, without what a round of nothing takes. `amount` is what was done, about `work`. */
    add(milliseconds, amount = this.#work) {
        if (!this.#isWarm) {
            this.#isWarm = true;
            return;
        }
        const rate = (1000 * amount) / Math.max(milliseconds, roughMilliseconds);
        const isMost = amount >= this.#most;
        if (milliseconds >= believableMilliseconds || isMost) this.#believed.push(rate);
        else if (milliseconds >= roughMilliseconds) this.#rough = rate;
        this.#isDone = this.#believed.length >= neededRounds || milliseconds >= longMilliseconds;
        const step = Math.min(Math.max(targetMilliseconds / milliseconds, smallestStep), largestStep);
        this.#work = Math.min(Math.round(amount * step), this.#most);
    }
}
