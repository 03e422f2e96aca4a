// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What is known of this device without asking its GPU: what the browser says, and what was measured before.

import { isMobileDevice } from '../ui/device-limits.js';

const storageKey = 'vantage-device';
const version = 1;
const longestAgeMilliseconds = 30 * 24 * 3600 * 1000;
/** A laptop has two GPUs, and each zoom of the page is a pixel ratio of its own. */
const mostEntries = 8;
const speedNames = ['trianglesPerSecond', 'pixelsPerSecond', 'imagePixelsPerSecond', 'dracoBytesPerSecond'];

/**
 * The fields of Hello that are there at once, without making a WebGL context. `webgl` and `speed` are those of an earlier
 * visit and missing at the first; `webgl` is null where the browser has no WebGL 2.
 */
export function quickFacts({ storage = deviceStorage(), navigator = globalThis.navigator, ...surroundings } = {}) {
    const { hasWebGL = Boolean(globalThis.WebGL2RenderingContext), devicePixelRatio = globalThis.devicePixelRatio } = surroundings;
    const memory = new DeviceMemory({ storage, navigator, devicePixelRatio, today: surroundings.today });
    const speed = memory.speed();
    return {
        ...browserFacts(navigator, devicePixelRatio),
        ...(hasWebGL ? withValue('webgl', memory.latestGraphics) : { webgl: null }),
        ...(Object.keys(speed).length > 0 ? { speed } : {}),
    };
}

/** What the browser says of the device: fields of Hello. What it does not say is left out. */
export function browserFacts(navigator, devicePixelRatio) {
    return {
        client: 'vantage-viewer',
        ...withValue('memoryGiB', positive(navigator.deviceMemory)),
        ...withValue('cores', positive(navigator.hardwareConcurrency)),
        ...withValue('devicePixelRatio', positive(devicePixelRatio)),
        isMobile: isMobileDevice(navigator),
        savesData: navigator.connection?.saveData === true,
    };
}

/** Keeps what was measured elsewhere for later visits: `imagePixelsPerSecond`, `dracoBytesPerSecond`. */
export function rememberSpeed(storage, speed, { navigator = globalThis.navigator, ...surroundings } = {}) {
    const { devicePixelRatio = globalThis.devicePixelRatio, today } = surroundings;
    new DeviceMemory({ storage, navigator, devicePixelRatio, today }).remember({ speed });
}

/** The storage of this origin, or null: browsers may forbid it. */
export function deviceStorage() {
    try {
        return globalThis.localStorage ?? null;
    } catch {
        return null;
    }
}

/**
 * What was measured on this device before, in a storage that may be missing, full, or hold anything. Entries are of one
 * renderer (none: measured without a GPU), browser version and pixel ratio, and last for 30 days.
 */
export class DeviceMemory {
    #storage;
    #userAgent;
    #devicePixelRatio;
    #today;

    /** `today()` gives milliseconds since 1970. */
    constructor({ storage, navigator, devicePixelRatio = 1, today = () => Date.now() }) {
        this.#storage = storage;
        this.#userAgent = String(navigator.userAgent ?? '');
        this.#devicePixelRatio = devicePixelRatio;
        this.#today = today;
    }

    /** What the GPU was, as of the latest visit; undefined if that is not known. */
    get latestGraphics() {
        return this.#entries().find(({ webgl }) => webgl)?.webgl;
    }

    /** Names of the renderers whose speed is known. */
    get knownRenderers() {
        const isKnown = ({ webgl, speed }) => webgl && speed.trianglesPerSecond && speed.pixelsPerSecond;
        return this.#entries().filter(isKnown).map(({ webgl }) => webgl.renderer);
    }

    /** The speed with a renderer (default: the latest one's), as far as it is known. */
    speed(renderer = this.latestGraphics?.renderer) {
        const entries = this.#entries();
        const isOf = (name) => ({ webgl }) => webgl?.renderer === name;
        return { ...entries.find(isOf(undefined))?.speed, ...(renderer === undefined ? {} : entries.find(isOf(renderer))?.speed) };
    }

    /** Keeps facts: of a GPU with `webgl`, otherwise of the rest. Speeds that are not given stay. */
    remember({ webgl, speed = {} }) {
        const all = this.#read();
        const isSame = (entry) => this.#isMine(entry) && entry.webgl?.renderer === webgl?.renderer;
        const before = all.find((entry) => isSame(entry) && this.#isFresh(entry));
        // What is merely seen again gets no younger.
        const isNews = !before || Object.keys(speedOf(speed)).length > 0;
        const entry = {
            userAgent: this.#userAgent, devicePixelRatio: this.#devicePixelRatio,
            savedAt: isNews ? this.#today() : before.savedAt,
            ...withValue('webgl', webgl), speed: { ...before?.speed, ...speedOf(speed) },
        };
        const others = all.filter((other) => !isSame(other) && this.#isFresh(other));
        this.#write([entry, ...others].slice(0, mostEntries));
    }

    /** Those of this browser and screen, latest first. */
    #entries() {
        return this.#read().filter((entry) => this.#isMine(entry) && this.#isFresh(entry));
    }

    #isMine({ userAgent, devicePixelRatio }) {
        return userAgent === this.#userAgent && devicePixelRatio === this.#devicePixelRatio;
    }

    #isFresh({ savedAt }) {
        const age = this.#today() - savedAt;
        return age >= 0 && age < longestAgeMilliseconds;
    }

    #read() {
        try {
            const stored = JSON.parse(this.#storage.getItem(storageKey));
            return stored.version === version ? stored.entries.map(entryOf).filter(Boolean) : [];
        } catch {
            // Nothing stored, not by us, or not to be had: measured again.
            return [];
        }
    }

    #write(entries) {
        try {
            this.#storage.setItem(storageKey, JSON.stringify({ version, entries }));
        } catch {
            // Measured again at the next visit.
        }
    }
}

/** A stored entry with nothing in it that is not what it should be, or null. */
function entryOf({ userAgent, devicePixelRatio, savedAt, webgl, speed }) {
    if (typeof userAgent !== 'string' || !Number.isFinite(savedAt) || !Number.isFinite(devicePixelRatio)) return null;
    if (webgl !== undefined && typeof webgl?.renderer !== 'string') return null;
    return { userAgent, devicePixelRatio, savedAt, ...withValue('webgl', webgl), speed: speedOf(speed) };
}

function speedOf(values) {
    const known = speedNames.filter((name) => positive(values?.[name]));
    return Object.fromEntries(known.map((name) => [name, Math.round(values[name])]));
}

const positive = (value) => (Number.isFinite(value) && value > 0 ? value : undefined);
const withValue = (name, value) => (value === undefined ? {} : { [name]: value });
