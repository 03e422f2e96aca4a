// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Between two copies: while the camera moves, and at rest, where the picture only becomes finer. */
const [movingPause, restingPause] = [1000, 400];

/**
 * A copy of the last picture of a canvas whose content may be taken away at any time, as a lost graphics context does.
 * Times in milliseconds.
 */
export class LastPicture {
    #canvas;
    #copy = null;
    #view = null;
    #copiedAt = -Infinity;
    #isOld = false;

    constructor(canvas) {
        this.#canvas = canvas;
    }

    /** When a newer picture should be drawn again for a copy of it; null: the copy is of the newest. */
    get dueAt() {
        return this.#isOld ? this.#copiedAt + restingPause : null;
    }

    /** The canvas has a new picture of `view`, in this task. */
    drawn(view, isMoving, now) {
        this.#isOld = now - this.#copiedAt < (isMoving ? movingPause : restingPause);
        if (this.#isOld) return;
        this.#copiedAt = now;
        const { width, height } = this.#canvas;
        if (width === 0 || height === 0) return;
        this.#copy ??= document.createElement('canvas');
        // Setting a size empties a canvas and may give it other memory.
        if (this.#copy.width !== width || this.#copy.height !== height) Object.assign(this.#copy, { width, height });
        const context = this.#copy.getContext('2d', { alpha: false });
        context.drawImage(this.#canvas, 0, 0);
        this.#view = { ...view, width, height };
    }

    /** { canvas, view } of the copy, which is given away; null: there is none. */
    take() {
        const taken = this.#copy && { canvas: this.#copy, view: this.#view };
        this.#copy = null;
        this.#copiedAt = -Infinity;
        this.#isOld = false;
        return taken;
    }
}
