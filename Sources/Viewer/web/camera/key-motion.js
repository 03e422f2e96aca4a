// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What held keys ask of the camera. A press counts at once as a small step, then as a speed for as long as it is held, so
// that a tap is exact, holding is smooth, and both are the same at any frame rate.

/** Seconds of movement that a press is worth before any time has passed. */
const stepSeconds = 0.06;

const anyMode = {
    Equal: ['zoom', 1], NumpadAdd: ['zoom', 1], Minus: ['zoom', -1], NumpadSubtract: ['zoom', -1],
};
const orbiting = {
    ...anyMode,
    ArrowLeft: ['azimuth', -1], ArrowRight: ['azimuth', 1], ArrowUp: ['elevation', 1], ArrowDown: ['elevation', -1],
};
const panning = {
    ...anyMode,
    ArrowLeft: ['panX', -1], ArrowRight: ['panX', 1], ArrowUp: ['panY', 1], ArrowDown: ['panY', -1],
};
const walking = {
    ...anyMode,
    KeyW: ['forward', 1], KeyS: ['forward', -1], KeyA: ['right', -1], KeyD: ['right', 1],
    KeyE: ['up', 1], KeyQ: ['up', -1],
    ArrowLeft: ['azimuth', 1], ArrowRight: ['azimuth', -1], ArrowUp: ['elevation', -1], ArrowDown: ['elevation', 1],
};

/** Keeps which keys are down and says how far they move the camera. */
export class KeyMotion {
    #held = new Map();
    #isFast = false;
    #steps = {};

    get isActive() {
        return this.#held.size > 0 || Object.keys(this.#steps).length > 0;
    }

    /**
     * Takes a key that went down.
     *
     * `code` is a KeyboardEvent's, so W A S D keep their places on every keyboard layout; `mode` is 'orbit' or 'walk'.
     * False if the key moves nothing.
     */
    press(code, { isShift = false, mode = 'orbit' } = {}) {
        const motion = motionsOf(mode, isShift)[code];
        if (!motion) return false;
        this.#isFast = isShift;
        if (!this.#held.has(code)) {
            const [name, sign] = motion;
            this.#steps[name] = (this.#steps[name] ?? 0) + sign * stepSeconds;
        }
        this.#held.set(code, motion);
        return true;
    }

    /** Takes a key that went up. */
    release(code) {
        this.#held.delete(code);
    }

    /** Shift went down or up. */
    setFast(isFast) {
        this.#isFast = isFast;
    }

    /** The page lost the keyboard: nothing is held. */
    stop() {
        this.#held.clear();
        this.#steps = {};
    }

    /**
     * What the keys ask for in the next `seconds`: signed seconds of movement by name (azimuth, elevation, panX, panY,
     * zoom, forward, right, up), and whether it is to be fast.
     */
    advance(seconds) {
        const moves = this.#steps;
        this.#steps = {};
        for (const [name, sign] of this.#held.values()) moves[name] = (moves[name] ?? 0) + sign * seconds;
        return { moves, isFast: this.#isFast };
    }
}

function motionsOf(mode, isShift) {
    if (mode === 'walk') return walking;
    return isShift ? panning : orbiting;
}
