// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { errorIn, secondsOf } from '../stream/refusal-question.js';
import { decodePicture } from './image-decoding.js';

/** More pixels than this are not asked for: a picture in one piece is slow enough. */
const mostPixels = 4e6;
/** Of the sides of a picture that a newer one replaces at once. */
const movingShare = 0.5;
const qualities = { moving: 60, resting: 90 };
/** Of a server, or a proxy in front of it, that may answer otherwise in a moment. */
const passingStatuses = [429, 500, 502, 503, 504];
/** FrameCodec of what is asked for. */
const jpeg = 0;

/** There is no picture: `retrySeconds` says when to come back, `isRefusal` that coming back soon does not help. */
export class StillError extends Error {
    name = 'StillError';
    retrySeconds = 0;
    isRefusal = false;
}

/**
 * A model's facts and single pictures by HTTP.
 *
 * `server` is the base URL, `target` { model, session, token } what is shown.
 */
export class StillSource {
    #server;
    #target;
    #fetch;
    #decode;

    /** `parts` are what tests replace: `fetch`, `decode`. */
    constructor(server, target, { fetch = globalThis.fetch.bind(globalThis), decode = decodePicture } = {}) {
        this.#server = server;
        this.#target = target;
        this.#fetch = fetch;
        this.#decode = decode;
    }

    /**
     * { id, name, minimum, maximum, … } of the model.
     *
     * @throws {StillError}
     */
    async facts(signal) {
        const { model, session } = this.#target;
        const id = model ?? (await this.#json(`api/v1/sessions/${encodeURIComponent(session)}`, signal)).model;
        this.#target = { ...this.#target, model: id };
        return this.#json(`api/v1/models/${encodeURIComponent(id)}`, signal);
    }

    /**
     * A picture of { view, code, isMoving, background }: `code` is the camera as in an address, `background` light or dark.
     *
     * @returns {Promise<ImageBitmap | HTMLImageElement>}
     * @throws {StillError}
     */
    async picture({ view, code, isMoving, background }, signal) {
        const { width, height } = stillSize(view, isMoving);
        const query = new URLSearchParams({
            model: this.#target.model, camera: code, width, height, background, format: 'jpeg',
            quality: isMoving ? qualities.moving : qualities.resting,
        });
        const response = await this.#get(`api/v1/render?${query}`, signal);
        return this.#decode(new Uint8Array(await response.arrayBuffer()), jpeg);
    }

    async #json(path, signal) {
        return (await this.#get(path, signal)).json();
    }

    async #get(path, signal) {
        const { token } = this.#target;
        const headers = token ? { Authorization: `Bearer ${token}` } : {};
        const address = new URL(path, this.#server).href;
        const response = await this.#fetch(address, { headers, signal, cache: 'no-cache' }).catch(() => {
            throw new StillError('The server does not answer.');
        });
        if (response.ok) return response;
        throw await errorOf(response);
    }
}

/** Size of the picture of a view, in pixels: that of the view, or less. */
export function stillSize({ width, height }, isMoving) {
    const share = (isMoving ? movingShare : 1) * Math.min(1, Math.sqrt(mostPixels / (width * height)));
    return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

async function errorOf(response) {
    const { code = '', message } = errorIn(await response.text().catch(() => '')) ?? {};
    const error = new StillError(message || `The server answered ${response.status}.`);
    error.retrySeconds = secondsOf(response.headers.get('retry-after'));
    error.isRefusal = code === 'noRenderer' || !passingStatuses.includes(response.status);
    return error;
}
