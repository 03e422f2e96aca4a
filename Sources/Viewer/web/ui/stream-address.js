// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** The WebSocket address of a server's stream, without a query. */
export function streamAddress(server) {
    const url = new URL('api/v1/stream', server);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return url.href;
}

/** What a server may know of this device, for Hello. */
export function deviceFacts() {
    return {
        client: 'vantage-viewer',
        memoryGiB: navigator.deviceMemory,
        cores: navigator.hardwareConcurrency,
        devicePixelRatio: globalThis.devicePixelRatio,
    };
}
