// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// A mip level that is the base of a chain takes 4/3 of its own pixels, RGBA.
const byteCountOf = (width, height) => Math.ceil((width * height * 4 * 4) / 3);

/**
 * The texture levels on the GPU and what they take. When they take more than their share of the memory, the finest
 * level of the largest texture goes first; the coarsest of a texture always stays.
 */
export class TextureSet {
    #textures = new Map();  // texture → [{ level, chunk, byteCount }], finest first

    /** Bytes on the GPU: the finest level of each texture with its mips. */
    get byteCount() {
        let sum = 0;
        for (const levels of this.#textures.values()) sum += levels[0].byteCount;
        return sum;
    }

    /** Notes a level that was given to the renderer. */
    add({ texture, level, width, height }, chunk) {
        const others = (this.#textures.get(texture) ?? []).filter((entry) => entry.level !== level);
        others.push({ level, chunk, byteCount: byteCountOf(width, height) });
        this.#textures.set(texture, others.sort((a, b) => a.level - b.level));
    }

    /** The next level to give up, taken out of the set: { texture, level, chunk }; null if only coarsest are left. */
    takeFinest() {
        let chosen = null;
        for (const [texture, levels] of this.#textures) {
            if (levels.length > 1 && (chosen === null || levels[0].byteCount > chosen.levels[0].byteCount)) {
                chosen = { texture, levels };
            }
        }
        if (chosen === null) return null;
        const { level, chunk } = chosen.levels.shift();
        return { texture: chosen.texture, level, chunk };
    }

    /** Forgets all levels; returns them as { texture, level }. */
    clear() {
        const all = [...this.#textures].flatMap(([texture, levels]) => levels.map(({ level }) => ({ texture, level })));
        this.#textures.clear();
        return all;
    }
}
