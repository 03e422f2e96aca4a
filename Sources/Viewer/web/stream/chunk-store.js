// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ChunkDatabase } from './chunk-database.js';
import { realClock } from './connection.js';

const defaults = { byteLimit: 512 << 20, pendingByteLimit: 32 << 20 };
const batchByteCount = 1 << 20;
const batchMilliseconds = 500;

/** FNV-1a of 32 bits: tells a damaged record, not an attack. */
function checkOf(bytes) {
    let hash = 0x811c9dc5;
    for (let at = 0; at < bytes.length; at += 1) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    return hash >>> 0;
}

/**
 * Keeps received chunks for later visits, by content hash, within a limit of bytes over all models.
 *
 * Writes come in batches, some time after `put`; until then `get` answers from memory. When the limit is reached, whole
 * models go first, the least recently used one first; then, of the model shown, what this visit did not use, finest
 * first, and then what it used longest ago. Without a database (a private window, a full disk) nothing is kept and
 * everything else works. A record that is missing or damaged is as one that never was. One thread.
 */
export class ChunkStore {
    #database;
    #clock;
    #byteLimit;
    #pendingByteLimit;
    #contentHash = null;
    #modelKey = '';
    #loading = Promise.resolve();
    #contents = new Map();  // the other models' records
    #sizes = new Map();     // of the chunks in the database, the least recently used first
    #byteCount = 0;
    #used = new Set();
    #pending = new Map();
    #pendingByteCount = 0;
    #writing = null;
    #timer = null;

    /**
     * @param {object} options
     * @param {ChunkDatabase|null} options.database
     * @param {object} [options.clock]
     * @param {number} [options.byteLimit] over all models
     * @param {number} [options.pendingByteLimit] of what waits to be written; more is not kept
     */
    constructor({ database, clock = realClock, ...limits }) {
        this.#database = database;
        this.#clock = clock;
        const { byteLimit, pendingByteLimit } = { ...defaults, ...limits };
        this.#byteLimit = byteLimit;
        this.#pendingByteLimit = pendingByteLimit;
    }

    /** Opens the browser's database; without one the store keeps nothing. */
    static async open({ factory = globalThis.indexedDB, ...options } = {}) {
        let database = null;
        try {
            if (factory) database = await ChunkDatabase.open(factory);
        } catch {
            // A private window or a policy: the model is shown all the same.
        }
        return new ChunkStore({ database, ...options });
    }

    /** The current content, or null. */
    get contentHash() { return this.#contentHash; }

    /** Bytes of the current model's chunks in the database. */
    get byteCount() { return this.#byteCount; }

    get chunkCount() { return this.#sizes.size; }

    /** The current model's chunks that can be read. */
    get chunks() { return this.#sizes.keys(); }

    has(chunk) { return this.#sizes.has(chunk) || this.#pending.has(chunk); }

    /** The content that was last shown under this key, or null. */
    async lastContent(modelKey) {
        await this.#attempt(async () => {
            const contents = await this.#database.contents();
            this.#contents = new Map(contents.map((content) => [content.contentHash, content]));
        });
        const known = [...this.#contents.values()].filter((content) => content.modelKey === modelKey);
        const last = known.reduce((best, content) => (best?.usedAt > content.usedAt ? best : content), null);
        return last?.contentHash ?? null;
    }

    /** Makes a content the current one; finishes when it is known which of its chunks are there. */
    use(contentHash, modelKey) {
        if (contentHash !== this.#contentHash) this.#loading = this.#load(contentHash, modelKey);
        return this.#loading;
    }

    async #load(contentHash, modelKey) {
        this.#contentHash = contentHash;
        this.#modelKey = modelKey;
        this.#sizes = new Map();
        this.#byteCount = 0;
        this.#used.clear();
        this.#dropPending();
        const chunks = await this.#attempt(() => this.#database.chunks(contentHash)) ?? [];
        if (this.#contentHash !== contentHash) return;
        // Finest first: coarse nodes are wanted at every visit.
        for (const [chunk, byteCount] of chunks.sort(([a], [b]) => b - a)) this.#remember(chunk, byteCount);
        this.#contents.delete(contentHash);
        this.#schedule(batchMilliseconds);
    }

    #remember(chunk, byteCount) {
        this.#byteCount += byteCount - (this.#sizes.get(chunk) ?? 0);
        this.#sizes.delete(chunk);
        this.#sizes.set(chunk, byteCount);
    }

    #forget(chunk) {
        this.#byteCount -= this.#sizes.get(chunk) ?? 0;
        this.#sizes.delete(chunk);
    }

    /** Keeps a chunk's bytes, which must not change any more; not at once, and not if there is too much to write. */
    put(chunk, kind, bytes) {
        if (this.#database === null || this.#contentHash === null) return;
        if (this.has(chunk) || this.#pendingByteCount + bytes.length > this.#pendingByteLimit) return;
        this.#pending.set(chunk, { kind, bytes });
        this.#pendingByteCount += bytes.length;
        this.#schedule(this.#pendingByteCount >= batchByteCount ? 0 : batchMilliseconds);
    }

    /**
     * @returns {Promise<{kind: number, bytes: Uint8Array}|null>} null: missing or damaged
     */
    async get(chunk) {
        const pending = this.#pending.get(chunk);
        if (pending) return pending;
        const [contentHash, byteCount] = [this.#contentHash, this.#sizes.get(chunk)];
        if (byteCount === undefined) return null;
        const record = await this.#attempt(() => this.#database.read(contentHash, chunk, byteCount));
        if (this.#contentHash !== contentHash) return null;
        const isIntact = record?.bytes instanceof Uint8Array && record.bytes.length === byteCount
            && record.check === checkOf(record.bytes);
        if (!isIntact) {
            this.#forget(chunk);
            return null;
        }
        this.#used.add(chunk);
        if (this.#sizes.has(chunk)) this.#remember(chunk, byteCount);
        return { kind: record.kind, bytes: record.bytes };
    }

    /** Forgets a chunk whose bytes turned out to be of no use. */
    remove(chunk) {
        const byteCount = this.#sizes.get(chunk);
        this.#takePending(chunk);
        if (byteCount === undefined) return;
        this.#forget(chunk);
        this.#attempt(() => this.#database.write(this.#record(), [], [[chunk, byteCount]]));
    }

    /** Writes what waits; finishes when it is in the database. */
    async flush() {
        while (this.#pending.size > 0 && this.#database !== null) await this.#write();
        await this.#writing;
    }

    async close() {
        await this.flush();
        this.#database?.close();
        this.#database = null;
    }

    #schedule(delay) {
        if (this.#database === null) return;
        if (this.#timer !== null && delay > 0) return;
        this.#clock.clearTimeout(this.#timer);
        this.#timer = this.#clock.setTimeout(() => {
            this.#timer = null;
            this.#write();
        }, delay);
    }

    #write() {
        this.#writing ??= this.#writeBatch().finally(() => {
            this.#writing = null;
            if (this.#pending.size > 0) this.#schedule(0);
        });
        return this.#writing;
    }

    async #writeBatch() {
        const contentHash = this.#contentHash;
        const batch = [...this.#pending];
        const added = batch.map(([chunk, { kind, bytes }]) => (
            [chunk, bytes.length, { kind, bytes, check: checkOf(bytes) }]));
        const size = added.reduce((sum, [, byteCount]) => sum + byteCount, 0);
        await this.#attempt(async () => {
            const removed = await this.#makeRoom(size);
            if (removed === null || this.#contentHash !== contentHash) return;
            const record = { ...this.#record(), byteCount: this.#byteCount + size };
            await this.#database.write(record, added, removed);
            if (this.#contentHash !== contentHash) return;
            for (const [chunk, byteCount] of added) {
                this.#remember(chunk, byteCount);
                this.#used.add(chunk);
            }
        });
        if (this.#contentHash !== contentHash) return;
        for (const [chunk] of batch) this.#takePending(chunk);
    }

    #record() {
        return {
            contentHash: this.#contentHash, modelKey: this.#modelKey, byteCount: this.#byteCount, usedAt: Date.now(),
        };
    }

    /** Removes other models, then picks chunks of this one to remove; null if `size` does not fit at all. */
    async #makeRoom(size) {
        const others = [...this.#contents.values()].sort((a, b) => a.usedAt - b.usedAt);
        let total = others.reduce((sum, { byteCount }) => sum + byteCount, this.#byteCount) + size;
        for (const { contentHash, byteCount } of others) {
            if (total <= this.#byteLimit) break;
            await this.#database.removeContent(contentHash);
            this.#contents.delete(contentHash);
            total -= byteCount;
        }
        if (size > this.#byteLimit) return null;
        const removed = [];
        if (total <= this.#byteLimit) return removed;
        for (const isUsed of [false, true]) {
            for (const [chunk, byteCount] of [...this.#sizes]) {
                if (total <= this.#byteLimit) break;
                if (this.#used.has(chunk) !== isUsed) continue;
                this.#forget(chunk);
                removed.push([chunk, byteCount]);
                total -= byteCount;
            }
        }
        return removed;
    }

    #takePending(chunk) {
        this.#pendingByteCount -= this.#pending.get(chunk)?.bytes.length ?? 0;
        this.#pending.delete(chunk);
    }

    #dropPending() {
        this.#pending.clear();
        this.#pendingByteCount = 0;
    }

    /** Runs a database operation; undefined if it fails. After a full disk less is kept from then on. */
    async #attempt(operation) {
        if (this.#database === null) return undefined;
        try {
            return await operation();
        } catch (error) {
            if (error?.name === 'QuotaExceededError') this.#byteLimit = Math.floor(this.#byteCount * 0.8);
            else if (error?.name === 'InvalidStateError') this.#database = null;  // closed by the browser
            return undefined;
        }
    }
}
