// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The background that Shaders/webgl/background.* draws, on a plain canvas: from top to bottom along a smooth step, a little
// darker to the sides. It is drawn once for each size and theme.

const stops = 24;
/** Of the darkness at the sides. */
const sideShade = 0.1 * 0.25;

/** The colour at a height, 0 at the bottom … 1 at the top; colours are `#rrggbb`. As `rgb(…)`. */
export function colorAt({ top, bottom }, height) {
    const share = height * height * (3 - 2 * height);
    const [high, low] = [channels(top), channels(bottom)];
    return `rgb(${low.map((value, index) => Math.round(value + (high[index] - value) * share)).join(', ')})`;
}

const channels = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));

export class BackgroundPainter {
    #colors;
    #layer = null;

    constructor(colors) {
        this.#colors = colors;
    }

    set colors(colors) {
        this.#colors = colors;
        this.#layer = null;
    }

    get colors() {
        return this.#colors;
    }

    /** Covers all of a context's canvas. */
    paint(context) {
        const { width, height } = context.canvas;
        if (this.#layer?.width !== width || this.#layer?.height !== height) this.#layer = this.#draw(width, height);
        context.drawImage(this.#layer, 0, 0);
    }

    #draw(width, height) {
        const layer = Object.assign(document.createElement('canvas'), { width, height });
        const context = layer.getContext('2d');
        const down = context.createLinearGradient(0, 0, 0, height);
        const across = context.createLinearGradient(0, 0, width, 0);
        for (let stop = 0; stop <= stops; stop += 1) {
            const place = stop / stops;
            down.addColorStop(place, colorAt(this.#colors, 1 - place));
            const aside = 2 * place - 1;
            across.addColorStop(place, `rgba(0, 0, 0, ${sideShade * aside * aside})`);
        }
        for (const gradient of [down, across]) {
            context.fillStyle = gradient;
            context.fillRect(0, 0, width, height);
        }
        return layer;
    }
}
