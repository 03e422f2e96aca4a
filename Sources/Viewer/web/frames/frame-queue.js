// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Which frame to decode next. Pure.
 *
 * Frames are shown in their order. A whole frame that is complete makes all before it obsolete; a frame that only changes
 * a rectangle of the one before is never left out, and waits for that one.
 */
export class FrameQueue {
    /** { header, grid, bytes } in the order of frames; `bytes` is null until all have come. */
    #entries = [];
    #skipped = [];

    /** A frame began; `grid` is kept with it. */
    begin(header, grid = null) {
        this.#entries.push({ header, grid, bytes: null, isObsolete: false });
    }

    /** All of a frame is here. */
    complete(frame, bytes) {
        const entry = this.#entries.find(({ header }) => header.frame === frame);
        if (entry) entry.bytes = bytes;
    }

    /** No more of a frame will come. */
    cancel(frame) {
        this.#entries = this.#entries.filter(({ header, bytes }) => header.frame !== frame || bytes !== null);
    }

    /** Complete frames that will not be shown, since the last call. */
    takeSkipped() {
        this.#skipObsolete();
        const skipped = this.#skipped;
        this.#skipped = [];
        return skipped;
    }

    /** The next frame to decode, { header, grid, bytes }, taken out; null while there is none. */
    next() {
        this.#skipObsolete();
        const index = this.#entries.findIndex(({ isObsolete }) => !isObsolete);
        if (index < 0 || this.#entries[index].bytes === null) return null;
        const [{ header, grid, bytes }] = this.#entries.splice(index, 1);
        return { header, grid, bytes };
    }

    #skipObsolete() {
        let isObsolete = false;
        for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
            const entry = this.#entries[index];
            if (isObsolete) entry.isObsolete = true;
            if (entry.bytes !== null && entry.header.isWhole) isObsolete = true;
        }
        // An obsolete frame that is on its way is skipped when it has come.
        const isSkipped = (entry) => entry.isObsolete && entry.bytes !== null;
        this.#skipped.push(...this.#entries.filter(isSkipped).map(({ header }) => header.frame));
        this.#entries = this.#entries.filter((entry) => !isSkipped(entry));
    }
}
