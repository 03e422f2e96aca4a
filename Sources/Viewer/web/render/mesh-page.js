// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { RangeAllocator } from './range-allocator.js';
import { vertexLayout } from './vertex-layout.js';

// The last index restarts a strip in WebGL2, so a page has one vertex less than 16 bits can count.
const vertexCapacity = 65535;
// Triangles of a dense mesh are twice its vertices; chunk borders take the rest.
const indexCapacity = 360448;

/**
 * A vertex buffer and an index buffer that many meshes share, with the vertex array object that draws them. Nothing is
 * allocated after it is made. Indices have the mesh's first vertex added, because WebGL2 has no base vertex.
 */
export class MeshPage {
    #gl;
    #vertices;
    #indices;
    #vertexRanges;
    #indexRanges;

    /**
     * @param {WebGL2RenderingContext} gl
     * @param {number} number the page's own, unique
     * @param {number} vertexClass
     * @param {{vertexCount: number, indexCount: number}} [only] makes a page for one large mesh, with 32-bit indices
     */
    constructor(gl, number, vertexClass, only) {
        this.#gl = gl;
        this.number = number;
        this.vertexClass = vertexClass;
        this.isShared = only === undefined;
        this.layout = vertexLayout(vertexClass);
        this.indexType = only ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
        this.indexSize = only ? 4 : 2;
        this.#vertexRanges = new RangeAllocator(only?.vertexCount ?? vertexCapacity);
        this.#indexRanges = new RangeAllocator(only?.indexCount ?? indexCapacity);
        this.byteCount = this.#vertexRanges.capacity * this.layout.stride + this.#indexRanges.capacity * this.indexSize;
        this.#allocate();
    }

    /** Whether a mesh of this size can be in a page that others share. */
    static canShare(vertexCount, indexCount) {
        return vertexCount <= vertexCapacity && indexCount <= indexCapacity;
    }

    get isEmpty() {
        return this.#vertexRanges.isEmpty;
    }

    /** @returns {{firstVertex: number, firstIndex: number} | null} null if it does not fit */
    reserve(vertexCount, indexCount) {
        if (this.#vertexRanges.freeCount < vertexCount || this.#indexRanges.freeCount < indexCount) return null;
        const firstVertex = this.#vertexRanges.allocate(vertexCount);
        if (firstVertex < 0) return null;
        const firstIndex = this.#indexRanges.allocate(indexCount);
        if (firstIndex < 0) {
            this.#vertexRanges.free(firstVertex, vertexCount);
            return null;
        }
        return { firstVertex, firstIndex };
    }

    /**
     * @param {{firstVertex: number, firstIndex: number}} slot from `reserve`
     * @param {ArrayBuffer} vertices
     * @param {Uint16Array | Uint32Array} indices of the page's index size, first vertex already added
     */
    write(slot, vertices, indices) {
        const gl = this.#gl;
        gl.bindBuffer(gl.COPY_WRITE_BUFFER, this.#vertices);
        gl.bufferSubData(gl.COPY_WRITE_BUFFER, slot.firstVertex * this.layout.stride, new Uint8Array(vertices));
        gl.bindBuffer(gl.COPY_WRITE_BUFFER, this.#indices);
        gl.bufferSubData(gl.COPY_WRITE_BUFFER, slot.firstIndex * this.indexSize, indices);
        gl.bindBuffer(gl.COPY_WRITE_BUFFER, null);
    }

    release(slot, vertexCount, indexCount) {
        this.#vertexRanges.free(slot.firstVertex, vertexCount);
        this.#indexRanges.free(slot.firstIndex, indexCount);
    }

    dispose() {
        this.#gl.deleteVertexArray(this.vertexArray);
        this.#gl.deleteBuffer(this.#vertices);
        this.#gl.deleteBuffer(this.#indices);
    }

    #allocate() {
        const gl = this.#gl;
        this.vertexArray = gl.createVertexArray();
        gl.bindVertexArray(this.vertexArray);
        this.#vertices = gl.createBuffer();
        gl.bindBuffer(gl.ARRAY_BUFFER, this.#vertices);
        gl.bufferData(gl.ARRAY_BUFFER, this.#vertexRanges.capacity * this.layout.stride, gl.STATIC_DRAW);
        this.#describeAttributes();
        this.#indices = gl.createBuffer();
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#indices);
        gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.#indexRanges.capacity * this.indexSize, gl.STATIC_DRAW);
        gl.bindVertexArray(null);
    }

    // Attributes that a class lacks stay disabled and have the constants that the renderer sets once.
    #describeAttributes() {
        const gl = this.#gl;
        const { isWide, setCount, hasColors, normal, coordinates, color, stride } = this.layout;
        const enable = (location, describe) => {
            gl.enableVertexAttribArray(location);
            describe(location);
        };
        const positionType = isWide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT;
        enable(0, (location) => gl.vertexAttribIPointer(location, 3, positionType, stride, 0));
        enable(1, (location) => gl.vertexAttribPointer(location, 2, gl.SHORT, true, stride, normal));
        for (let set = 0; set < Math.min(setCount, 2); set += 1) {
            enable(2 + set, (location) => {
                gl.vertexAttribPointer(location, 2, gl.FLOAT, false, stride, coordinates + 8 * set);
            });
        }
        if (hasColors) {
            enable(4, (location) => gl.vertexAttribPointer(location, 4, gl.UNSIGNED_BYTE, true, stride, color));
        }
    }
}
