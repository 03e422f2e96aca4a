// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { closePicture, decodePicture } from './image-decoding.js';

const [width, height] = [640, 360];
/** Decoding a frame may take this long: a share of the time between two frames at 30 per second. */
const frameMilliseconds = 20;
const patienceMilliseconds = 150;
const [fewestPixels, mostPixels] = [640 * 360, 3840 * 2160];

/** Pixels per millisecond that this device decodes, measured on a JPEG that is made here; null: not known in time. */
export async function probeDecoding(now = () => performance.now()) {
    const late = new Promise((resolve) => setTimeout(resolve, patienceMilliseconds, null));
    return Promise.race([measure(now).catch(() => null), late]);
}

/** How many pixels a moving frame may have where so many are decoded in a millisecond; null, not known: a cautious number. */
export function maximumPixels(rate) {
    if (rate === null || !(rate > 0)) return 1280 * 720;
    return Math.round(Math.min(Math.max(rate * frameMilliseconds, fewestPixels), mostPixels));
}

/** Pixels per millisecond; the better of two, as the first one loads the decoder. */
async function measure(now) {
    const bytes = await testPicture();
    let shortest = Infinity;
    for (let round = 0; round < 2; round += 1) {
        const began = now();
        closePicture(await decodePicture(bytes, 0));
        shortest = Math.min(shortest, now() - began);
    }
    return (width * height) / Math.max(shortest, 0.1);
}

/** Waves and lines, about as hard as a model. */
async function testPicture() {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    for (let line = 0; line < 240; line += 1) {
        context.fillStyle = `hsl(${(line * 37) % 360}, 30%, ${30 + ((line * 53) % 50)}%)`;
        context.fillRect((line * 97) % width, (line * 61) % height, 20 + ((line * 29) % 90), 8 + ((line * 17) % 60));
    }
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8));
    return new Uint8Array(await blob.arrayBuffer());
}
