// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * What a request failed with. `code` is the server's word for it ('modelNotFound'), 'unreachable' if no answer came,
 * 'cancelled' if the caller ended it, or 'failed'; `status` is the HTTP status or 0; `retrySeconds` is when the server wants
 * to be asked again, or 0.
 */
export class ServerError extends Error {
    constructor(code, message, status = 0, retrySeconds = 0) {
        super(message);
        this.name = 'ServerError';
        this.code = code;
        this.status = status;
        this.retrySeconds = retrySeconds;
    }
}

/** The error of an answer: its status, its JSON or null, and its Retry-After header or null. */
export function errorOfAnswer(status, body, retryAfter) {
    const { code, message } = body?.error ?? {};
    const retrySeconds = Math.min(Number(retryAfter) || 0, 3600);
    if (status === 401 || status === 403) return new ServerError('tokenRequired', message ?? 'A token is required.', status);
    const isAway = status === 0 || status >= 502;
    const fallback = isAway ? 'The server does not answer.' : `The server answered ${status}.`;
    return new ServerError(code ?? (isAway ? 'unreachable' : 'failed'), message ?? fallback, status, retrySeconds);
}
