// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { MeshPage } from './mesh-page.js';
import { vertexLayout } from './vertex-layout.js';

// Key of the pages that hold one large mesh each.
const ownPages = -1;

/**
 * The meshes on the GPU, by node.
 *
 * A mesh is `{ node, page, slot, vertexCount, indexCount, origin, gridStep, center, radius }`: `center` in grid steps
 * from the geometry's own zero, `radius` in grid steps.
 */
export class MeshStore {
    #gl;
    #meshes = new Map();
    #pages = new Map();
    #nextPage = 0;
    #scratch = new Uint16Array(0);

    constructor(gl) {
        this.#gl = gl;
        this.pageByteCount = 0;
        this.usedByteCount = 0;
    }

    get meshCount() {
        return this.#meshes.size;
    }

    get(node) {
        return this.#meshes.get(node);
    }

    /**
     * Puts a mesh on the GPU, in place of an older one of the same node.
     * @param {object} event a mesh event
     * @returns {boolean} false if the GPU is out of memory
     */
    add(event) {
        const { node, vertexCount, indexCount, vertexClass } = event;
        const found = this.#reserve(vertexClass, vertexCount, indexCount);
        if (!found) return false;
        const { page, slot } = found;
        this.remove(node);
        page.write(slot, event.vertices, this.#bakedIndices(event.indices, page, slot.firstVertex));
        const byteCount = vertexCount * page.layout.stride + indexCount * page.indexSize;
        this.#meshes.set(node, {
            node, page, slot, vertexCount, indexCount, byteCount, origin: event.origin, gridStep: event.gridStep,
            drawnIn: -1, ...enclosingSphere(event),
        });
        this.usedByteCount += byteCount;
        return true;
    }

    remove(node) {
        const mesh = this.#meshes.get(node);
        if (!mesh) return;
        this.#meshes.delete(node);
        this.usedByteCount -= mesh.byteCount;
        mesh.page.release(mesh.slot, mesh.vertexCount, mesh.indexCount);
        if (mesh.page.isEmpty) this.#retire(mesh.page);
    }

    dispose() {
        for (const pages of this.#pages.values()) pages.forEach((page) => page.dispose());
        this.#pages.clear();
        this.#meshes.clear();
    }

    #reserve(vertexClass, vertexCount, indexCount) {
        const isShared = MeshPage.canShare(vertexCount, indexCount);
        const key = isShared ? vertexClass : ownPages;
        const pages = this.#pages.get(key) ?? [];
        this.#pages.set(key, pages);
        for (const page of isShared ? pages : []) {
            const slot = page.reserve(vertexCount, indexCount);
            if (slot) return { page, slot };
        }
        const page = this.#makePage(vertexClass, isShared ? undefined : { vertexCount, indexCount });
        if (!page) return null;
        pages.push(page);
        return { page, slot: page.reserve(vertexCount, indexCount) };
    }

    // Only here can memory run out, so only here is the driver asked, which waits for it.
    #makePage(vertexClass, only) {
        const gl = this.#gl;
        const page = new MeshPage(gl, this.#nextPage, vertexClass, only);
        if (gl.getError() === gl.OUT_OF_MEMORY) {
            page.dispose();
            return null;
        }
        this.#nextPage += 1;
        this.pageByteCount += page.byteCount;
        return page;
    }

    // One empty shared page of each class stays, so that a mesh that comes and goes does not allocate each time.
    #retire(page) {
        const key = page.isShared ? page.vertexClass : ownPages;
        const pages = this.#pages.get(key) ?? [];
        if (page.isShared && pages.length === 1) return;
        this.#pages.set(key, pages.filter((other) => other !== page));
        this.pageByteCount -= page.byteCount;
        page.dispose();
    }

    #bakedIndices(indices, page, firstVertex) {
        if (page.indexSize === 4) return indices instanceof Uint32Array ? indices : Uint32Array.from(indices);
        if (this.#scratch.length < indices.length) this.#scratch = new Uint16Array(indices.length * 2);
        const baked = this.#scratch.subarray(0, indices.length);
        for (let i = 0; i < indices.length; i += 1) baked[i] = indices[i] + firstVertex;
        return baked;
    }
}

/** The sphere around a mesh's box, in grid steps. */
export function enclosingSphere({ vertices, vertexClass, vertexCount, origin }) {
    const { isWide, stride } = vertexLayout(vertexClass);
    const values = isWide ? new Int32Array(vertices) : new Uint16Array(vertices);
    const step = stride / values.BYTES_PER_ELEMENT;
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let at = 0, end = vertexCount * step; at < end; at += step) {
        for (let axis = 0; axis < 3; axis += 1) {
            const value = values[at + axis];
            if (value < low[axis]) low[axis] = value;
            if (value > high[axis]) high[axis] = value;
        }
    }
    if (vertexCount === 0) return { center: [...origin], radius: 0 };
    const center = low.map((value, axis) => origin[axis] + (value + high[axis]) / 2);
    return { center, radius: Math.hypot(...low.map((value, axis) => high[axis] - value)) / 2 };
}
