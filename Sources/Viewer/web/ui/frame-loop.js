// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Frames on request: `request()` leads to one call of `onFrame(seconds, elapsed)` at the screen's next frame, however
 * often it is called until then. Nothing runs without a request.
 *
 * `elapsed` is the time since the last frame if that was asked for in a row, otherwise one frame at 60 Hz, so that a
 * movement does not start with a leap.
 */
export class FrameLoop {
    #onFrame;
    #handle = 0;
    #last = null;
    #isAskedInRow = false;
    #isStopped = false;

    constructor(onFrame) {
        this.#onFrame = onFrame;
    }

    request() {
        if (this.#handle !== 0 || this.#isStopped) return;
        this.#handle = requestAnimationFrame((milliseconds) => this.#frame(milliseconds / 1000));
    }

    stop() {
        this.#isStopped = true;
        cancelAnimationFrame(this.#handle);
    }

    #frame(seconds) {
        this.#handle = 0;
        const elapsed = this.#isAskedInRow ? seconds - this.#last : 1 / 60;
        this.#last = seconds;
        this.#isAskedInRow = false;
        this.#onFrame(seconds, elapsed, this);
        this.#isAskedInRow = this.#handle !== 0;
    }
}
