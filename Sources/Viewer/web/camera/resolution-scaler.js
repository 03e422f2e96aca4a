// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const steps = [1, 0.75, 0.55, 0.4];
/** Frames longer than this are slow (under 36 per second); shorter than the other leave room for more pixels. */
const slowMilliseconds = 28;
const fastMilliseconds = 18;
const slowFramesToLower = 6;
const fastFramesToRaise = 90;

/**
 * Which share of the full resolution to draw with: full at rest, less while the camera moves and frames come slowly.
 *
 * Lowering is quick and raising slow, and a step that proved too slow is taken again only after a rest, so the picture
 * does not pump.
 */
export class ResolutionScaler {
    #step = 0;
    #slow = 0;
    #fast = 0;
    #finest = 0;

    /** The share for the next frame of a moving camera. */
    get movingScale() {
        return steps[this.#step];
    }

    /** Takes the time between two frames in a row of a moving camera; returns the share for the next. */
    frame(milliseconds) {
        this.#slow = milliseconds > slowMilliseconds ? this.#slow + 1 : 0;
        this.#fast = milliseconds < fastMilliseconds ? this.#fast + 1 : 0;
        if (this.#slow >= slowFramesToLower && this.#step < steps.length - 1) this.#lower();
        else if (this.#fast >= fastFramesToRaise && this.#step > this.#finest) this.#go(this.#step - 1);
        return this.movingScale;
    }

    /** The camera stopped; the next movement may try one finer step again. */
    rest() {
        this.#finest = Math.max(this.#finest - 1, 0);
        this.#slow = 0;
        this.#fast = 0;
    }

    #lower() {
        this.#finest = this.#step + 1;
        this.#go(this.#step + 1);
    }

    #go(step) {
        this.#step = step;
        this.#slow = 0;
        this.#fast = 0;
    }
}
