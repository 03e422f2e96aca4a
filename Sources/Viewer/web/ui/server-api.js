// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { formatShare } from './format.js';
import { followImportEvents } from './import-events.js';
import { errorOfAnswer, ServerError } from './server-error.js';

/** The server's REST interface. `base` is the URL that `api/v1/…` is relative to; `token()` gives the access token or null. */
export class ServerAPI {
    #base;
    #token;

    constructor(base, token = () => null) {
        this.#base = base;
        this.#token = token;
    }

    /** { models, canUpload, uploadByteLimit } */
    models() {
        return this.#get('api/v1/models');
    }

    /** One model's facts. */
    model(id) {
        return this.#get(`api/v1/models/${encodeURIComponent(id)}`);
    }

    /** A model's tree: { names, parents, properties }. */
    tree(id) {
        return this.#get(`api/v1/models/${encodeURIComponent(id)}/tree`);
    }

    /**
     * How the server decided who draws for a viewer (Welcome's `viewer`), see Path: { path, target, wish, reason, code,
     * allowed, policy, costs, inputs, decisions }.
     */
    viewerPath(viewer) {
        return this.#get(`api/v1/viewers/${encodeURIComponent(viewer)}/path`);
    }

    /** Where a picture or stream of the server is, for elements that cannot send headers. */
    url(path) {
        const url = new URL(path, this.#base);
        const token = this.#token();
        if (token) url.searchParams.set('token', token);
        return url.href;
    }

    /**
     * Sends a file. Resolves to { model } (the server has it already) or { import, events }; rejects with a ServerError.
     * `onProgress(share)` is told 0 … 1; `signal` cancels.
     */
    upload(file, { onProgress, signal } = {}) {
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest();
            let share = 0;
            request.open('POST', this.#address(`api/v1/models?name=${encodeURIComponent(file.name)}`));
            for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
            request.upload.onprogress = ({ loaded, total }) => {
                share = total ? loaded / total : 0;
                onProgress?.(share);
            };
            request.onload = () => settle(request, resolve, reject);
            request.onerror = () => this.#brokenUpload(share).then(reject);
            request.onabort = () => reject(new ServerError('cancelled', 'Cancelled.'));
            signal?.addEventListener('abort', () => request.abort());
            request.send(file);
        });
    }

    /** Follows an import until it is done, see followImportEvents; resolves to the model's id. */
    followImport({ import: id, events }, onProgress, { signal } = {}) {
        const path = `api/v1/imports/${encodeURIComponent(id)}`;
        return followImportEvents({
            open: () => new EventSource(this.url(events ?? `${path}/events`)), ask: () => this.#get(path),
            wait: (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); }),
        }, onProgress, signal);
    }

    /** Ends an import; it then fails for whoever follows it. */
    async cancelImport(id) {
        const address = this.#address(`api/v1/imports/${encodeURIComponent(id)}`);
        await fetch(address, { method: 'DELETE', headers: this.#headers() });
    }

    /** Browsers do not say why they could not send all of a file; whether the server still answers tells half of it. */
    async #brokenUpload(share) {
        const isThere = await this.models().then(() => true, () => false);
        const where = `The connection broke off when ${formatShare(share)} was sent.`;
        return isThere
            ? new ServerError('brokenOff', `${where} The server still answers: it, or a proxy before it, found the file too `
                + 'large or too slow in coming. Send it again, or import it on the server: vantage import FILE')
            : new ServerError('unreachable', `${where} The server does not answer. Send the file again when it does.`);
    }

    async #get(path) {
        let response;
        try {
            response = await fetch(this.#address(path), { headers: this.#headers(), cache: 'no-cache' });
        } catch {
            throw new ServerError('unreachable', 'The server does not answer.');
        }
        const body = parsed(await response.text().catch(() => ''));
        if (response.ok && body) return body;
        throw errorOfAnswer(response.status, body, response.headers.get('retry-after'));
    }

    #address(path) {
        return new URL(path, this.#base).href;
    }

    #headers() {
        const token = this.#token();
        return token ? { Authorization: `Bearer ${token}` } : {};
    }
}

const tooLargeForProxy = 'Something between this page and the server, most likely a proxy, takes no file of this size. '
    + 'Whoever runs it can allow more.';

function settle(request, resolve, reject) {
    const body = parsed(request.responseText);
    if (request.status >= 200 && request.status < 300 && body) resolve(body);
    else if (request.status === 413 && body === null) reject(new ServerError('refused', tooLargeForProxy, 413));
    else reject(errorOfAnswer(request.status, body, request.getResponseHeader('retry-after')));
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}
