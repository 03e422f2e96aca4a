// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const meshesPerCall = 4;
const textureBytesPerCall = 4 << 20;

/**
 * What waits to be put on the GPU, in the order in which it came, and how much of it may go there in one frame. A mesh
 * that is dropped while it waits is forgotten.
 */
export class UploadQueue {
    #meshes = new Map();
    #textures = new Map();

    get waitingCount() {
        return this.#meshes.size + this.#textures.size;
    }

    addMesh(event) {
        this.#meshes.delete(event.node);
        this.#meshes.set(event.node, event);
    }

    addTexture(event) {
        this.#textures.set(`${event.texture} ${event.level}`, event);
    }

    dropMesh(node) {
        this.#meshes.delete(node);
    }

    dropTexture(texture, level) {
        const key = `${texture} ${level}`;
        this.#textures.get(key)?.image.close?.();
        this.#textures.delete(key);
    }

    clear() {
        this.#meshes.clear();
        for (const event of this.#textures.values()) event.image.close?.();
        this.#textures.clear();
    }

    /**
     * Uploads until the time is over, at least one thing, at most four meshes and about 4 MiB of textures.
     * @param {number} budgetMilliseconds
     * @param {(event: object) => void} putMesh
     * @param {(event: object) => number} putTexture returns bytes
     * @param {() => number} now milliseconds
     */
    run(budgetMilliseconds, putMesh, putTexture, now = () => performance.now()) {
        const end = now() + budgetMilliseconds;
        let [meshCount, textureBytes] = [0, 0];
        for (const [node, event] of this.#meshes) {
            if (meshCount >= meshesPerCall || (meshCount > 0 && now() >= end)) break;
            this.#meshes.delete(node);
            putMesh(event);
            meshCount += 1;
        }
        for (const [key, event] of this.#textures) {
            const isFirst = meshCount === 0 && textureBytes === 0;
            if (!isFirst && (now() >= end || textureBytes + 4 * event.width * event.height > textureBytesPerCall)) break;
            this.#textures.delete(key);
            textureBytes += putTexture(event);
        }
    }
}
