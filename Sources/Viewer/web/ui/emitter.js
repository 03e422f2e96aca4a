// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Named events with any number of handlers; a handler that throws does not keep the others from being called. */
export class Emitter {
    #handlers = new Map();

    /** Calls `handler` with each event's value from now on; returns a function that ends it. */
    on(name, handler) {
        if (!this.#handlers.has(name)) this.#handlers.set(name, new Set());
        this.#handlers.get(name).add(handler);
        return () => this.#handlers.get(name)?.delete(handler);
    }

    emit(name, value) {
        for (const handler of [...(this.#handlers.get(name) ?? [])]) {
            try {
                handler(value);
            } catch (error) {
                console.error(error);
            }
        }
    }

    /** Forgets every handler. */
    clear() {
        this.#handlers.clear();
    }
}
