// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { physicalSize } from './canvas-size.js';
import { MotionEstimator } from './motion-estimator.js';
import { ResolutionScaler } from './resolution-scaler.js';

/** The camera counts as resting when it has not moved for this long. */
const restMilliseconds = 150;

/**
 * Follows a camera from frame to frame: which view the picture has, how large it is, and whether and how it moves.
 *
 * `measure()` gives the picture's { width, height } in CSS pixels. Told are: `onSize(size)`, physical pixels;
 * `onView(view, motion)`, a view that is not the last one, with { isMoving, velocity, angularVelocity };
 * `onMoving()` and `onRest()`.
 */
export class ViewTracker {
    #camera;
    #observer;
    #scaler = new ResolutionScaler();
    #motion = new MotionEstimator();
    #size = { width: 1, height: 1 };
    #view = null;
    #isMoving = false;
    #restTimer = 0;
    /** Whether moving pictures get fewer pixels while frames are slow. */
    scalesMotion = true;

    constructor(camera, observer) {
        this.#camera = camera;
        this.#observer = observer;
    }

    /** The last view, or null. */
    get view() {
        return this.#view;
    }

    /** Physical pixels. */
    get size() {
        return this.#size;
    }

    get isMoving() {
        return this.#isMoving;
    }

    /** Takes the camera as it is at a frame, `elapsed` seconds after the last one. */
    follow(seconds, elapsed) {
        if (this.#isMoving) this.#scaler.frame(elapsed * 1000);
        const view = this.#current();
        if (this.#view && isSameView(view, this.#view)) return;
        if (this.#view && !isSamePlace(view, this.#view)) this.#setMoving(true);
        if (this.#isMoving) this.resize();
        this.#motion.add(seconds, view.eye, view.orientation);
        this.#send();
    }

    /** Takes the camera as it is in a new place: that it is elsewhere than before is no movement. */
    restart() {
        this.#setMoving(false);
        this.#motion.stop();
        this.resize();
        this.#send();
    }

    /** Makes the picture as large as it is shown. */
    resize() {
        const { width, height } = this.#observer.measure();
        const share = this.#isMoving && this.scalesMotion ? this.#scaler.movingScale : 1;
        const size = physicalSize(width, height, globalThis.devicePixelRatio, share);
        this.#camera.aspect = size.width / size.height;
        if (size.width === this.#size.width && size.height === this.#size.height) return;
        this.#size = size;
        this.#observer.onSize(size);
    }

    dispose() {
        clearTimeout(this.#restTimer);
    }

    #current() {
        return this.#camera.view(this.#size.width, this.#size.height);
    }

    #send() {
        this.#view = this.#current();
        const { velocity, angularVelocity } = this.#motion;
        this.#observer.onView(this.#view, { isMoving: this.#isMoving, velocity, angularVelocity });
    }

    #setMoving(isMoving) {
        clearTimeout(this.#restTimer);
        const isStart = isMoving && !this.#isMoving;
        this.#isMoving = isMoving;
        if (isMoving) this.#restTimer = setTimeout(() => this.#rest(), restMilliseconds);
        if (isStart) this.#observer.onMoving();
    }

    #rest() {
        this.#scaler.rest();
        this.restart();
        this.#observer.onRest();
    }
}

const isSamePlace = (a, b) => a.projection === b.projection && a.scale === b.scale
    && a.eye.every((value, axis) => value === b.eye[axis])
    && a.orientation.every((value, axis) => value === b.orientation[axis]);

const isSameView = (a, b) => a.width === b.width && a.height === b.height && isSamePlace(a, b);
