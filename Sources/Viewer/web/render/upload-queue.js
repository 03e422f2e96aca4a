// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

const meshBytesPerCall = 1 << 20;
const textureBytesPerCall = 4 << 20;
// A large level goes in strips, because sending it whole would take many frames' time.
const textureBytesPerStrip = 1 << 20;

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
     * Uploads until the time is over, at least one thing, at most about 1 MiB of meshes and 4 MiB of textures.
     * @param {number} budgetMilliseconds
     * @param {(event: object) => void} putMesh
     * @param {{accepts: (event: object) => boolean, put: (event: object, byteLimit: number) => number}} textures `put`
     *   returns the bytes it sent, and is called again with the same event until it sends none
     * @param {() => number} now milliseconds
     */
    run(budgetMilliseconds, putMesh, textures, now = () => performance.now()) {
        const end = now() + budgetMilliseconds;
        let [count, meshBytes] = [0, 0];
        for (const [node, event] of this.#meshes) {
            if (count > 0 && (meshBytes >= meshBytesPerCall || now() >= end)) break;
            this.#meshes.delete(node);
            putMesh(event);
            count += 1;
            meshBytes += event.vertices.byteLength + event.indices.byteLength;
        }
        let textureBytes = 0;
        for (const [key, event] of this.#textures) {
            if (!textures.accepts(event)) continue;
            for (;;) {
                if (count > 0 && (now() >= end || textureBytes >= textureBytesPerCall)) return;
                const byteCount = textures.put(event, textureBytesPerStrip);
                if (byteCount === 0) break;
                textureBytes += byteCount;
                count += 1;
            }
            this.#textures.delete(key);
        }
    }
}
