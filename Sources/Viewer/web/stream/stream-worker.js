// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The stream worker: the engine with the browser's parts. Messages in: { call, values }, methods of StreamEngine, the
// first one `start` with the options. Messages out: { name, event }.

import { DecodePool, poolSize } from '../decode/decode-pool.js';
import { ChunkStore } from './chunk-store.js';
import { Core } from './core.js';
import { StreamEngine } from './stream-engine.js';

const emit = (name, event, transfers) => self.postMessage({ name, event }, transfers);
const fail = (code, message) => emit('status', { state: 'failed', code, message, retrySeconds: 0 }, []);

const createWorker = () => new Worker(new URL('../decode/decode-worker.js', import.meta.url), { type: 'module' });

/** Loads the Draco decoder while the connection is made; plain chunks do not wait for it. */
async function loadDraco(pool) {
    const url = new URL('../draco_decoder.wasm', import.meta.url);
    try {
        const response = await fetch(url);
        if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
        pool.setDraco(await WebAssembly.compile(await response.arrayBuffer()));
    } catch (error) {
        pool.failDraco(`${url.pathname}: ${error.message}`);
    }
}

async function start(options) {
    const pool = new DecodePool({ createWorker, size: poolSize(navigator.hardwareConcurrency) });
    loadDraco(pool);
    const storing = options.store === false ? new ChunkStore({ database: null }) : ChunkStore.open();
    const core = await Core.load(new URL('../core.wasm', import.meta.url));
    const engine = new StreamEngine(options, { core, pool, store: await storing, emit });
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
