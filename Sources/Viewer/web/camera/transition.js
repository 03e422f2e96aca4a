// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { mix, wrapAngle } from './vector.js';

/** A short flight from one camera state to another: shorter way around, distances in equal ratios, soft at both ends. */
export class Transition {
    #from;
    #to;
    #seconds;
    #elapsed = 0;

    /** `seconds` at 0 arrives with the first step. */
    constructor(from, to, seconds = 0.28) {
        this.#from = from;
        this.#to = to;
        this.#seconds = seconds;
    }

    get isDone() {
        return this.#elapsed >= this.#seconds;
    }

    /** Place and direction `seconds` later; exactly the target's at the end. */
    advance(seconds) {
        this.#elapsed += Math.max(seconds, 0);
        if (this.isDone) return this.#to;
        return mixStates(this.#from, this.#to, smooth(this.#elapsed / this.#seconds));
    }
}

const smooth = (t) => 1 - (1 - t) ** 3;

function mixStates(from, to, t) {
    return {
        focus: mix(from.focus, to.focus, t),
        azimuth: from.azimuth + wrapAngle(to.azimuth - from.azimuth) * t,
        elevation: from.elevation + (to.elevation - from.elevation) * t,
        distance: from.distance * (to.distance / from.distance) ** t,
    };
}
