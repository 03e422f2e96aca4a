// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ChunkError } from '../decode/chunk-error.js';
import { ChunkKind } from '../decode/chunk-decoder.js';
import { CoreError } from './core.js';
import { ResidentSet } from './resident-set.js';
import { TextureSet } from './texture-set.js';

const copyByteLimit = 128 << 20;
const waitingUploadByteLimit = 64 << 20;
const textureShare = 0.5;  // of the GPU byte limit
const Priority = { sector: 0, other: 1 };

/**
 * The way of a chunk: arrival or recall, decoding, upload, the core; and back, by eviction.
 *
 * Handlers: `emit(name, event, transfers)` for the page; `changed()` when a selection would find something new;
 * `evicted(chunk)` and `lost(chunk)` for the server. One thread.
 */
export class ChunkIntake {
    #core;
    #pool;
    #store;
    #meter;
    #handlers;
    #resident = new ResidentSet(copyByteLimit);
    #textures = new TextureSet();
    #limits = { gpuByteCount: 0, triangleCount: 0 };
    #recallingCount = 0;
    #generation = 0;
    #isUnavailableTold = false;

    constructor({ core, pool, store, meter, ...handlers }) {
        this.#core = core;
        this.#pool = pool;
        this.#store = store;
        this.#meter = meter;
        this.#handlers = handlers;
    }

    get resident() { return this.#resident; }

    /** Bytes on the GPU, or on their way to it. */
    get gpuByteCount() {
        return this.#resident.gpuByteCount + this.#resident.pendingByteCount + this.#textures.byteCount;
    }

    get textureByteCount() { return this.#textures.byteCount; }

    /** Whether everything that has arrived is on the GPU. */
    get isIdle() {
        return this.#recallingCount === 0 && this.#pool.queuedCount === 0 && this.#resident.pendingByteCount === 0;
    }

    setLimits(limits) {
        this.#limits = limits;
        this.#fitTextures();
    }

    /** A chunk has arrived. Its bytes must not change any more. */
    receive(chunk, kind, bytes) {
        if (this.#resident.get(chunk)) return;
        this.#decode(this.#resident.add(chunk, kind, bytes, false));
    }

    /**
     * The server asks to use the stored copy.
     *
     * @param {Promise<void>} ready finishes when the store knows the content
     */
    async recall(chunk, ready) {
        if (this.#resident.get(chunk)) return;
        const generation = this.#generation;
        this.#recallingCount += 1;
        await ready;
        const record = await this.#store.get(chunk);
        this.#recallingCount -= 1;
        if (generation !== this.#generation || this.#resident.get(chunk)) return;
        this.#meter.measure(() => {
            if (record === null) this.#handlers.lost(chunk);
            else this.#decode(this.#resident.add(chunk, record.kind, record.bytes, true));
        });
    }

    /** Meshes are on the GPU: the core may draw them. */
    uploaded(nodes) {
        for (const node of nodes) {
            const record = this.#resident.uploaded(node);
            if (record === null) continue;
            try {
                this.#core.addNode(record.header, record.chunk, record.gpuByteCount);
            } catch (error) {
                this.#refuse(this.#resident.get(record.chunk), error);
            }
        }
        this.#regulate();
        this.#handlers.changed();
    }

    /** Drops chunks that the core has chosen; the draw list without them is out. */
    evict(chunks) {
        this.#drop([...chunks].flatMap((chunk) => this.#resident.remove(chunk) ?? []));
        for (const chunk of chunks) this.#handlers.evicted(chunk);
    }

    /**
     * Gives up everything that takes memory on the GPU, and tells the server. Sectors stay: they are small, and say where
     * things are. The caller takes the draw list back before.
     */
    evictAll() {
        this.#generation += 1;
        const entries = [...this.#resident.entries].filter(({ kind }) => kind !== ChunkKind.sector);
        this.#drop(entries.flatMap(({ chunk }) => this.#resident.remove(chunk) ?? []));
        const textures = this.#textures.clear();
        if (textures.length > 0) this.#handlers.emit('drop', { nodes: new Uint32Array(0), textures }, []);
        for (const { chunk } of entries) this.#handlers.evicted(chunk);
    }

    /** The graphics context was lost: decodes everything again, coarse first. */
    async restore() {
        const isGone = ({ kind, isDecoded }) => isDecoded && kind !== ChunkKind.sector;
        const entries = [...this.#resident.entries].filter(isGone).sort((a, b) => a.chunk - b.chunk);
        for (const entry of entries) {
            this.#resident.undecode(entry);
            this.#core.removeChunk(entry.chunk);
        }
        this.#textures.clear();
        this.#handlers.changed();
        for (const entry of entries) await this.#restoreEntry(entry);
    }

    /**
     * Forgets everything: the server has another content. What was being decoded comes to nothing.
     *
     * @returns {{nodes: number[], textures: object[]}} what has to leave the GPU, as in a `drop` event
     */
    clear() {
        this.#generation += 1;
        const nodes = [...this.#resident.entries].flatMap((entry) => entry.nodes.map(({ node }) => node));
        this.#resident.clear();
        return { nodes, textures: this.#textures.clear() };
    }

    async #restoreEntry(entry) {
        const isCurrent = () => this.#resident.get(entry.chunk) === entry;
        if (entry.bytes === null) {
            const record = await this.#store.get(entry.chunk);
            if (!isCurrent()) return;
            if (record) this.#resident.restoreBytes(entry, record.bytes);
        }
        if (entry.bytes !== null) {
            if (isCurrent()) this.#decode(entry);
            return;
        }
        this.#resident.remove(entry.chunk);
        this.#handlers.evicted(entry.chunk);
    }

    async #decode(entry) {
        const priority = entry.kind === ChunkKind.sector ? Priority.sector : Priority.other;
        try {
            const result = await this.#pool.decode(entry.kind, entry.bytes, priority);
            this.#meter.measure(() => this.#accept(entry, result));
        } catch (error) {
            this.#refuse(entry, error);
        }
        this.#handlers.changed();
    }

    #accept(entry, result) {
        if (this.#resident.get(entry.chunk) !== entry) {
            result.image?.close?.();
            return;
        }
        if (!entry.isFromStore) this.#store.put(entry.chunk, entry.kind, entry.bytes);
        if (result.nodes) this.#acceptNodes(entry, result.nodes);
        else if (result.table) this.#acceptSector(entry, result);
        else this.#acceptTexture(entry, result);
        this.#regulate();
    }

    #acceptNodes(entry, nodes) {
        this.#resident.decoded(entry, nodes);
        const meshes = nodes.map(({ mesh }) => mesh);
        this.#handlers.emit('mesh', meshes, meshes.flatMap(({ vertices, indices }) => [vertices, indices.buffer]));
    }

    #acceptSector(entry, { headerByteCount, table }) {
        this.#core.addSector(entry.bytes.subarray(0, headerByteCount), table);
        this.#resident.decoded(entry, []);
    }

    #acceptTexture(entry, level) {
        this.#resident.decoded(entry, []);
        this.#textures.add(level, entry.chunk);
        this.#handlers.emit('texture', level, [level.image]);
        this.#fitTextures();
    }

    /** A chunk that is no use: a stored copy is asked for anew, anything else is left out and told to people. */
    #refuse(entry, error) {
        if (error.name === 'AbortError' || this.#resident.get(entry.chunk) !== entry) return;
        this.#resident.remove(entry.chunk);
        this.#drop([entry]);
        const isDamage = error instanceof ChunkError || error instanceof CoreError;
        if (isDamage) this.#store.remove(entry.chunk);
        if (isDamage && entry.isFromStore) {
            this.#handlers.lost(entry.chunk);
            return;
        }
        const { chunk } = entry;
        if (isDamage) {
            this.#meter.damagedChunkCount += 1;
            this.#handlers.emit('notice', { code: 'damagedChunk', message: `Chunk ${chunk}: ${error.message}`, chunk });
        } else if (!this.#isUnavailableTold) {
            this.#isUnavailableTold = true;
            this.#handlers.emit('notice', { code: 'decodingUnavailable', message: error.message });
        }
    }

    /** Takes entries that are no longer in the resident set out of the core and off the GPU. */
    #drop(entries) {
        for (const { chunk } of entries) this.#core.removeChunk(chunk);
        const nodes = Uint32Array.from(entries.flatMap((entry) => entry.nodes.map(({ node }) => node)));
        if (nodes.length > 0) this.#handlers.emit('drop', { nodes, textures: [] }, [nodes.buffer]);
        this.#regulate();
    }

    /** Decoding waits while the page does not upload, for one that is hidden. */
    #regulate() {
        this.#pool.isPaused = this.#resident.pendingByteCount > waitingUploadByteLimit;
    }

    /** Keeps textures within their share; the core has what they leave. */
    #fitTextures() {
        const { gpuByteCount, triangleCount } = this.#limits;
        const dropped = [];
        while (this.#textures.byteCount > textureShare * gpuByteCount) {
            const finest = this.#textures.takeFinest();
            if (finest === null) break;
            dropped.push({ texture: finest.texture, level: finest.level });
            this.#resident.remove(finest.chunk);
            this.#handlers.evicted(finest.chunk);
        }
        if (dropped.length > 0) this.#handlers.emit('drop', { nodes: new Uint32Array(0), textures: dropped }, []);
        this.#core.setLimits(Math.max(0, gpuByteCount - this.#textures.byteCount), triangleCount);
        this.#handlers.changed();
    }
}
