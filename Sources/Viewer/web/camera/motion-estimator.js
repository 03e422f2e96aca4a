// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { add, conjugate, mix, multiply, scale, subtract } from './vector.js';

/** Time over which velocities are smoothed, seconds. */
const smoothing = 0.1;

/** How fast a camera moves and turns, from where it was at each frame. */
export class MotionEstimator {
    #last = null;
    #velocity = [0, 0, 0];
    #angularVelocity = [0, 0, 0];

    /** Metres per second. */
    get velocity() {
        return this.#velocity;
    }

    /** World axis times radians per second. */
    get angularVelocity() {
        return this.#angularVelocity;
    }

    /** Takes the camera's place at `seconds`; a pause of more than half a second starts anew. */
    add(seconds, eye, orientation) {
        const elapsed = this.#last ? seconds - this.#last.seconds : Infinity;
        if (elapsed <= 0) return;
        if (elapsed < 0.5) this.#follow(elapsed, eye, orientation);
        else this.stop();
        this.#last = { seconds, eye, orientation };
    }

    /** The camera rests. */
    stop() {
        this.#last = null;
        this.#velocity = [0, 0, 0];
        this.#angularVelocity = [0, 0, 0];
    }

    #follow(elapsed, eye, orientation) {
        const share = 1 - Math.exp(-elapsed / smoothing);
        const moved = scale(subtract(eye, this.#last.eye), 1 / elapsed);
        const turned = scale(rotationVector(this.#last.orientation, orientation), 1 / elapsed);
        this.#velocity = mix(this.#velocity, moved, share);
        this.#angularVelocity = mix(this.#angularVelocity, turned, share);
    }
}

/** Axis times angle (radians, at most π) of the rotation from one orientation to another. */
function rotationVector(from, to) {
    const [x, y, z, w] = multiply(to, conjugate(from));
    const sine = Math.hypot(x, y, z);
    if (sine < 1e-12) return [0, 0, 0];
    const angle = 2 * Math.atan2(sine, Math.abs(w));
    return scale(add([0, 0, 0], [x, y, z]), (Math.sign(w) || 1) * (angle / sine));
}
