// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** A canvas that fills `element` and takes no input. */
export function addLayer(element) {
    const canvas = document.createElement('canvas');
    canvas.className = 'vantage-layer';
    element.append(canvas);
    return canvas;
}

/**
 * The pictures of both paths, one above the other: the client's below, the server's on top, whose opacity says which is
 * seen. Times in milliseconds.
 */
export class Layers {
    client;
    server;
    #opacity = 0;
    /** { from, to, began, until } while the opacity changes. */
    #fade = null;

    constructor(element) {
        this.client = addLayer(element);
        this.server = addLayer(element);
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

    remove() {
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
