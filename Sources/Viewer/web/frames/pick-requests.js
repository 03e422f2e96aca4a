// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const patienceMilliseconds = 3000;

/** Questions to the server about what is at a place, and their answers. */
export class PickRequests {
    #ask;
    #waiting = new Map();
    #last = 0;

    /** `ask(request, frame, place)` sends one. */
    constructor(ask) {
        this.#ask = ask;
    }

    /** Asks about a place (clip space) of a frame. Resolves to a Picked message; null if none comes in time. */
    ask(frame, place) {
        this.#last += 1;
        const request = this.#last;
        return new Promise((resolve) => {
            const timer = setTimeout(() => this.#answer(request, null), patienceMilliseconds);
            this.#waiting.set(request, { resolve, timer });
            this.#ask(request, frame, place);
        });
    }

    /** Takes a Picked message. */
    take(message) {
        this.#answer(message.request, message);
    }

    /** Nothing will be answered any more. */
    reset() {
        for (const request of [...this.#waiting.keys()]) this.#answer(request, null);
    }

    #answer(request, message) {
        const entry = this.#waiting.get(request);
        if (!entry) return;
        this.#waiting.delete(request);
        clearTimeout(entry.timer);
        entry.resolve(message);
    }
}
