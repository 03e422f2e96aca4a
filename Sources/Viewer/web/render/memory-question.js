// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { GPUFence } from './gpu-fence.js';

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
        return this.#fence !== null && this.#fence.isOpen;
    }

    ask() {
        this.#fence = new GPUFence(this.#gl);
    }

    /** Whether there was memory, told once; null where nothing is asked or known yet. */
    takeAnswer() {
        if (!this.isAsked || this.isOpen) return null;
        this.#fence.dispose();
        this.#fence = null;
        return this.#gl.getError() !== this.#gl.OUT_OF_MEMORY;
    }
}
