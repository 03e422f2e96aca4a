// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { workerAddress } from '../addresses.js';
import { makePause, probeGraphics } from '../render/graphics-probe.js';
import { canvasSide } from '../render/benchmark-scene.js';
import { DeviceMemory, browserFacts, deviceStorage } from './device-facts.js';

export { quickFacts, rememberSpeed } from './device-facts.js';

/** What could not be measured in time may still be, for the next visit. */
const lateMilliseconds = 2000;
/** Of the budget: fences and timers may be late. */
const marginMilliseconds = 20;

/**
 * What this device can do, measured in a worker where the browser can draw in one, otherwise between the page's tasks.
 *
 * Resolves after at most `budgetMilliseconds` with fields of Hello: those of `browserFacts`, `webgl` { version, renderer,
 * vendor, isSoftware, multiDraw, maximumTextureSize } (null: the browser has no WebGL 2; missing: not known in time),
 * `speed` { trianglesPerSecond, pixelsPerSecond … } as far as it is known, and `isCached`: nothing had to be measured.
 * Rejects when `signal` is aborted, with its reason.
 *
 * @param {object} [options]
 * @param {Storage | null} [options.storage] where measurements are kept
 * @param {Navigator} [options.navigator]
 * @param {() => HTMLCanvasElement} [options.createCanvas] makes the canvas that is drawn to; without it there is a worker
 * @param {boolean} [options.isDrawing] this page draws with WebGL, which therefore need not be tried
 * @param {() => number} [options.now] milliseconds
 * @param {AbortSignal} [options.signal]
 * @param {number} [options.budgetMilliseconds]
 * @param {(facts: object) => void} [options.onLate] is given the facts again whenever more of them become known after that
 */
export async function probeDevice({
    storage = deviceStorage(), navigator = globalThis.navigator, createCanvas, isDrawing = false, signal,
    now = () => performance.now(), budgetMilliseconds = 250, onLate, devicePixelRatio = globalThis.devicePixelRatio ?? 1,
    today,
} = {}) {
    throwIfAborted(signal);
    const memory = new DeviceMemory({ storage, navigator, devicePixelRatio, today });
    const found = { webgl: undefined, speed: {} };
    const facts = () => factsOf(found, memory, browserFacts(navigator, devicePixelRatio));
    let isLate = false;
    const tell = (name, value) => {
        if (name === 'webgl') found.webgl = value;
        else Object.assign(found.speed, value);
        if (found.webgl) memory.remember(found);
        if (isLate) onLate?.(facts());
    };
    const task = { knownRenderers: memory.knownRenderers, budgetMilliseconds: budgetMilliseconds - marginMilliseconds };
    const end = new AbortController();
    const stop = () => end.abort();
    signal?.addEventListener('abort', stop);
    const probe = findGraphics(task, { createCanvas, isDrawing, now, tell, signal: end.signal })
        // What cannot be measured is not known.
        .catch((error) => console.warn(error))
        .then(() => signal?.removeEventListener('abort', stop));
    const isDone = await within(budgetMilliseconds, probe, end.signal);
    throwIfAborted(signal);
    isLate = !isDone;
    if (isLate) finishLate(probe, end);
    return facts();
}

/** Lets a probe that was not done in time go on for a while. */
async function finishLate(probe, end) {
    await within(lateMilliseconds, probe, end.signal);
    end.abort();
}

function factsOf({ webgl, speed }, memory, browser) {
    const isCached = Boolean(webgl) && Object.keys(speed).length === 0 && memory.knownRenderers.includes(webgl.renderer);
    const known = memory.speed(webgl === null ? null : webgl?.renderer);
    return { ...browser, ...(webgl === undefined ? {} : { webgl }), speed: { ...known, ...speed }, isCached };
}

/** Tells what there is; resolves when there is no more. */
async function findGraphics(task, { createCanvas, isDrawing, tell, ...options }) {
    if (!createCanvas) {
        // Browsers without WebGL may still have it in workers, where nothing is shown.
        if (!isDrawing && !hasGraphics()) return tell('webgl', null);
        if (await probeInWorker(task, { tell, ...options }) || options.signal.aborted) return undefined;
    }
    // Not every browser that has workers can draw in them.
    const { pause, close } = makePause();
    try {
        const canvas = createCanvas ? createCanvas() : document.createElement('canvas');
        Object.assign(canvas, { width: canvasSide, height: canvasSide });
        const isThere = await probeGraphics(canvas, {
            ...options, pause, deadline: options.now() + task.budgetMilliseconds, tell,
            isKnown: ({ renderer }) => task.knownRenderers.includes(renderer),
        });
        if (!isThere) tell('webgl', null);
    } finally {
        close();
    }
    return undefined;
}

/** Whether this page can draw. */
function hasGraphics() {
    if (!globalThis.WebGL2RenderingContext) return false;
    const gl = document.createElement('canvas').getContext('webgl2');
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
    return gl !== null;
}

/** Whether a worker could say what there is. */
function probeInWorker(task, { tell, signal }) {
    return new Promise((resolve) => {
        if (typeof Worker !== 'function' || typeof OffscreenCanvas !== 'function') return resolve(false);
        const worker = new Worker(workerAddress('paths/probe-worker.js'), { type: 'module' });
        const end = (hasAnswered) => {
            worker.terminate();
            resolve(hasAnswered);
        };
        worker.onmessage = ({ data: { name, value } }) => (name === 'end' ? end(value) : tell(name, value));
        worker.onerror = (event) => {
            event.preventDefault();
            end(false);
        };
        signal.addEventListener('abort', () => end(false));
        return worker.postMessage(task);
    });
}

/** Whether work is done after at most this long; false also when the signal is aborted. */
function within(milliseconds, work, signal) {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds, false);
        const settle = (isDone) => {
            clearTimeout(timer);
            resolve(isDone);
        };
        signal.addEventListener('abort', () => settle(false));
        work.then(() => settle(!signal.aborted));
    });
}

function throwIfAborted(signal) {
    if (signal?.aborted) throw signal.reason ?? new DOMException('The probe was cancelled.', 'AbortError');
}
