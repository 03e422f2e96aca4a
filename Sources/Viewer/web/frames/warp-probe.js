// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const [columns, rows] = [32, 18];
/** A warp of each cell may take this long. */
const mostMilliseconds = 8;

/**
 * How a frame of this size is to follow the camera on this device, measured: 'grid' where drawing 32 × 18 pieces is quick,
 * otherwise 'affine'.
 */
export function probeWarp(width, height, now = () => performance.now()) {
    const [source, target] = [makeCanvas(width, height), makeCanvas(width, height)];
    const fill = source.getContext('2d');
    fill.fillStyle = '#888';
    fill.fillRect(0, 0, width, height);
    const context = target.getContext('2d', { alpha: false });
    let shortest = Infinity;
    // The first round warms up; a single slow one may be somebody else's fault.
    for (let round = 0; round < 3 && shortest > mostMilliseconds; round += 1) {
        const began = now();
        drawPieces(context, source, width / columns, height / rows);
        // Reading a pixel waits for the drawing, which is otherwise put off.
        context.getImageData(0, 0, 1, 1);
        if (round > 0) shortest = Math.min(shortest, now() - began);
    }
    return shortest <= mostMilliseconds ? 'grid' : 'affine';
}

const makeCanvas = (width, height) => Object.assign(document.createElement('canvas'), { width, height });

function drawPieces(context, source, width, height) {
    for (let piece = 0; piece < columns * rows; piece += 1) {
        const x = (piece % columns) * width;
        const y = Math.floor(piece / columns) * height;
        context.setTransform(1.01, 0.01, -0.01, 1.01, 3, 2);
        context.drawImage(source, x, y, width + 1, height + 1, x, y, width + 1, height + 1);
    }
}
