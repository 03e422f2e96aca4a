// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { quickFacts } from './device-facts.js';

/**
 * What the server is told of this device: what is known at once, what is measured or said later, and what turned out when
 * drawing failed. `onChange(facts)` is told all of it whenever there is more.
 */
export class DeviceHello {
    #facts;
    #onChange;
    /** Why this device cannot draw, { code, message }, once that has turned out. */
    failure = null;

    /**
     * @param {object} limits GPU bytes, triangles and thresholdPixels
     * @param {(facts: object) => void} onChange
     */
    constructor(limits, onChange) {
        this.#facts = { ...quickFacts(), limits };
        this.#onChange = onChange;
    }

    get facts() {
        return this.#facts;
    }

    set background(colors) {
        this.#facts.background = colors;
    }

    /** What this device lacks for drawing, { code, message }, as far as the server was told; or null. */
    get lack() {
        if (this.failure) return this.failure;
        if (this.#facts.webgl === null) return { code: 'webgl', message: '' };
        return this.#facts.hasWebAssembly === false ? { code: 'wasm', message: '' } : null;
    }

    /** Whether it is likely to draw well enough that loading what that takes is worth it. */
    get isLikelyToDraw() {
        const { webgl, savesData } = this.#facts;
        return webgl !== null && !webgl?.isSoftware && !savesData;
    }

    add({ limits, ...facts }) {
        const lacks = { webgl: { webgl: null }, wasm: { hasWebAssembly: false } }[this.failure?.code];
        this.#facts = { ...this.#facts, ...facts, ...lacks, limits: { ...this.#facts.limits, ...limits } };
        this.#onChange(this.#facts);
    }

    /** Drawing failed: from now on nothing says otherwise. */
    fail(failure) {
        this.failure = failure;
        this.add({});
    }

    /**
     * Measures what this device can do.
     *
     * @param {object | null} probe the module device-probe.js
     * @param {boolean} isDrawing whether this page draws with WebGL already
     */
    async measure(probe, isDrawing) {
        const facts = await probe?.probeDevice({ isDrawing, onLate: (late) => this.add(late) }).catch(() => null);
        if (facts) this.add(facts);
    }
}
