// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Asks the driver whether there was memory for what was asked of it so far, and does not wait: `getError` at once would
 * return when everything is done that the driver has been given, which may be many frames' work.
 */
export class MemoryQuestion {
    #gl;
    #fence = null;

    constructor(gl) {
        this.#gl = gl;
    }

    get isAsked() {
        return this.#fence !== null;
    }

    /** Whether the driver has not come as far as the question. */
    get isOpen() {
        const gl = this.#gl;
        return this.isAsked && gl.getSyncParameter(this.#fence, gl.SYNC_STATUS) === gl.UNSIGNALED;
    }

    ask() {
        const gl = this.#gl;
        this.#fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
    }

    /** Whether there was memory, told once; null where nothing is asked or known yet. */
    takeAnswer() {
        if (!this.isAsked || this.isOpen) return null;
        const gl = this.#gl;
        gl.deleteSync(this.#fence);
        this.#fence = null;
        return gl.getError() !== gl.OUT_OF_MEMORY;
    }
}
