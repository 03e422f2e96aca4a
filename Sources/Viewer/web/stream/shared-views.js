// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ViewSender } from './view-sender.js';

/** Milliseconds between two views: frames want 30 per second, chunks are content with 20. */
const [framePause, chunkPause] = [34, 50];
/** A picture that is worse than this is not worth copying. */
const mostErrorPixels = 64;

const drawsHere = (path) => path === 'client' || path === 'hybrid';

/**
 * The views of a connection that serves both paths: one sequence, with the threshold that suits who draws now and next.
 */
export class SharedViews {
    #sender;
    #shown = null;
    #target = null;
    #errorPixels = 0;
    #userThreshold = 1;
    #clientThreshold = 0;

    /** `onSend(sequence)` is told when the newest view was sent. */
    constructor(connection, clock, onSend) {
        this.#sender = new ViewSender(connection, clock, { shortest: framePause, onSend });
    }

    setView(view, motion) { this.#sender.setView(view, motion); }

    /** A new connection is there. */
    restart() { this.#sender.restart(); }

    stop() { this.#sender.stop(); }

    /** What is shown, what is to be shown next (or null), and the error of what this device draws, in pixels. */
    setPaths(shown, target, errorPixels = 0) {
        this.#shown = shown;
        this.#target = target;
        this.#errorPixels = errorPixels;
        this.#update();
    }

    /** For FrameEngine: looks like ViewSender. */
    forFrames() {
        return this.#part((pixels) => { this.#userThreshold = pixels; });
    }

    /** For StreamEngine, whose threshold may be raised by a budget. */
    forChunks() {
        return this.#part((pixels) => { this.#clientThreshold = pixels; });
    }

    /** Views are given once for both, and both begin anew together. */
    #part(take) {
        const views = this;
        return {
            get sequence() { return views.#sender.sequence; },
            set threshold(pixels) {
                take(pixels);
                views.#update();
            },
            setView() {}, restart() {}, stop() {},
        };
    }

    #update() {
        const [isShownHere, isNextHere] = [drawsHere(this.#shown), drawsHere(this.#target)];
        let threshold = this.#userThreshold;
        if (isShownHere || isNextHere) threshold = Math.max(threshold, this.#clientThreshold);
        // The server's first frames are to show what is seen here, which may not be what was asked for yet.
        if (isShownHere && this.#target === 'server') {
            threshold = Math.max(threshold, Math.min(this.#errorPixels, mostErrorPixels));
        }
        this.#sender.threshold = threshold;
        const framesMatter = this.#shown !== 'client' && this.#shown !== 'hybrid' || this.#target === 'server';
        this.#sender.shortest = framesMatter ? framePause : chunkPause;
    }
}
