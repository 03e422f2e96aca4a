// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ServerError } from './server-error.js';

const milliseconds = { firstRetry: 500, lastRetry: 8000 };

/**
 * Follows an import to its end, also over a server that is restarted: browsers give up a stream of events when they are
 * answered anything but one, as a proxy does while the server behind it is away.
 *
 * @param {object} parts
 * @param {() => EventSource} parts.open
 * @param {() => Promise<object>} parts.ask the import's status, or a rejection with a ServerError
 * @param {(milliseconds: number) => Promise<void>} parts.wait
 * @param {(progress: object) => void} onProgress { state, phase, fraction }; the state 'away' means that nobody answers
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} the model's id
 * @throws {ServerError} the import failed, the server does not know it, or 'cancelled'
 */
export async function followImportEvents({ open, ask, wait }, onProgress, signal) {
    for (let attempt = 0; ; attempt += 1) {
        const end = await untilClosed(open(), (progress) => {
            attempt = 0;
            onProgress(progress);
        }, signal) ?? await askedEnd(ask);
        if (end) return modelOf(end);
        if (signal?.aborted) throw new ServerError('cancelled', 'Cancelled.');
        onProgress({ state: 'away' });
        await wait(Math.min(milliseconds.lastRetry, milliseconds.firstRetry * 2 ** Math.min(attempt, 10)));
    }
}

/** The status that ends the import, or null when the browser has given up the stream. */
function untilClosed(source, onProgress, signal) {
    return new Promise((resolve) => {
        const end = (status) => {
            source.close();
            signal?.removeEventListener('abort', cancel);
            resolve(status);
        };
        const cancel = () => end(null);
        signal?.addEventListener('abort', cancel);
        source.onmessage = ({ data }) => {
            const status = parsed(data);
            if (isEnd(status)) end(status);
            else onProgress(status);
        };
        source.onerror = () => {
            // Otherwise the browser connects again by itself.
            if (source.readyState === 2) end(null);
            else onProgress({ state: 'away' });
        };
    });
}

/** The same by asking once: null while it goes on, or while nobody answers. */
async function askedEnd(ask) {
    try {
        const status = await ask();
        return isEnd(status) ? status : null;
    } catch (error) {
        const isPassing = error.code === 'unreachable' || error.retrySeconds > 0 || error.status >= 500;
        if (isPassing) return null;
        throw error;
    }
}

const isEnd = ({ state }) => state === 'done' || state === 'failed';

function modelOf({ state, model, error }) {
    if (state === 'done') return model;
    const message = typeof error === 'string' ? error : error?.message;
    throw new ServerError(error?.code ?? 'importFailed', message ?? 'The file could not be imported.');
}

function parsed(text) {
    try {
        return JSON.parse(text) ?? {};
    } catch {
        return {};
    }
}
