// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const intervalMilliseconds = 2000;
/** After a failure: a server may not know the question, and the connection may be away. */
const pauseMilliseconds = 10_000;

const realClock = {
    setTimeout: (callback, delay) => setTimeout(callback, delay),
    clearTimeout: (timer) => clearTimeout(timer),
};

/** What the server says of who draws and why, asked again and again while somebody looks. Of several questions the newest counts. */
export class PathReport {
    #load;
    #onChange;
    #clock;
    #timer = null;
    #isRunning = false;
    #question = 0;
    #value = null;

    /**
     * @param {() => Promise<object> | null} load asks the server (ServerAPI.viewerPath); null: there is no viewer yet
     * @param {object} [options]
     * @param {(value: object) => void} [options.onChange] is told each answer
     * @param {object} [options.clock] setTimeout and clearTimeout
     */
    constructor(load, { onChange, clock = realClock } = {}) {
        this.#load = load;
        this.#onChange = onChange;
        this.#clock = clock;
    }

    /** The latest answer, or null: none yet, or the last question failed. */
    get value() {
        return this.#value;
    }

    /** Asks now and from now on. */
    start() {
        if (this.#isRunning) return;
        this.#isRunning = true;
        this.#repeat();
    }

    stop() {
        this.#isRunning = false;
        this.#clock.clearTimeout(this.#timer);
    }

    /** Asks once; resolves to the answer or null. */
    async ask() {
        this.#question += 1;
        const question = this.#question;
        let value = null;
        try {
            value = await this.#load() ?? null;
        } catch {
            // What is not known is not shown; the page says elsewhere that the server is away.
        }
        if (question !== this.#question) return this.#value;
        this.#value = value;
        if (value) this.#onChange?.(value);
        return value;
    }

    async #repeat() {
        const value = await this.ask();
        if (!this.#isRunning) return;
        this.#clock.clearTimeout(this.#timer);
        this.#timer = this.#clock.setTimeout(() => this.#repeat(), value === null ? pauseMilliseconds : intervalMilliseconds);
    }
}

/** Why a path is not possible, by its name, as PathMenu takes it. */
export function obstaclesOf(report) {
    const { client, server } = report?.costs ?? {};
    const known = Object.entries({ client, server }).filter(([, cost]) => cost?.impossible);
    return Object.fromEntries(known.map(([name, cost]) => [name, cost.impossible]));
}
