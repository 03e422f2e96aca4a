// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** The WebSocket address of a server's stream, without a query. */
export function streamAddress(server) {
    const url = new URL('api/v1/stream', server);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return url.href;
}
