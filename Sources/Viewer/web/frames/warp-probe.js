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
    const source = makeCanvas(width, height);
    const fill = source.getContext('2d');
    fill.fillStyle = '#888';
    fill.fillRect(0, 0, width, height);
    let milliseconds = Infinity;
    // The first round warms up. Each has a canvas of its own: browsers treat one that is read again and again differently.
    for (let round = 0; round < 2; round += 1) {
        const context = makeCanvas(width, height).getContext('2d', { alpha: false });
        const began = now();
        drawPieces(context, source, width / columns, height / rows);
        // Reading a pixel waits for the drawing, which is otherwise put off.
        context.getImageData(0, 0, 1, 1);
        milliseconds = now() - began;
    }
    return milliseconds <= mostMilliseconds ? 'grid' : 'affine';
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
