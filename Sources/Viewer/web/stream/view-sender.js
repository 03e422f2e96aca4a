// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { encodeView, ProjectionKind } from '../wire/messages.generated.js';

import { ViewPacer } from './view-pacer.js';

const still = { isMoving: false, velocity: [0, 0, 0], angularVelocity: [0, 0, 0], focus: [0, 0] };
const largestSize = 65535;
// A threshold that changes by less is not worth a message.
const thresholdShare = 0.05;

// As 32-bit floats, which is what most of them are on the wire.
const isFinite32 = (value) => Number.isFinite(Math.fround(value));
const areFinite = (values, count) => values?.length === count && [...values].every(isFinite32);

/** Whether numbers are a view that the protocol can carry. */
export function isView(view) {
    const { eye, orientation, projection, scale, width, height } = view ?? {};
    return areFinite(eye, 3) && areFinite(orientation, 4) && Math.hypot(...orientation) > 0.5
        && (projection === 'perspective' || projection === 'orthographic') && isFinite32(scale) && scale > 0
        && width >= 1 && width <= largestSize && height >= 1 && height <= largestSize;
}

/** Motion with what is missing or no number replaced by rest. */
function motionOf({ isMoving, velocity, angularVelocity, focus } = {}) {
    return {
        isMoving: Boolean(isMoving),
        velocity: areFinite(velocity, 3) ? [...velocity] : still.velocity,
        angularVelocity: areFinite(angularVelocity, 3) ? [...angularVelocity] : still.angularVelocity,
        focus: areFinite(focus, 2) ? [...focus] : still.focus,
    };
}

/** How long a view waits for the one before to leave this device, milliseconds. */
const unsentPause = 8;

/** Sends views to the server: the newest, as often as ViewPacer lets, and none while another has not left. */
export class ViewSender {
    #pacer;
    #onSend;
    #connection;
    #clock;
    #view = null;
    #motion = still;
    #threshold = 1;
    #offeredThreshold = 0;
    #timer = null;

    /**
     * @param {{isReady: boolean, unsentByteCount: number, send: Function}} connection
     * @param {object} clock
     * @param {object} [options]
     * @param {number} [options.shortest] milliseconds that lie at least between two views
     * @param {(sequence: number) => void} [options.onSend] told when the newest view was sent, and its sequence
     */
    constructor(connection, clock, { shortest, onSend = () => {} } = {}) {
        this.#connection = connection;
        this.#clock = clock;
        this.#pacer = new ViewPacer(shortest);
        this.#onSend = onSend;
    }

    /** The sequence of the server's newest view, or null while a newer one waits or there is none. */
    get sequence() { return this.#pacer.isWaiting || this.#pacer.sequence === 0 ? null : this.#pacer.sequence; }

    /** Milliseconds that lie at least between two views, from the next one on. */
    set shortest(milliseconds) { this.#pacer.shortest = milliseconds; }

    /** Takes a view for which `isView` is true. */
    setView(view, motion) {
        this.#view = view;
        this.#motion = motionOf(motion);
        this.#offer();
    }

    /** Takes the threshold in pixels that the server is told with the view. */
    set threshold(pixels) {
        this.#threshold = pixels;
        if (Math.abs(pixels - this.#offeredThreshold) > thresholdShare * this.#offeredThreshold) this.#offer();
    }

    /** A new connection is there. */
    restart() {
        this.#pacer.restart();
        this.#offer();
    }

    stop() {
        this.#clock.clearTimeout(this.#timer);
        this.#view = null;
    }

    #offer() {
        if (this.#view === null) return;
        this.#offeredThreshold = this.#threshold;
        this.#pacer.offer(this.#message());
        this.#pump();
    }

    #message() {
        const { eye, orientation, projection, scale, width, height } = this.#view;
        return {
            eye, orientation, projection: ProjectionKind[projection], scale, width: Math.round(width),
            height: Math.round(height), thresholdPixels: this.#threshold, ...this.#motion,
        };
    }

    #pump() {
        this.#clock.clearTimeout(this.#timer);
        if (!this.#pacer.isWaiting || !this.#connection.isReady) return;
        const now = this.#clock.now();
        const due = this.#connection.unsentByteCount > 0 ? now + unsentPause : this.#pacer.dueAt;
        if (due > now) {
            this.#timer = this.#clock.setTimeout(() => this.#pump(), due - now);
            return;
        }
        this.#connection.send(encodeView(this.#pacer.take(now)));
        this.#onSend(this.#pacer.sequence);
    }
}
