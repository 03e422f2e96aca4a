// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Between two copies: while the camera moves, and at rest, where the picture only becomes finer. */
const [movingPause, restingPause] = [1000, 400];

/**
 * A copy of the client's last picture, on the backdrop below its canvas, whose content may be taken away at any time, as a
 * lost graphics context does. Times in milliseconds.
 */
export class LastPicture {
    #layers;
    #view = null;
    #copiedAt = -Infinity;
    #isOld = false;
    #isTaken = false;

    constructor(layers) {
        this.#layers = layers;
    }

    /** When a newer picture should be drawn again for a copy of it; null: the copy is of the newest. */
    get dueAt() {
        return this.#isOld ? this.#copiedAt + restingPause : null;
    }

    /** The client's canvas has a new picture of `view`, in this task. */
    drawn(view, isMoving, now) {
        this.#isOld = now - this.#copiedAt < (isMoving ? movingPause : restingPause);
        if (this.#isOld) return;
        this.#copiedAt = now;
        const { client } = this.#layers;
        const { width, height } = client;
        if (width === 0 || height === 0) return;
        const backdrop = this.#isTaken ? this.#layers.renewBackdrop() : this.#layers.backdrop;
        this.#isTaken = false;
        // Setting a size empties a canvas and may give it other memory.
        if (backdrop.width !== width || backdrop.height !== height) Object.assign(backdrop, { width, height });
        backdrop.getContext('2d', { alpha: false }).drawImage(client, 0, 0);
        this.#view = { ...view, width, height };
    }

    /** { canvas, view } of the copy, whose canvas will not change any more; null: there is none. */
    take() {
        const taken = this.#view && { canvas: this.#layers.backdrop, view: this.#view };
        this.#isTaken = this.#isTaken || taken !== null;
        this.#view = null;
        this.#copiedAt = -Infinity;
        this.#isOld = false;
        return taken;
    }
}
