// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Seconds in which a released turn loses 63 % of its speed; over after about four of them. */
const decay = 0.07;
/** Speed is measured over this long before the release; a pointer that rested longer leaves no turn. */
const window = 0.06;
/** Radians per second. */
const slowest = 0.05;
const fastest = 8;

/** The short run-out of a turn after the pointer lets go. */
export class Inertia {
    #samples = [];
    #speed = null;

    get isRunning() {
        return this.#speed !== null;
    }

    /** The pointer turned the camera by so many radians at `seconds`. */
    add(seconds, azimuth, elevation) {
        this.#speed = null;
        this.#samples.push({ seconds, azimuth, elevation });
        this.#samples = this.#samples.filter((sample) => seconds - sample.seconds <= window);
    }

    /** The pointer let go at `seconds`. */
    release(seconds) {
        const recent = this.#samples.filter((sample) => seconds - sample.seconds <= window);
        this.#samples = [];
        const sum = (key) => recent.reduce((total, sample) => total + sample[key], 0) / window;
        const speed = [sum('azimuth'), sum('elevation')];
        const size = Math.hypot(...speed);
        const limit = Math.min(1, fastest / size);
        this.#speed = recent.length > 1 && size > slowest ? speed.map((value) => value * limit) : null;
    }

    stop() {
        this.#samples = [];
        this.#speed = null;
    }

    /** How far it turns in the next `seconds`: [azimuth, elevation]. */
    advance(seconds) {
        if (!this.#speed) return [0, 0];
        const left = Math.exp(-seconds / decay);
        const turned = this.#speed.map((value) => value * decay * (1 - left));
        this.#speed = this.#speed.map((value) => value * left);
        if (Math.hypot(...this.#speed) < slowest) this.#speed = null;
        return turned;
    }
}
