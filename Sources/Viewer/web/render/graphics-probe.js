// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What a GPU is and how fast it is. The clock is read when a fence behind the work has passed, which is asked for between
// tasks: nothing waits for the GPU, on whichever thread this runs.

import { BenchmarkScene, gridTriangleCount } from './benchmark-scene.js';
import { GraphicsContext } from './graphics-context.js';
import { WorkGrowth } from './work-growth.js';

const triangleWork = { first: 8000, most: 2000 * gridTriangleCount };
const pixelWork = { first: 32_000, most: 4e9 };
const emptyRounds = 3;
/** Processors need no exact numbers: they are slow. */
const softwareMilliseconds = 250;

/**
 * Tells what the WebGL2 of `canvas` is (`tell('webgl', …)`) and how fast (`tell('speed', { trianglesPerSecond })`, then
 * `{ pixelsPerSecond }`) as far as there is time for it, and gives the context back.
 *
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas nobody else's, 512 × 512
 * @param {object} options
 * @param {() => number} options.now milliseconds
 * @param {() => Promise<void>} options.pause lets other tasks run
 * @param {number} options.deadline of `now`
 * @param {(webgl: object) => boolean} options.isKnown whether the speed of this GPU need not be measured
 * @param {(name: string, value: object) => void} options.tell
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<boolean>} whether there is a WebGL2
 */
export async function probeGraphics(canvas, options) {
    let context;
    try {
        context = new GraphicsContext(canvas);
    } catch {
        return false;
    }
    try {
        const { version, renderer, vendor, isSoftware, multiDraw, maximumTextureSize } = context.capabilities;
        const webgl = { version, renderer, vendor, isSoftware, multiDraw, maximumTextureSize };
        options.tell('webgl', webgl);
        if (!options.isKnown(webgl)) await measureSpeed(context, options);
    } finally {
        // Browsers keep few contexts, and the renderer wants one.
        context.gl.getExtension('WEBGL_lose_context')?.loseContext();
    }
    return true;
}

async function measureSpeed(context, { tell, ...options }) {
    const timer = new GraphicsTimer(context.gl, options);
    const scene = new BenchmarkScene(context);
    while (!scene.isCompiled) if (!await timer.pause()) return;
    if (!scene.prepare() || !await timer.pause()) return;
    if (context.capabilities.isSoftware) timer.shorten(softwareMilliseconds);
    const overhead = await emptyMilliseconds(timer);
    // Triangles first: they say most about what this device can draw.
    const triangles = await measure(timer, triangleWork, (count) => scene.drawTriangles(count), { overhead, share: 0.6 });
    if (triangles) tell('speed', { trianglesPerSecond: Math.round(triangles) });
    const pixels = await measure(timer, pixelWork, (count) => scene.drawPixels(count), { overhead, share: 1 });
    if (pixels) tell('speed', { pixelsPerSecond: Math.round(pixels) });
}

/** Units per second, or null. `share`: of the time that is left; `overhead`: milliseconds of a round of nothing. */
async function measure(timer, work, draw, { overhead, share }) {
    const growth = new WorkGrowth(work);
    const end = timer.endOf(share);
    while (!growth.isDone) {
        let amount = 0;
        const milliseconds = await timer.time(() => { amount = draw(growth.work); }, end);
        if (milliseconds === null) break;
        // How much of the overhead passes while the work is done is not known.
        growth.add(Math.max(milliseconds - overhead / 2, 0), amount);
    }
    return growth.rate;
}

/** What it takes to hear of a fence with nothing before it. */
async function emptyMilliseconds(timer) {
    let shortest = Infinity;
    for (let round = 0; round < emptyRounds; round += 1) {
        shortest = Math.min(shortest, await timer.time(() => {}) ?? Infinity);
    }
    return Number.isFinite(shortest) ? shortest : 0;
}

class GraphicsTimer {
    #gl;
    #now;
    #pause;
    #deadline;
    #signal;

    constructor(gl, { now, pause, deadline, signal }) {
        this.#gl = gl;
        this.#now = now;
        this.#pause = pause;
        this.#deadline = deadline;
        this.#signal = signal;
    }

    /** Leaves at most this much time from now on. */
    shorten(milliseconds) {
        this.#deadline = Math.min(this.#deadline, this.#now() + milliseconds);
    }

    /** When this share of the time that is left will be over. */
    endOf(share) {
        return this.#now() + share * (this.#deadline - this.#now());
    }

    /** Lets other tasks run; false when there is no time left. */
    async pause(end = this.#deadline) {
        await this.#pause();
        return !this.#signal?.aborted && !this.#gl.isContextLost() && this.#now() < end;
    }

    /** How long the GPU takes for what `draw` asks of it, in milliseconds; null if that is not known in time. */
    async time(draw, end = this.#deadline) {
        const gl = this.#gl;
        if (!await this.pause(end)) return null;
        const began = this.#now();
        draw();
        const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
        // Browsers look at a fence once a task: asking twice in one would not help.
        while (fence && await this.pause(end)) {
            const state = gl.clientWaitSync(fence, 0, 0);
            if (state === gl.WAIT_FAILED) break;
            if (state === gl.TIMEOUT_EXPIRED) continue;
            const ended = this.#now();
            gl.deleteSync(fence);
            return ended - began;
        }
        return null;
    }
}

/** Lets other tasks run, and comes back much sooner than timers do; `close` when it is not needed any more. */
export function makePause() {
    const channel = new MessageChannel();
    let resume = null;
    channel.port1.onmessage = () => resume?.();
    const pause = () => new Promise((resolve) => {
        resume = resolve;
        channel.port2.postMessage(null);
    });
    return { pause, close: () => channel.port1.close() };
}
