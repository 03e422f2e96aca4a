// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { MemoryQuestion } from './memory-question.js';
import { MeshPage } from './mesh-page.js';
import { vertexLayout } from './vertex-layout.js';

// Key of the pages that hold one large mesh each.
const ownPages = -1;
// Who has a context has memory for this: the first picture does not wait for an answer.
const certainByteCount = 4 << 20;

/**
 * The meshes on the GPU, by node.
 *
 * Whether the driver had memory for a page is known only later. Until then it is written to, and its meshes are not told of
 * as uploaded; if there was none, it goes, and they go with it.
 *
 * A mesh is `{ node, page, slot, vertexCount, indexCount, origin, gridStep, center, radius }`: `center` in grid steps
 * from the geometry's own zero, `radius` in grid steps.
 */
export class MeshStore {
    #gl;
    #meshes = new Map();
    #pages = new Map();
    #nextPage = 0;
    #memory;
    /** Pages that the driver is asked about, and those that are newer. */
    #asked = new Set();
    #unasked = new Set();
    /** Nodes that nobody was told of yet. */
    #uploaded = new Set();
    #scratch = new Uint16Array(0);

    constructor(gl) {
        this.#gl = gl;
        this.#memory = new MemoryQuestion(gl);
        this.pageByteCount = 0;
        this.usedByteCount = 0;
    }

    get meshCount() {
        return this.#meshes.size;
    }

    get(node) {
        return this.#meshes.get(node);
    }

    /** Nodes whose meshes wait for the driver's answer. */
    get waitingCount() {
        return this.#uploaded.size;
    }

    /** Whether the driver is still busy with what was done before it was asked for memory. */
    get isBusy() {
        return this.#memory.isOpen;
    }

    /**
     * Puts a mesh on the GPU, in place of an older one of the same node.
     * @param {object} event a mesh event
     */
    add(event) {
        const { node, vertexCount, indexCount, vertexClass } = event;
        const { page, slot } = this.#reserve(vertexClass, vertexCount, indexCount);
        this.remove(node);
        page.write(slot, event.vertices, this.#bakedIndices(event.indices, page, slot.firstVertex));
        const byteCount = vertexCount * page.layout.stride + indexCount * page.indexSize;
        this.#meshes.set(node, {
            node, page, slot, vertexCount, indexCount, byteCount, origin: event.origin, gridStep: event.gridStep,
            drawnIn: -1, ...enclosingSphere(event),
        });
        this.usedByteCount += byteCount;
        this.#uploaded.add(node);
    }

    /**
     * Hears what the driver says, before it is given more to do.
     * @returns {boolean} false if there was no memory, and meshes are gone
     */
    settle() {
        const hadMemory = this.#memory.takeAnswer();
        if (hadMemory === null) return true;
        if (!hadMemory) for (const page of [...this.#asked, ...this.#unasked]) this.#discard(page);
        this.#asked.clear();
        return hadMemory;
    }

    /** Nodes that are on the GPU since the last call; of those in new pages the driver is asked. */
    takeUploaded() {
        if (this.#unasked.size > 0 && !this.#memory.isAsked) {
            this.#memory.ask();
            [this.#asked, this.#unasked] = [this.#unasked, new Set()];
        }
        const isKnown = ({ page }) => !this.#asked.has(page) && !this.#unasked.has(page);
        const nodes = [...this.#uploaded].filter((node) => isKnown(this.#meshes.get(node)));
        for (const node of nodes) this.#uploaded.delete(node);
        return nodes;
    }

    remove(node) {
        const mesh = this.#meshes.get(node);
        if (!mesh) return;
        this.#meshes.delete(node);
        this.#uploaded.delete(node);
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
        pages.push(page);
        return { page, slot: page.reserve(vertexCount, indexCount) };
    }

    // Only here can memory run out, so only about pages is the driver asked.
    #makePage(vertexClass, only) {
        const page = new MeshPage(this.#gl, this.#nextPage, vertexClass, only);
        this.#nextPage += 1;
        this.pageByteCount += page.byteCount;
        if (this.pageByteCount > certainByteCount) this.#unasked.add(page);
        return page;
    }

    #discard(page) {
        for (const [node, mesh] of this.#meshes) if (mesh.page === page) this.remove(node);
        this.#forget(page);
    }

    // One empty shared page of each class stays, so that a mesh that comes and goes does not allocate each time.
    #retire(page) {
        const key = page.isShared ? page.vertexClass : ownPages;
        const pages = this.#pages.get(key) ?? [];
        if (page.isShared && pages.length === 1) return;
        this.#forget(page);
    }

    #forget(page) {
        const key = page.isShared ? page.vertexClass : ownPages;
        const pages = this.#pages.get(key) ?? [];
        if (!pages.includes(page)) return;
        this.#pages.set(key, pages.filter((other) => other !== page));
        this.#asked.delete(page);
        this.#unasked.delete(page);
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
