// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * What a request failed with. `code` is the server's word for it ('modelNotFound'), 'unreachable' if no answer came,
 * 'cancelled' if the caller ended it, or 'failed'; `status` is the HTTP status or 0.
 */
export class ServerError extends Error {
    constructor(code, message, status = 0) {
        super(message);
        this.name = 'ServerError';
        this.code = code;
        this.status = status;
    }
}

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
            request.open('POST', this.#address(`api/v1/models?name=${encodeURIComponent(file.name)}`));
            for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
            request.upload.onprogress = (event) => onProgress?.(event.total ? event.loaded / event.total : 0);
            request.onload = () => settle(request, resolve, reject);
            request.onerror = () => reject(new ServerError('unreachable', 'The connection was lost while sending.'));
            request.onabort = () => reject(new ServerError('cancelled', 'Cancelled.'));
            signal?.addEventListener('abort', () => request.abort());
            request.send(file);
        });
    }

    /**
     * Follows an import until it is done. `onProgress` is given { state, phase, fraction }; resolves to the model's id.
     * The browser connects again by itself; only an import that failed or is unknown rejects.
     */
    followImport({ import: id, events }, onProgress) {
        return new Promise((resolve, reject) => {
            const source = new EventSource(this.url(events ?? `api/v1/imports/${encodeURIComponent(id)}/events`));
            const end = (action, value) => {
                source.close();
                action(value);
            };
            source.onmessage = (event) => {
                const progress = parsed(event.data) ?? {};
                if (progress.state === 'done') end(resolve, progress.model);
                else if (progress.state === 'failed') end(reject, importError(progress.error));
                else onProgress(progress);
            };
            source.onerror = () => {
                if (source.readyState !== EventSource.CLOSED) return;
                end(reject, new ServerError('unreachable', 'The server no longer answers. The import may still go on.'));
            };
        });
    }

    /** Ends an import; it then fails for whoever follows it. */
    async cancelImport(id) {
        const address = this.#address(`api/v1/imports/${encodeURIComponent(id)}`);
        await fetch(address, { method: 'DELETE', headers: this.#headers() });
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
        throw errorOf(response.status, body);
    }

    #address(path) {
        return new URL(path, this.#base).href;
    }

    #headers() {
        const token = this.#token();
        return token ? { Authorization: `Bearer ${token}` } : {};
    }
}

function settle(request, resolve, reject) {
    const body = parsed(request.responseText);
    if (request.status >= 200 && request.status < 300 && body) resolve(body);
    else reject(errorOf(request.status, body));
}

function errorOf(status, body) {
    const { code, message } = body?.error ?? {};
    if (status === 401 || status === 403) return new ServerError('tokenRequired', message ?? 'A token is required.', status);
    const fallback = status === 0 || status >= 502 ? 'The server does not answer.' : `The server answered ${status}.`;
    return new ServerError(code ?? (status >= 502 ? 'unreachable' : 'failed'), message ?? fallback, status);
}

function importError(error) {
    const message = typeof error === 'string' ? error : error?.message;
    return new ServerError(error?.code ?? 'importFailed', message ?? 'The file could not be imported.');
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}
