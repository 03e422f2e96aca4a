// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { GPUFence } from './gpu-fence.js';

/** Tells by a fence when the GPU has finished a picture, without waiting for it. */
export class FrameWatch {
    #fence = null;
    #began = 0;
    /** From the start of the last finished picture to the first look that found it finished. */
    milliseconds = 0;

    /** Everything up to here belongs to a picture that was begun at `began` (milliseconds). */
    begin(gl, began) {
        this.#fence?.dispose();
        this.#fence = new GPUFence(gl);
        this.#began = began;
    }

    get isBusy() {
        if (!this.#fence) return false;
        if (this.#fence.isOpen) return true;
        this.#fence.dispose();
        this.#fence = null;
        this.milliseconds = performance.now() - this.#began;
        return false;
    }
}
