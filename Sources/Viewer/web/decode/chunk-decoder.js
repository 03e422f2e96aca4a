// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ChunkError } from './chunk-error.js';
import { DracoCodec } from './draco-codec.js';
import { warmUp } from './draco-warm-up.js';
import { NodeDecoder } from './node-decoder.js';
import { decodeSector } from './sector-decoder.js';
import { decodeTextureLevel } from './texture-decoder.js';

/** Kinds of chunks, as in the archive. */
export const ChunkKind = Object.freeze({ nodes: 1, sector: 2, texture: 3 });

/**
 * What a decode worker does: chunks of all kinds → what the client needs of them. Knows the geometries it was told.
 * Results can be transferred whole.
 */
export class ChunkDecoder {
    #nodes = new NodeDecoder();
    #geometries = new Map();
    #draco = makePromise();
    #createBitmap;

    constructor({ createBitmap } = {}) {
        this.#createBitmap = createBitmap;
        this.#draco.promise.catch(() => {});  // reported by the chunks that need it
    }

    /** Memory held between chunks, in bytes. */
    get heapByteCount() { return this.#nodes.byteLength; }

    /**
     * @param {Array<[number, {gridStep, coordinateStep, materialCount}]>} entries
     */
    setGeometries(entries) {
        for (const [geometry, facts] of entries) this.#geometries.set(geometry, facts);
    }

    /** Starts the Draco decoder, and runs it a little so that the first real chunk is not slow. */
    setDraco(module) {
        this.#nodes.draco = new DracoCodec(module);
        this.#draco.resolve();
        warmUp(this.#nodes);
    }

    /** Chunks that need Draco fail with `message` from now on. */
    failDraco(message) {
        this.#draco.reject(new Error(message));
    }

    /**
     * @param {number} kind a ChunkKind
     * @param {Uint8Array} bytes the chunk
     * @returns {Promise<object>} nodes: `nodes` as NodeDecoder's; sector: as decodeSector; texture: as
     *     decodeTextureLevel
     * @throws {ChunkError} for damage; other errors are not the chunk's fault
     */
    async decode(kind, bytes) {
        switch (kind) {
        case ChunkKind.nodes: return { nodes: await this.#decodeNodes(bytes) };
        case ChunkKind.sector: return decodeSector(bytes);
        case ChunkKind.texture: return decodeTextureLevel(bytes, this.#createBitmap);
        default: throw new ChunkError(`chunk kind: ${kind} is unknown`);
        }
    }

    async #decodeNodes(bytes) {
        // Without Draco the first picture's nodes, which are plain, do not wait for it.
        if (this.#nodes.draco === null && NodeDecoder.needsDraco(bytes, this.#geometries)) await this.#draco.promise;
        return this.#nodes.decodeChunk(bytes, this.#geometries);
    }
}

/** What a result holds that can be moved to another thread. */
export function transfersOf({ nodes, table, image }) {
    if (nodes) return nodes.flatMap(({ mesh }) => [mesh.vertices, mesh.indices.buffer]);
    return [table?.buffer ?? image];
}

/** A promise with its `resolve` and `reject`. */
function makePromise() {
    const result = {};
    result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
    return result;
}
