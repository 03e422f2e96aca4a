// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const milliseconds = { firstRetry: 500, lastRetry: 8000, refused: 10_000 };

/**
 * Keeps a picture near a camera by asking for one picture after the other: one request at a time, for the newest camera.
 *
 * While the camera moves, a request goes on although the camera is further by now, as otherwise there would never be a
 * picture; a request that is for a resting camera is given up when the camera moves, and the other way round.
 */
export class StillPoller {
    #load;
    #onPicture;
    #onTrouble;
    #clock;
    #wanted = null;
    /** { request, cancel } of the request that is under way. */
    #asked = null;
    #timer = null;
    #failureCount = 0;

    /**
     * @param {object} parts
     * @param {(request: object, signal: AbortSignal) => Promise<object>} parts.load gives a picture; rejects with an error
     *     whose `retrySeconds` says when to come back, or whose `isRefusal` says that there will be none for now
     * @param {(request: object, picture: object) => void} parts.onPicture
     * @param {(error: Error|null) => void} parts.onTrouble why there is no picture; null: there is one again
     * @param {object} parts.clock setTimeout, clearTimeout
     */
    constructor({ load, onPicture, onTrouble, clock }) {
        this.#load = load;
        this.#onPicture = onPicture;
        this.#onTrouble = onTrouble;
        this.#clock = clock;
    }

    /** Whether a picture is on its way, or will be asked for. */
    get isBusy() { return this.#asked !== null || this.#wanted !== null; }

    /** A picture of another camera is wanted: { isMoving } and whatever `load` needs. */
    want(request) {
        this.#wanted = request;
        const isStale = this.#asked !== null && !(this.#asked.request.isMoving && request.isMoving);
        if (isStale) this.#giveUp();
        this.#next();
    }

    /** Nothing is wanted any more. */
    stop() {
        this.#wanted = null;
        this.#giveUp();
        this.#clock.clearTimeout(this.#timer);
        this.#timer = null;
    }

    #giveUp() {
        this.#asked?.cancel.abort();
        this.#asked = null;
    }

    #next() {
        if (this.#asked !== null || this.#timer !== null || this.#wanted === null) return;
        const asked = { request: this.#wanted, cancel: new AbortController() };
        this.#wanted = null;
        this.#asked = asked;
        this.#load(asked.request, asked.cancel.signal).then(
            (picture) => this.#loaded(asked, picture), (error) => this.#failed(asked, error));
    }

    #loaded(asked, picture) {
        if (this.#asked !== asked) {
            picture.close?.();
            return;
        }
        this.#asked = null;
        this.#failureCount = 0;
        this.#onTrouble(null);
        this.#onPicture(asked.request, picture);
        this.#next();
    }

    #failed(asked, error) {
        if (this.#asked !== asked) return;
        this.#asked = null;
        this.#wanted ??= asked.request;
        this.#failureCount += 1;
        const retry = milliseconds.firstRetry * 2 ** Math.min(this.#failureCount - 1, 10);
        const least = error.isRefusal ? milliseconds.refused : 1000 * (error.retrySeconds ?? 0);
        this.#timer = this.#clock.setTimeout(() => {
            this.#timer = null;
            this.#next();
        }, Math.max(least, Math.min(retry, milliseconds.lastRetry)));
        this.#onTrouble(error);
    }
}
