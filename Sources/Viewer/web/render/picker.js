// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { cameraAxes, frameByteCount, projectionScale, writeFrame } from './frame-block.js';

// Pixels on a side that are drawn around the one that was asked for, so that thin parts can be hit.
const side = 5;
const wordsPerPixel = 4;
const pollMilliseconds = 4;

/**
 * Finds what is at a pixel by drawing identities into a few pixels around it. The answer is read when the GPU is done,
 * without waiting for it.
 */
export class Picker {
    #gl;
    #framebuffer;
    #block;
    #values = new Float32Array(frameByteCount / 4);

    constructor(gl) {
        this.#gl = gl;
        this.#framebuffer = gl.createFramebuffer();
        gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
        for (const [format, attachment] of [
            [gl.RGBA32UI, gl.COLOR_ATTACHMENT0], [gl.DEPTH_COMPONENT32F, gl.DEPTH_ATTACHMENT],
        ]) {
            const buffer = gl.createRenderbuffer();
            gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
            gl.renderbufferStorage(gl.RENDERBUFFER, format, side, side);
            gl.framebufferRenderbuffer(gl.FRAMEBUFFER, attachment, gl.RENDERBUFFER, buffer);
        }
        gl.bindFramebuffer(gl.FRAMEBUFFER, null);
        this.#block = gl.createBuffer();
        gl.bindBuffer(gl.UNIFORM_BUFFER, this.#block);
        gl.bufferData(gl.UNIFORM_BUFFER, frameByteCount, gl.DYNAMIC_DRAW);
    }

    /**
     * @param {number} x physical pixels from the left of the picture
     * @param {number} y from its top
     * @param {object} frame as for `writeFrame`, without a region
     * @param {() => void} draw draws everything with the pick program
     * @returns {Promise<{treeNode: number, instance: number, depth: number, position: number[]} | null>}
     */
    async pick(x, y, frame, draw) {
        const gl = this.#gl;
        const corner = [Math.floor(x) - (side - 1) / 2, frame.view.height - 1 - Math.floor(y) - (side - 1) / 2];
        this.#drawRegion({ ...frame, region: { x: corner[0], y: corner[1], width: side, height: side } }, draw);
        const buffer = this.#startReading();
        const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
        const isDone = await this.#finished(sync);
        const pixels = isDone ? this.#takePixels(buffer) : null;
        return pixels && nearestHit(pixels, corner, frame.view);
    }

    #drawRegion(frame, draw) {
        const gl = this.#gl;
        writeFrame(this.#values, frame);
        gl.bindBuffer(gl.UNIFORM_BUFFER, this.#block);
        gl.bufferSubData(gl.UNIFORM_BUFFER, 0, this.#values);
        gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, this.#block);
        gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
        gl.viewport(0, 0, side, side);
        gl.clearBufferuiv(gl.COLOR, 0, new Uint32Array(4));
        gl.clearBufferfv(gl.DEPTH, 0, new Float32Array([frame.isReversed ? 0 : 1]));
        draw();
    }

    #startReading() {
        const gl = this.#gl;
        // A new one each time: browsers warn when a buffer that they made a copy of for reading is written again.
        const buffer = gl.createBuffer();
        gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
        gl.bufferData(gl.PIXEL_PACK_BUFFER, side * side * wordsPerPixel * 4, gl.STREAM_READ);
        gl.readPixels(0, 0, side, side, gl.RGBA_INTEGER, gl.UNSIGNED_INT, 0);
        gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
        gl.bindFramebuffer(gl.FRAMEBUFFER, null);
        return buffer;
    }

    async #finished(sync) {
        const gl = this.#gl;
        for (;;) {
            await new Promise((resolve) => { setTimeout(resolve, pollMilliseconds); });
            if (gl.isContextLost()) return false;
            const state = gl.clientWaitSync(sync, 0, 0);
            if (state === gl.TIMEOUT_EXPIRED) continue;
            gl.deleteSync(sync);
            return state !== gl.WAIT_FAILED;
        }
    }

    #takePixels(buffer) {
        const gl = this.#gl;
        const pixels = new Uint32Array(side * side * wordsPerPixel);
        gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
        gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, pixels);
        gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
        gl.deleteBuffer(buffer);
        return pixels;
    }
}

/**
 * The hit closest to the middle of the pixels read; of equally close ones, the nearest to the eye.
 * @param {Uint32Array} pixels rows from the bottom
 * @param {number[]} corner of the pixels in the picture, from the lower left
 */
export function nearestHit(pixels, corner, view) {
    const depths = new Float32Array(pixels.buffer, pixels.byteOffset, pixels.length);
    const middle = (side - 1) / 2;
    let best = null;
    for (let i = 0; i < side * side; i += 1) {
        if (pixels[wordsPerPixel * i + 3] === 0) continue;
        const [column, row] = [i % side, Math.floor(i / side)];
        const away = Math.hypot(column - middle, row - middle);
        const depth = depths[wordsPerPixel * i + 2];
        if (best && (away > best.away || (away === best.away && depth >= best.depth))) continue;
        best = { i, away, depth, column, row };
    }
    if (!best) return null;
    const position = pointAt(view, corner[0] + best.column + 0.5, corner[1] + best.row + 0.5, best.depth);
    const at = wordsPerPixel * best.i;
    return { treeNode: pixels[at], instance: pixels[at + 1], depth: best.depth, position };
}

/** The point that is `depth` metres along the view at a place in the picture, in pixels from the lower left. */
export function pointAt(view, x, y, depth) {
    const { right, up, back } = cameraAxes(view.orientation);
    const [sx, sy] = projectionScale(view);
    const spread = view.projection === 'orthographic' ? 1 : depth;
    const across = ((2 * x) / view.width - 1) / sx * spread;
    const along = ((2 * y) / view.height - 1) / sy * spread;
    return view.eye.map((place, axis) => place + right[axis] * across + up[axis] * along - back[axis] * depth);
}
