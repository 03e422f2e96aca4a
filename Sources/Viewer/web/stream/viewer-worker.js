// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The worker of a negotiated path: SharedEngine with the browser's parts. Messages in: { call, values }, methods of
// SharedEngine, the first one `start` with the options, and `preloadChunks`. Messages out: { part, name, event }.

import { SharedEngine } from './shared-engine.js';

const emit = (part, name, event, transfers) => self.postMessage({ part, name, event }, transfers);

// Pictures of the server do not wait for what they do not need.
const loadChunks = () => import('./chunk-engine.js');

let engine = null;

self.onmessage = ({ data: { call, values } }) => {
    if (call === 'start') {
        engine = new SharedEngine(values[0], {
            emit, makeChunks: async (...parts) => (await loadChunks()).makeChunkEngine(...parts),
        });
        engine.start();
    } else if (call === 'preloadChunks') {
        loadChunks().then(({ preload }) => preload(), () => {});
    } else {
        const done = engine[call](...values);
        if (call === 'close') done.finally(() => self.close());
    }
};

self.onunhandledrejection = (event) => {
    emit('path', 'notice', { code: 'workerError', message: String(event.reason?.message ?? event.reason) }, []);
};
