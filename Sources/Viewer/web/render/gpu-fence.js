// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Tells when the GPU has done everything that it was given so far, without waiting for it. */
export class GPUFence {
    #gl;
    #sync;

    constructor(gl) {
        this.#gl = gl;
        this.#sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
    }

    /** A context that was lost knows no fences: nothing of it is waited for. */
    get isOpen() {
        const gl = this.#gl;
        return gl.getSyncParameter(this.#sync, gl.SYNC_STATUS) === gl.UNSIGNALED;
    }

    dispose() {
        this.#gl.deleteSync(this.#sync);
    }
}
