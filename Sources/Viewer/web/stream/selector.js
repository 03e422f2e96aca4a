// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { realClock } from './connection.js';

const frameMilliseconds = 16;
// Selections without news in between that only let the threshold settle.
const settlingLimit = 200;

/**
 * Runs the core's selection when something has changed, at most once a frame, and hands out what follows from it: the
 * draw list, and after it the chunks to drop, which it does not contain any more.
 */
export class Selector {
    #core;
    #clock;
    #handlers;
    #view = null;
    #thresholdPixels;
    #timer = null;
    #ranAt = -Infinity;
    #isDirty = false;
    #wantsInstances = true;
    #usedThreshold = 0;
    #settling = 0;

    /**
     * @param {object} options
     * @param {Core} options.core
     * @param {number} options.thresholdPixels
     * @param {(event: object) => void} options.draw gets each draw list
     * @param {(chunks: Uint32Array) => void} options.evict gets the chunks to drop, after the draw list without them
     * @param {(view: object) => void} [options.refuse] gets a view that the core does not take
     */
    constructor({ core, thresholdPixels, clock = realClock, ...handlers }) {
        this.#core = core;
        this.#clock = clock;
        this.#thresholdPixels = thresholdPixels;
        this.#handlers = handlers;
    }

    /** The threshold that the last selection used: the one asked for, or a higher one where a budget is full. */
    get usedThreshold() { return Math.max(this.#usedThreshold, this.#thresholdPixels); }

    /** Whether a selection is to come. */
    get isDirty() { return this.#isDirty; }

    set view(view) {
        this.#view = view;
        this.invalidate();
    }

    set thresholdPixels(value) {
        this.#thresholdPixels = value;
        this.#usedThreshold = 0;
        this.invalidate();
    }

    /** Something that selection depends on has changed. */
    invalidate() {
        this.#settling = 0;
        this.#schedule();
    }

    /** The next draw list carries the instance rows, also if they have not changed. */
    wantInstances() {
        this.#wantsInstances = true;
        this.invalidate();
    }

    stop() {
        this.#clock.clearTimeout(this.#timer);
        this.#view = null;
        this.#isDirty = false;
        this.#timer = null;
    }

    #schedule() {
        if (this.#view === null) return;
        this.#isDirty = true;
        if (this.#timer !== null) return;
        const delay = Math.max(0, this.#ranAt + frameMilliseconds - this.#clock.now());
        this.#timer = this.#clock.setTimeout(() => this.#run(), delay);
    }

    #run() {
        this.#timer = null;
        this.#isDirty = false;
        this.#ranAt = this.#clock.now();
        let event = this.#core.select(this.#view, this.#thresholdPixels, this.#wantsInstances);
        if (event === null) {
            const view = this.#view;
            this.#view = null;
            this.#handlers.refuse?.(view);
            return;
        }
        const evicted = this.#core.evict();
        if (evicted.length > 0) {
            const wantsInstances = this.#wantsInstances || event.instances !== null;
            event = this.#core.select(this.#view, this.#thresholdPixels, wantsInstances);
        }
        this.#wantsInstances = false;
        this.#usedThreshold = event.statistics.thresholdPixels;
        this.#handlers.draw(event);
        if (evicted.length > 0) this.#handlers.evict(evicted);
        if (event.statistics.isThresholdMoving) this.#settle();
    }

    /** Near a budget's limit the threshold moves by a step with each selection until it fits. */
    #settle() {
        if (this.#settling >= settlingLimit) return;
        this.#settling += 1;
        this.#schedule();
    }
}
