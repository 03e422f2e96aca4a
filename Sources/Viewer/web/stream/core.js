// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** The core refused bytes: they are damaged, or contradict what it knows. */
export class CoreError extends Error {
    name = 'CoreError';
}

const reasons = new Map([
    [-1, 'it is not what the format says'], [-2, 'it contradicts what is known'], [-3, 'there is no room for more'],
]);

const inputByteCount = 1 << 16;

/**
 * core.wasm: what is resident, and which of it a view draws. The same Swift as in the server's renderer
 * (Sources/StreamCore/Selection); this class only carries bytes in and results out. One thread.
 */
export class Core {
    #exports;
    #input = { pointer: 0, byteCount: 0 };
    #second = { pointer: 0, byteCount: 0 };

    /** @param {WebAssembly.Exports} exports of core.wasm */
    constructor(exports) {
        this.#exports = exports;
        exports._initialize?.();
        exports.core_reset();
    }

    /** @param {URL} url of core.wasm */
    static async load(url) {
        const response = await fetch(url);
        if (!response.ok) throw new Error(`${url.pathname}: ${response.status} ${response.statusText}`);
        const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), {});
        return new Core(instance.exports);
    }

    /** Forgets everything but the limits. */
    reset() {
        this.#exports.core_reset();
    }

    setLimits(gpuByteCount, triangleCount) {
        this.#exports.core_set_limits(gpuByteCount, triangleCount);
    }

    /** @param {Uint8Array} message a whole Geometry message */
    addGeometry(message) {
        const pointer = this.#copyIn(this.#input, message);
        this.#check(this.#exports.core_add_geometry(pointer, message.length), 'geometry');
    }

    /** @param {Uint8Array} header of a sector chunk; `table`: its instance table, inflated */
    addSector(header, table) {
        const [first, second] = [this.#copyIn(this.#input, header), this.#copyIn(this.#second, table)];
        this.#check(this.#exports.core_add_sector(first, header.length, second, table.length), 'sector');
        if (table.length > inputByteCount) this.#release(this.#second);
    }

    /** @param {Uint8Array} header a payload up to its body. Call it when the node's mesh is on the GPU. */
    addNode(header, chunk, gpuByteCount) {
        const pointer = this.#copyIn(this.#input, header);
        this.#check(this.#exports.core_add_node(pointer, header.length, chunk, gpuByteCount), 'node');
    }

    removeChunk(chunk) {
        this.#exports.core_remove_chunk(chunk);
    }

    /**
     * Selects what a view draws.
     *
     * @param {object} view eye, orientation, projection, scale, width, height
     * @param {number} thresholdPixels
     * @param {boolean} wantsInstances give the instance rows even if they are unchanged
     * @returns {object|null} the `draw` event, whose arrays are copies that can be transferred; null for a bad view
     */
    select(view, thresholdPixels, wantsInstances = false) {
        const exports = this.#exports;
        const drawCount = exports.core_select(
            ...view.eye, ...view.orientation, view.projection === 'orthographic' ? 1 : 0, view.scale, view.width,
            view.height, thresholdPixels);
        if (drawCount < 0) return null;
        const areInstancesNew = exports.core_instances_changed() !== 0 || wantsInstances;
        const instanceCount = exports.core_instance_count();
        const instanceWordCount = 16 * instanceCount;
        return {
            draws: this.#copyOut(Uint32Array, exports.core_draws(), 6 * drawCount),
            drawCount,
            visible: this.#copyOut(Uint32Array, exports.core_visible(), exports.core_visible_count()),
            instances: areInstancesNew
                ? this.#copyOut(Float32Array, exports.core_instances(), instanceWordCount) : null,
            instanceCount,
            reference: Array.from(this.#copyOut(Float64Array, exports.core_reference(), 3)),
            statistics: this.#statistics(),
        };
    }

    /** Forgets the chunks worth least where memory is nearly full; the next selection is without them. */
    evict() {
        const count = this.#exports.core_evict();
        return this.#copyOut(Uint32Array, this.#exports.core_evicted(), count);
    }

    #statistics() {
        const values = this.#copyOut(Float64Array, this.#exports.core_statistics(), 12);
        const [
            triangleCount, thresholdPixels, errorPixels, residentNodeCount, residentByteCount, residentTriangleCount,
            visibleInstanceCount, boxCount, isThresholdMoving,
        ] = values;
        return {
            triangleCount, thresholdPixels, errorPixels, residentNodeCount, residentByteCount, residentTriangleCount,
            visibleInstanceCount, boxCount, isThresholdMoving: isThresholdMoving !== 0,
        };
    }

    #check(result, what) {
        if (result < 0) throw new CoreError(`${what}: ${reasons.get(result) ?? `refused with ${result}`}`);
    }

    #copyOut(Values, pointer, count) {
        return count === 0 ? new Values(0) : new Values(this.#exports.memory.buffer, pointer, count).slice();
    }

    /** Into memory that is kept for the next time. */
    #copyIn(area, bytes) {
        if (area.byteCount < bytes.length) {
            this.#release(area);
            area.byteCount = Math.max(bytes.length, inputByteCount);
            area.pointer = this.#exports.core_allocate(area.byteCount);
        }
        new Uint8Array(this.#exports.memory.buffer, area.pointer, bytes.length).set(bytes);
        return area.pointer;
    }

    #release(area) {
        if (area.byteCount > 0) this.#exports.core_release(area.pointer);
        Object.assign(area, { pointer: 0, byteCount: 0 });
    }
}
