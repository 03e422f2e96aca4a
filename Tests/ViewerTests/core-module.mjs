// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// core.wasm as `swift build` makes it, with its C interface wrapped for the tests.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../.build/debug/vantage_Viewer.resources/core.wasm', import.meta.url));

export const statisticNames = [
    'triangles', 'threshold', 'largestError', 'residentNodes', 'residentBytes', 'residentTriangles', 'visibleInstances',
    'boxes', 'isThresholdMoving', 'usedBytes', 'instanceRows', 'drawCount',
];

export function compileCore() {
    assert.ok(existsSync(path), `${path} is missing: run \`swift build\` first (tools/test does)`);
    return new WebAssembly.Module(readFileSync(path));
}

/** One scene. */
export class Core {
    #exports;

    constructor(module) {
        this.#exports = new WebAssembly.Instance(module, {}).exports;
    }

    setLimits(gpuBytes, triangles) { this.#exports.core_set_limits(gpuBytes, triangles); }
    reset() { this.#exports.core_reset(); }

    addGeometry(message) { return this.#with([message], (p, n) => this.#exports.core_add_geometry(p, n)); }

    addSector(header, table) {
        return this.#with([header, table], (p, n, q, m) => this.#exports.core_add_sector(p, n, q, m));
    }

    addNode(payload, chunk, gpuBytes) {
        return this.#with([payload], (p, n) => this.#exports.core_add_node(p, n, chunk, gpuBytes));
    }

    removeChunk(chunk) { this.#exports.core_remove_chunk(chunk); }

    /** @returns {number} draws, or a negative code */
    select({ eye, orientation, projection, scale, width, height }, threshold) {
        return this.#exports.core_select(...eye, ...orientation, projection, scale, width, height, threshold);
    }

    /** The last selection: copies of everything. */
    get result() {
        const x = this.#exports;
        const visibleCount = x.core_visible_count();
        const statistics = this.#copy(Float64Array, x.core_statistics(), 12);
        const draws = this.#copy(Uint32Array, x.core_draws(), 6 * statistics[11]);
        return {
            draws,
            visible: this.#copy(Uint32Array, x.core_visible(), visibleCount),
            instances: this.#copy(Uint32Array, x.core_instances(), 16 * x.core_instance_count()),
            reference: this.#copy(Float64Array, x.core_reference(), 3),
            statistics,
            ...Object.fromEntries(statisticNames.map((name, index) => [name, statistics[index]])),
        };
    }

    get instancesChanged() { return this.#exports.core_instances_changed() === 1; }

    evict() {
        const count = this.#exports.core_evict();
        return this.#copy(Uint32Array, this.#exports.core_evicted(), count);
    }

    get memoryByteCount() { return this.#exports.memory.buffer.byteLength; }

    #copy(Type, pointer, count) { return new Type(this.#exports.memory.buffer, pointer, count).slice(); }

    /** Calls `body` with pointer and size of each of `parts` in linear memory. */
    #with(parts, body) {
        const pointers = parts.map((bytes) => this.#exports.core_allocate(bytes.length));
        parts.forEach((bytes, i) => new Uint8Array(this.#exports.memory.buffer, pointers[i], bytes.length).set(bytes));
        const result = body(...parts.flatMap((bytes, i) => [pointers[i], bytes.length]));
        pointers.forEach((pointer) => this.#exports.core_release(pointer));
        return result;
    }
}
