// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The levels below the coarsest stored one (64 pixels), made here: they are small, and a texture seen from far needs
// them. Pure functions.

/**
 * The next smaller level: means of 2 × 2 texels.
 * @param {{width: number, height: number, data: Uint8Array | Uint8ClampedArray}} level RGBA
 * @param {boolean} isColor colours are averaged as light, weighted by alpha; anything else as numbers
 */
export function halvedLevel({ width, height, data }, isColor) {
    const [columns, rows] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
    const result = new Uint8Array(columns * rows * 4);
    for (let y = 0; y < rows; y += 1) {
        for (let x = 0; x < columns; x += 1) {
            const corners = [[2 * x, 2 * y], [2 * x + 1, 2 * y], [2 * x, 2 * y + 1], [2 * x + 1, 2 * y + 1]];
            const texels = corners.map(([u, v]) => 4 * (Math.min(v, height - 1) * width + Math.min(u, width - 1)));
            writeMean(data, texels, isColor, result, 4 * (y * columns + x));
        }
    }
    return { width: columns, height: rows, data: result };
}

/** All levels below `level`, down to one texel. */
export function levelsBelow(level, isColor) {
    const levels = [];
    for (let last = level; last.width > 1 || last.height > 1;) {
        last = halvedLevel(last, isColor);
        levels.push(last);
    }
    return levels;
}

function writeMean(data, texels, isColor, out, at) {
    const alpha = texels.reduce((sum, texel) => sum + data[texel + 3], 0);
    for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        let weight = 0;
        for (const texel of texels) {
            const share = isColor && alpha > 0 ? data[texel + 3] : 1;
            sum += share * (isColor ? linear[data[texel + channel]] : data[texel + channel]);
            weight += share;
        }
        out[at + channel] = isColor ? encoded(sum / weight) : Math.round(sum / weight);
    }
    out[at + 3] = Math.round(alpha / 4);
}

const linear = Float64Array.from({ length: 256 }, (_, code) => {
    const value = code / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

function encoded(value) {
    return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}
