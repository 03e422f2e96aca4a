// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Browsers do not tell pages why a WebSocket could not be opened. A plain GET of the same address is answered with the
// error that the handshake met, or with 426 where it would have been welcome.

/** An answer that takes longer says nothing about the attempt before. */
const answerMilliseconds = 8000;
/** What proxies answer while the server behind them is away. */
const gatewayStatuses = [502, 503, 504];
/** The code of the answer to whom a WebSocket would have been opened. */
const welcomeCode = 'upgradeRequired';

/**
 * Asks why there is no WebSocket at an address. Never rejects. Resolves to
 * - { kind: 'away' }: nobody answers, or a proxy says that the server is away;
 * - { kind: 'welcome' }: the server is there and would have opened it;
 * - { kind: 'refused', code, message, retrySeconds }: the server's word and sentence; 0 seconds: it does not say when;
 * - { kind: 'foreign', status }: somebody answered who is not the server.
 *
 * @param {string} url of the WebSocket, with its query
 * @param {AbortSignal} signal ends the question
 * @param {object} [parts] what tests replace: `fetch`, `origin` of the page
 */
export async function askForRefusal(url, signal, {
    fetch: load = globalThis.fetch, origin = globalThis.location?.origin,
} = {}) {
    const cancel = new AbortController();
    const end = () => cancel.abort();
    const timer = setTimeout(end, answerMilliseconds);
    signal.addEventListener('abort', end);
    try {
        const response = await load(questionAddress(url, origin), { cache: 'no-store', signal: cancel.signal });
        return understood(response, await response.text());
    } catch {
        return await readsNothing(url, origin, load, cancel.signal) ? notForPages(origin) : { kind: 'away' };
    } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
    }
}

/** The page's origin goes along: a browser sends it with the handshake, and not with a GET to where the page came from. */
function questionAddress(url, origin) {
    const address = new URL(url);
    address.protocol = address.protocol === 'wss:' ? 'https:' : 'http:';
    if (origin) address.searchParams.set('origin', origin);
    return address.href;
}

/** Whether a server of another origin than the page's answers, but not to this page: browsers then say no more than that. */
async function readsNothing(url, origin, load, signal) {
    const address = questionAddress(url, origin);
    if (!origin || signal.aborted || new URL(address).origin === origin) return false;
    return load(address, { cache: 'no-store', mode: 'no-cors', signal }).then(() => true, () => false);
}

const notForPages = (origin) => ({
    kind: 'refused', code: 'originRefused', retrySeconds: 0,
    message: `The server answers, but not to pages of ${origin}. Add that to access.allowedOrigins in its configuration.`,
});

function understood({ status, headers }, text) {
    const error = errorIn(text);
    if (error === null) return { kind: gatewayStatuses.includes(status) ? 'away' : 'foreign', status };
    const { code, message = '' } = error;
    if (code === welcomeCode) return { kind: 'welcome' };
    return { kind: 'refused', code, message: String(message), retrySeconds: secondsOf(headers.get('retry-after')) };
}

/** The server's { code, message }, or null: the answer is somebody else's. */
export function errorIn(text) {
    try {
        const { error } = JSON.parse(text);
        return typeof error?.code === 'string' ? error : null;
    } catch {
        return null;
    }
}

/** Seconds of a Retry-After header; 0 where there is none. */
export function secondsOf(text) {
    const seconds = Number(text);
    return seconds > 0 ? Math.min(seconds, 3600) : 0;
}
