// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Frames kept for the curve. */
const curveLength = 120;

/** Frame rate and frame times of a picture that is drawn only when it changes. */
export class FrameMeter {
    #times = [];
    #milliseconds = [];

    /** A frame was drawn at `seconds` and took so many milliseconds of this thread. */
    add(seconds, milliseconds) {
        this.#times.push(seconds);
        this.#milliseconds.push(milliseconds);
        if (this.#times.length > curveLength) {
            this.#times.shift();
            this.#milliseconds.shift();
        }
    }

    /** Milliseconds of the last frames, oldest first. */
    get curve() {
        return this.#milliseconds;
    }

    /** Milliseconds of the last frame; undefined before the first. */
    get last() {
        return this.#milliseconds[this.#milliseconds.length - 1];
    }

    /** Frames per second over the last second; 0 when the picture rests. */
    rate(seconds) {
        const recent = this.#times.filter((time) => seconds - time <= 1);
        const newest = recent[recent.length - 1];
        if (recent.length < 2 || seconds - newest > 0.5) return 0;
        return (recent.length - 1) / (newest - recent[0] || 1);
    }
}
