// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// StreamEngine with the browser's parts, for a worker. What has to be loaded for it is loaded once, and may be loaded
// before it is needed.

import { fileAddress, workerAddress } from '../addresses.js';
import { DecodePool, poolSize } from '../decode/decode-pool.js';
import { ChunkStore } from './chunk-store.js';
import { Core } from './core.js';
import { fetchPersistently } from './persistent-fetch.js';
import { StreamEngine } from './stream-engine.js';

const dracoURL = fileAddress('draco_decoder.wasm');
const coreURL = fileAddress('core.wasm');

let loading = null;

/** Loads the core and the Draco decoder. */
export function preload() {
    if (loading === null) {
        loading = { core: Core.load(coreURL), draco: compileDraco() };
        // Both are awaited later; until then a failure is nobody's.
        for (const promise of Object.values(loading)) promise.catch(() => {});
    }
    return loading;
}

/**
 * The engine, not yet started.
 *
 * @param {object} options StreamEngine's
 * @param {object} parts `emit`, and `connect` where the connection is shared
 * @throws {Error} where the core cannot be loaded
 */
export async function makeChunkEngine(options, parts) {
    const { core, draco } = preload();
    loading = null;
    const pool = new DecodePool({ createWorker, size: poolSize(navigator.hardwareConcurrency) });
    // Plain chunks do not wait for it.
    draco.then((module) => pool.setDraco(module), ({ message }) => pool.failDraco(`${dracoURL.pathname}: ${message}`));
    const storing = options.store === false ? new ChunkStore({ database: null }) : ChunkStore.open();
    try {
        return new StreamEngine(options, { core: await core, pool, store: await storing, ...parts });
    } catch (error) {
        pool.close();
        throw error;
    }
}

const createWorker = () => new Worker(workerAddress('decode/decode-worker.js'), { type: 'module' });

/** Chunks wait for it; the first picture does not, so a connection that breaks meanwhile must not end it. */
async function compileDraco() {
    return WebAssembly.compile(await fetchPersistently(dracoURL));
}
