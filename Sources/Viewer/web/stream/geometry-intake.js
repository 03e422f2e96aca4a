// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { boxNode, makeBox } from './box-mesh.js';

/**
 * The way of geometries and materials, which come before the chunks that need them: to the core, the decoders and the
 * page, each once, although every connection begins with them anew.
 */
export class GeometryIntake {
    #core;
    #pool;
    #emit;
    #geometries = new Map();
    #materials = new Set();

    constructor({ core, pool, emit }) {
        this.#core = core;
        this.#pool = pool;
        this.#emit = emit;
    }

    /** Takes a Material message. */
    receiveMaterial({ material, json }) {
        if (this.#materials.has(material)) return;
        this.#materials.add(material);
        this.#emit('material', { material, value: json.material, textures: json.textures ?? [] }, []);
    }

    /** Takes a Geometry message and its bytes. Throws CoreError if the core refuses it. */
    receiveGeometry(message, bytes) {
        const { geometry, gridStep, coordinateStep, materials } = message;
        if (this.#geometries.has(geometry)) return;
        this.#core.addGeometry(bytes);
        this.#geometries.set(geometry, message);
        this.#pool.addGeometry(geometry, { gridStep, coordinateStep, materialCount: materials.length });
        this.#emitBox(message);
    }

    /** Gives the page all boxes again: the graphics context was lost. */
    restore() {
        for (const geometry of this.#geometries.values()) this.#emitBox(geometry);
    }

    /** Forgets everything; returns the boxes' nodes. */
    clear() {
        const nodes = [...this.#geometries.keys()].map(boxNode);
        this.#geometries.clear();
        this.#materials.clear();
        return nodes;
    }

    #emitBox(geometry) {
        const box = makeBox(geometry);
        this.#emit('mesh', [box], [box.vertices, box.indices.buffer]);
    }
}
