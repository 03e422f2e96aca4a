// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const themes = {
    light: { top: '#f1f4f7', bottom: '#ccd4dd' },
    dark: { top: '#4a525c', bottom: '#1f2329' },
};

/** The background of a theme: 'light', 'dark' or the colours themselves, { top, bottom } as `#rrggbb`. */
export const backgroundColors = (theme) => themes[theme] ?? theme;

/** The same as a CSS image, for what is seen before anything is drawn; the shaders' curve, with a stop at each quarter. */
export function backgroundGradient(theme) {
    const { top, bottom } = backgroundColors(theme);
    const [from, to] = [top, bottom].map((color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));
    const stops = [0, 0.25, 0.5, 0.75, 1].map((place) => {
        const share = place * place * (3 - 2 * place);
        return `rgb(${from.map((value, channel) => Math.round(value + share * (to[channel] - value))).join(', ')})`;
    });
    return `linear-gradient(${stops.join(', ')})`;
}
