// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ServerError } from './server-error.js';
import { uploadProblem } from './upload-rules.js';

/**
 * Files on their way to becoming models. One is sent at a time; while the server imports it, the next is sent.
 *
 * `items` are { id, name, byteCount, state, fraction, phase, message, model, import, canRetry }, `state` being waiting, uploading, importing,
 * done, failed or cancelled. `onChange(item)` is called after every change, `onDone(item)` once per model.
 */
export class UploadQueue {
    #api;
    #onChange;
    #onDone;
    #wait;
    #files = new Map();
    #cancels = new Map();
    #nextId = 1;
    #isSending = false;
    items = [];
    /** Whether the server takes files from whoever has this page. */
    isOpen = true;
    /** Bytes the server takes at most. */
    byteLimit = Infinity;

    /** `wait(milliseconds, signal)` resolves then, or when the signal says so. */
    constructor(api, { onChange = () => {}, onDone = () => {}, wait = pause } = {}) {
        this.#api = api;
        this.#onChange = onChange;
        this.#onDone = onDone;
        this.#wait = wait;
    }

    /** Whether anything is waiting, being sent or imported. */
    get isBusy() {
        return this.items.some((item) => ['waiting', 'uploading', 'importing'].includes(item.state));
    }

    /** Adds files, in their order. */
    add(files) {
        for (const file of files) {
            const item = { id: this.#nextId, name: file.name, byteCount: file.size, state: 'waiting', fraction: 0, message: '' };
            this.#nextId += 1;
            this.#files.set(item.id, file);
            this.items.push(item);
            this.#onChange(item);
        }
        return this.#sendNext();
    }

    /** Whether an item can still be taken back. */
    canCancel(item) {
        return item.state === 'waiting' || item.state === 'uploading' || (item.state === 'importing' && Boolean(item.import));
    }

    /** Takes an item back. */
    cancel(item) {
        if (!this.canCancel(item)) return;
        const isImporting = item.state === 'importing';
        this.#files.delete(item.id);
        this.#update(item, { state: 'cancelled' });
        this.#cancels.get(item.id)?.abort();
        // If the server is gone, so is the import.
        if (isImporting) this.#api.cancelImport(item.import).catch(() => {});
    }

    /** Sends an item that failed again. */
    retry(item) {
        if (item.state !== 'failed' || !item.canRetry || !this.#files.has(item.id)) return undefined;
        this.#update(item, { state: 'waiting', fraction: 0, message: '' });
        return this.#sendNext();
    }

    /** Forgets an item that is over. */
    remove(item) {
        this.cancel(item);
        this.#files.delete(item.id);
        this.items = this.items.filter((other) => other !== item);
        this.#onChange(item);
    }

    async #sendNext() {
        const item = this.#isSending ? undefined : this.items.find((candidate) => candidate.state === 'waiting');
        if (!item) return;
        this.#isSending = true;
        const answer = await this.#send(item);
        this.#isSending = false;
        await Promise.all([answer ? this.#finish(item, answer) : null, this.#sendNext()]);
    }

    /** The server's answer, or undefined if the item is over. */
    async #send(item) {
        const file = this.#files.get(item.id);
        const cancel = new AbortController();
        this.#cancels.set(item.id, cancel);
        try {
            this.#update(item, { state: 'uploading', fraction: 0 });
            const problem = this.isOpen ? await uploadProblem(file, this.byteLimit) : 'This server takes no files from this page.';
            if (problem) throw new ServerError('refused', problem);
            if (item.state === 'cancelled') return undefined;
            return await this.#uploadPatiently(item, file, cancel.signal);
        } catch (error) {
            this.#fail(item, error);
            return undefined;
        } finally {
            this.#cancels.delete(item.id);
        }
    }

    /** A server that has no room says when to come back. */
    async #uploadPatiently(item, file, signal) {
        for (;;) {
            this.#update(item, { state: 'uploading', fraction: 0, message: '' });
            const onProgress = (fraction) => item.state === 'uploading' && this.#update(item, { fraction });
            try {
                return await this.#api.upload(file, { onProgress, signal });
            } catch (error) {
                if (!(error.retrySeconds > 0) || item.state === 'cancelled') throw error;
                this.#update(item, { state: 'waiting', fraction: 0, message: error.message });
                await this.#wait(1000 * error.retrySeconds, signal);
                if (item.state === 'cancelled') return undefined;
            }
        }
    }

    async #finish(item, answer) {
        if (item.state === 'cancelled') return;
        const cancel = new AbortController();
        this.#cancels.set(item.id, cancel);
        try {
            this.#update(item, { state: 'importing', fraction: 0, phase: '', import: answer.import });
            const follow = (progress) => this.#follow(item, progress);
            const model = answer.model ?? await this.#api.followImport(answer, follow, { signal: cancel.signal });
            if (item.state === 'cancelled') return;
            this.#files.delete(item.id);
            this.#update(item, { state: 'done', fraction: 1, model });
            this.#onDone(item);
        } catch (error) {
            this.#fail(item, error);
        } finally {
            this.#cancels.delete(item.id);
        }
    }

    #follow(item, { state, phase, fraction }) {
        if (item.state !== 'importing') return;
        // Where the server goes on, it goes on from here.
        if (state === 'away') this.#update(item, { phase: 'the server does not answer, waiting for it' });
        else this.#update(item, { phase: state === 'queued' ? 'waiting for the server' : phase, fraction: share(fraction) });
    }

    #fail(item, error) {
        if (item.state === 'cancelled' || error.code === 'cancelled') return;
        this.#update(item, { state: 'failed', message: error.message, canRetry: error.code !== 'refused' });
    }

    #update(item, change) {
        Object.assign(item, change);
        this.#onChange(item);
    }
}

const pause = (milliseconds, signal) => new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
    });
});
const share = (value) => (Number.isFinite(value) ? Math.min(Math.max(value, 0), 1) : 0);
