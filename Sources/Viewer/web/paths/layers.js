// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** A canvas that fills `element` and takes no input; `name` says what it shows. */
export function addLayer(element, name = '') {
    const canvas = document.createElement('canvas');
    canvas.className = 'vantage-layer';
    canvas.dataset.layer = name;
    element.append(canvas);
    return canvas;
}

/**
 * The pictures of both paths, one above the other: the client's below, the server's on top, whose opacity says which is
 * seen. Under both lies a backdrop: a lost graphics context leaves its canvas transparent before anybody is told. Times in
 * milliseconds.
 */
export class Layers {
    backdrop;
    client;
    server;
    #opacity = 0;
    /** { from, to, began, until } while the opacity changes. */
    #fade = null;

    constructor(element) {
        this.backdrop = addLayer(element, 'backdrop');
        this.client = addLayer(element, 'client');
        this.server = addLayer(element, 'server');
        this.#apply();
    }

    /** Of the server's picture, 0 … 1. */
    get opacity() { return this.#opacity; }

    /** Where the opacity is going. */
    get target() { return this.#fade?.to ?? this.#opacity; }

    get isFading() { return this.#fade !== null; }

    /** Shows the server's picture (1) or the client's (0), at once. */
    cut(opacity) {
        this.#fade = null;
        this.#opacity = opacity;
        this.#apply();
    }

    /** Goes there until a time. */
    fade(opacity, now, until) {
        if (until <= now) this.cut(opacity);
        else this.#fade = { from: this.#opacity, to: opacity, began: now, until };
    }

    /** Follows a fade; true while it goes on. */
    update(now) {
        if (!this.#fade) return false;
        const { from, to, began, until } = this.#fade;
        const share = Math.min(Math.max((now - began) / (until - began), 0), 1);
        this.#opacity = from + (to - from) * share;
        if (share === 1) this.#fade = null;
        this.#apply();
        return this.#fade !== null;
    }

    /** A canvas with what is seen. */
    compose() {
        if (this.#opacity === 0) return this.client;
        if (this.#opacity === 1) return this.server;
        const { width, height } = this.server;
        const copy = Object.assign(document.createElement('canvas'), { width, height });
        const context = copy.getContext('2d');
        context.drawImage(this.client, 0, 0, width, height);
        context.globalAlpha = this.#opacity;
        context.drawImage(this.server, 0, 0);
        return copy;
    }

    /** Puts another canvas in the place of the backdrop, which is not drawn to any more; returns it. */
    renewBackdrop() {
        const { backdrop } = this;
        this.backdrop = backdrop.cloneNode();
        backdrop.replaceWith(this.backdrop);
        return this.backdrop;
    }

    remove() {
        this.backdrop.remove();
        this.client.remove();
        this.server.remove();
    }

    #apply() {
        const { style } = this.server;
        style.opacity = String(this.#opacity);
        // What cannot be seen costs nothing.
        style.visibility = this.#opacity === 0 ? 'hidden' : 'visible';
    }
}
