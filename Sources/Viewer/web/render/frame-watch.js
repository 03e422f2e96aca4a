// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Tells by a fence when the GPU has finished a picture, without waiting for it. */
export class FrameWatch {
    #gl = null;
    #fence = null;
    #began = 0;
    /** From the start of the last finished picture to the first look that found it finished. */
    milliseconds = 0;

    /** Everything up to here belongs to a picture that was begun at `began` (milliseconds). */
    begin(gl, began) {
        if (this.#fence) this.#gl.deleteSync(this.#fence);
        this.#gl = gl;
        this.#began = began;
        this.#fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
    }

    get isBusy() {
        if (!this.#fence) return false;
        const gl = this.#gl;
        // A context that was lost knows no fences, and is not busy.
        if (gl.getSyncParameter(this.#fence, gl.SYNC_STATUS) === gl.UNSIGNALED) return true;
        gl.deleteSync(this.#fence);
        this.#fence = null;
        this.milliseconds = performance.now() - this.#began;
        return false;
    }
}
