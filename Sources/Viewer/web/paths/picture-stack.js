// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { LastPicture } from './last-picture.js';
import { fadeMilliseconds } from './path-switch.js';

/**
 * What is seen of both paths' pictures: one of them, one fading into the other, in a hybrid the server's still over the
 * client's picture, and where the client's graphics context is gone, a copy of its last picture. Times in milliseconds.
 */
export class PictureStack {
    #layers;
    #parts;
    #readiness;
    #isMotionReduced;
    #lastPicture;
    /** In a hybrid, the view whose still lies over the client's picture. */
    #stillView = null;
    /** Whether the server's canvas stands in for the client's, which has lost its context. */
    #isStandIn = false;

    /**
     * @param {object} owner
     * @param {Layers} owner.layers
     * @param {PathParts} owner.parts
     * @param {PathReadiness} owner.readiness
     * @param {() => boolean} owner.isMotionReduced
     */
    constructor({ layers, parts, readiness, isMotionReduced }) {
        this.#layers = layers;
        this.#parts = parts;
        this.#readiness = readiness;
        this.#isMotionReduced = isMotionReduced;
        this.#lastPicture = new LastPicture(layers);
    }

    /** Whether the server's canvas stands in for the client's. */
    get isStandIn() { return this.#isStandIn; }

    get isFading() { return this.#layers.isFading; }

    /** Whether any of the server's canvas is seen. */
    get isServerSeen() { return this.#layers.opacity > 0 || this.#layers.target > 0; }

    /** Whether the client should draw once more at rest, for a copy of its picture. */
    get wantsCopy() { return this.#lastPicture.dueAt !== null; }

    /** A canvas with what is seen. */
    compose() { return this.#layers.compose(); }

    /** Follows fades; true while one goes on. */
    update(now) { return this.#layers.update(now); }

    /** Lets the picture of a part, 'client' or 'server', fade in. */
    fade(part, now, until) {
        this.#stillView = null;
        this.#layers.fade(part === 'server' ? 1 : 0, now, until);
    }

    /** A part's picture is what is shown. */
    show(part, now) {
        // The still of a hybrid that ends goes softly; everything else has been faded to, or replaces nothing.
        const isSoft = part === 'client' && this.#stillView !== null;
        this.fade(part, now, isSoft ? this.#softEnd(now) : now);
        this.#isStandIn = false;
    }

    /** Hybrid: a still of exactly this view fades in over what is drawn here. */
    showStill(view, now) {
        if (this.#stillView !== null || this.#isStandIn) return;
        if (!this.#parts.client?.isShowing(view) || !this.#readiness.isStillOf(view, this.#parts)) return;
        this.#layers.fade(1, now, this.#softEnd(now));
        this.#stillView = view;
    }

    /** Hybrid: a still of another view than this is gone at once. */
    hideOldStill(view) {
        if (this.#stillView === null || this.#stillView === view) return;
        this.#stillView = null;
        this.#layers.cut(0);
    }

    /** The client's canvas, which is seen, has a new picture of `view`, in this task. */
    drawn(view, isMoving, now) {
        if (this.#parts.client.hasPicture) this.#lastPicture.drawn(view, isMoving, now);
    }

    /** Draws once more for a copy, where the last one is not of the newest picture. */
    copyAtRest(view, now) {
        const { dueAt } = this.#lastPicture;
        if (dueAt !== null && now >= dueAt && this.#parts.client.isComplete) this.#parts.client.draw(view, false);
    }

    /** The client's graphics context is gone, and with it what its canvas showed. */
    standIn(view, isMoving) {
        const copy = this.#lastPicture.take();
        if (!this.#parts.server || !view || this.#isStandIn) return;
        const server = this.#parts.fitted('server');
        if (copy && this.#stillView === null) server.showCopy(copy.canvas, copy.view);
        if (!server.hasPicture) return;
        server.draw(view, isMoving);
        this.#stillView = null;
        this.#layers.cut(1);
        this.#isStandIn = true;
    }

    /** The client's picture takes its place again, where it has one. */
    endStandIn(view, now) {
        const { client } = this.#parts;
        if (!this.#isStandIn || !client || client.isLost || !client.isShowing(view) || !client.isComplete) return;
        this.#isStandIn = false;
        this.#layers.fade(0, now, this.#softEnd(now));
    }

    #softEnd(now) { return this.#isMotionReduced() ? now : now + fadeMilliseconds; }
}
