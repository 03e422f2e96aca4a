// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The browser's Draco decoder (Sources/WasmExports/draco_decoder.cpp) and the Draco codec of node payloads.
// Layout: Sources/ModelStorage/FORMAT.md, "Draco codec".

import { ChunkError } from './chunk-error.js';
import { codeOfDirection } from './normals.js';
import { Scratch } from './scratch.js';

const ValueType = { float32: 0, int32: 2, uint8: 3 };
const AttributeID = { position: 0, normal: 1, color: 2, firstCoordinateSet: 3 };

const failures = new Map([
    [-1, 'not Draco 2.2 edgebreaker without metadata'], [-2, 'more triangles than its header says'], [-3, 'damaged'],
]);

/** Decodes Draco meshes in one WebAssembly instance, which is made anew after a trap. */
export class DracoCodec {
    #module;
    #exports = null;
    #input = { pointer: 0, byteCount: 0 };
    #allocated = [];
    #normals = new Scratch(Int32Array);

    /** @param {WebAssembly.Module} module of draco_decoder.wasm */
    constructor(module) {
        this.#module = module;
    }

    get byteLength() {
        return (this.#exports?.memory.buffer.byteLength ?? 0) + this.#normals.byteLength;
    }

    /**
     * Decodes the mesh, not the details after it.
     *
     * @param {ByteReader} body at the body's first byte; afterwards behind the Draco mesh
     * @param {object} header of the payload
     * @returns as PlainCodec's; `indices` in Draco's order. Views of WebAssembly memory, valid until `release()`
     */
    decode(body, header) {
        const size = body.u32('size of the Draco mesh');
        const start = body.take(size, 'Draco mesh');
        try {
            return this.#decode(body.bytes.subarray(start, start + size), header);
        } catch (error) {
            if (error instanceof ChunkError) {
                this.release();
                throw error;
            }
            this.#exports = null;  // after a trap its memory means nothing
            throw new ChunkError(`Draco mesh: the decoder stopped (${error.message})`);
        }
    }

    /** Gives back the memory of the last decoded mesh. */
    release() {
        if (this.#exports === null) return;
        for (const pointer of this.#allocated) this.#exports.draco_release(pointer);
        this.#allocated.length = 0;
        this.#exports.draco_done();
    }

    #decode(bytes, { vertexCount, triangleCount, layout }) {
        const exports = this.#instance();
        const pointer = this.#copyIn(bytes);
        const result = exports.draco_decode(pointer, bytes.length, triangleCount);
        if (result < 0) throw new ChunkError(`Draco mesh: ${failures.get(result) ?? `failure ${result}`}`);
        const pointCount = exports.draco_point_count();
        if (result !== triangleCount || pointCount !== vertexCount) {
            throw new ChunkError(`Draco mesh: ${pointCount} vertices and ${result} triangles, `
                + `its header says ${vertexCount} and ${triangleCount}`);
        }
        return this.#views(vertexCount, triangleCount, layout);
    }

    /** All values are allocated before the first view is made, because an allocation may detach views. */
    #views(vertexCount, triangleCount, layout) {
        const { position, normal, color, firstCoordinateSet } = AttributeID;
        const positions = this.#attribute(position, ValueType.int32, 3);
        const normals = layout.isNormalStored ? this.#attribute(normal, ValueType.float32, 3) : 0;
        const colors = layout.colorCount ? this.#attribute(color, ValueType.uint8, layout.colorCount) : 0;
        const sets = Array.from(
            { length: layout.setCount }, (_, set) => this.#attribute(firstCoordinateSet + set, ValueType.int32, 2));
        const { buffer } = this.#exports.memory;
        const directions = layout.isNormalStored ? new Float32Array(buffer, normals, 3 * vertexCount) : null;
        return {
            indices: new Uint32Array(buffer, this.#exports.draco_indices(), 3 * triangleCount),
            positions: new Int32Array(buffer, positions, 3 * vertexCount),
            normals: directions && this.#codes(directions, vertexCount),
            coordinates: sets.map((set) => new Int32Array(buffer, set, 2 * vertexCount)),
            colors: new Uint8Array(buffer, colors, layout.colorCount * vertexCount),
        };
    }

    #attribute(id, type, componentCount) {
        const found = this.#exports.draco_component_count(id);
        if (found !== componentCount) {
            throw new ChunkError(`Draco attribute ${id}: ${found} components, ${componentCount} expected`);
        }
        const pointer = this.#exports.draco_attribute(id, type);
        if (pointer === 0) throw new ChunkError(`Draco attribute ${id}: a value does not fit its type`);
        this.#allocated.push(pointer);
        return pointer;
    }

    #codes(directions, vertexCount) {
        const codes = this.#normals.take(vertexCount);
        for (let vertex = 0, at = 0; vertex < vertexCount; vertex += 1, at += 3) {
            codes[vertex] = codeOfDirection(directions[at], directions[at + 1], directions[at + 2]);
        }
        return codes;
    }

    /** Copies the bytes to memory that is kept for the next mesh. */
    #copyIn(bytes) {
        if (this.#input.byteCount < bytes.length) {
            this.#exports.draco_release(this.#input.pointer);
            const byteCount = Math.max(bytes.length, 1 << 16);
            const pointer = this.#exports.draco_alloc(byteCount);
            this.#input = { pointer, byteCount: pointer === 0 ? 0 : byteCount };
            if (pointer === 0) throw new ChunkError(`Draco mesh: no memory for ${bytes.length} bytes`);
        }
        new Uint8Array(this.#exports.memory.buffer, this.#input.pointer, bytes.length).set(bytes);
        return this.#input.pointer;
    }

    #instance() {
        if (this.#exports === null) {
            this.#exports = new WebAssembly.Instance(this.#module, {}).exports;
            this.#exports._initialize();
            this.#input = { pointer: 0, byteCount: 0 };
            this.#allocated.length = 0;
        }
        return this.#exports;
    }
}
