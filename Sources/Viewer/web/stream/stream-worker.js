// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The stream worker: the engine with the browser's parts. Messages in: { call, values }, methods of StreamEngine, the
// first one `start` with the options. Messages out: { name, event }.

import { makeChunkEngine } from './chunk-engine.js';

const emit = (name, event, transfers) => self.postMessage({ name, event }, transfers);
const fail = (code, message) => emit('status', { state: 'failed', code, message, retrySeconds: 0 }, []);

async function start(options) {
    const engine = await makeChunkEngine(options, { emit });
    await engine.start();
    return engine;
}

let engine = null;

// Calls that come while the core is being loaded wait in their order.
self.onmessage = ({ data: { call, values } }) => {
    if (call === 'start') {
        engine = start(...values).catch((error) => {
            fail('wasm', `The viewer could not start: ${error.message}`);
            return null;
        });
        return;
    }
    const called = engine?.then((running) => running?.[call](...values));
    if (call === 'close') called.finally(() => self.close());
};

self.onunhandledrejection = (event) => {
    emit('notice', { code: 'workerError', message: String(event.reason?.message ?? event.reason) }, []);
};
