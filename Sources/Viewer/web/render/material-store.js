// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { DataTable } from './data-table.js';
import { isBlended, materialTexelCount, materialVariant, packMaterial, slots } from './material-slots.js';

const fallback = {
    baseColorFactor: [0.8, 0.8, 0.8, 1], metallicFactor: 0, roughnessFactor: 0.6, emissiveFactor: [0, 0, 0],
    emissiveStrength: 1, normalScale: 1, occlusionStrength: 1, alphaMode: 'opaque', alphaCutoff: 0.5,
    isDoubleSided: true, isUnlit: false, transmissionFactor: 0, indexOfRefraction: 1.5,
};

/**
 * The model's materials: their rows in the table that shaders read, and how each must be drawn.
 *
 * An entry is `{ row, group, value, variant, before, textures, isBlended, isDoubleSided }`; entries with equal `group` can
 * be drawn together. `textures` has one texture number, or -1, for each slot; `before` is the variant that the material had
 * until a texture of it was found to be read in another way too, or null.
 */
export class MaterialStore {
    #textures;
    #entries = new Map();
    #groups = new Map();
    #values = new Float32Array(materialTexelCount * 4);
    #table = null;
    #unknown;

    /** @param {TextureStore} textures knows how each texture is stored */
    constructor(textures) {
        this.#textures = textures;
        this.#unknown = this.#makeEntry(0, fallback);
    }

    /** Takes a context's table; rows that are known already are written to it. */
    attach(gl) {
        this.#table = new DataTable(gl, 'float4');
        this.#writeAll();
    }

    get texture() {
        return this.#table.texture;
    }

    get byteCount() {
        return this.#table.byteCount;
    }

    /** The entry of a material, or a plain gray one's while it is not known. */
    get(material) {
        return this.#entries.get(material) ?? this.#unknown;
    }

    /** @param {{material: number, value: object, textures: object[]}} event */
    set({ material, value, textures }) {
        this.#textures.describe(textures ?? []);
        for (const { find, isColor } of slots) {
            const reference = find(value);
            if (!reference) continue;
            const isChanged = this.#textures.noteRole(reference.texture, isColor === true);
            if (isChanged) this.#renew(reference.texture);
        }
        this.#entries.set(material, this.#makeEntry(material + 1, value));
        this.#write(this.#entries.get(material));
    }

    // A texture will be stored otherwise than its users were told.
    #renew(texture) {
        for (const [material, entry] of this.#entries) {
            if (!entry.textures.includes(texture)) continue;
            this.#entries.set(material, this.#makeEntry(entry.row, entry.value, entry));
            this.#write(this.#entries.get(material));
        }
    }

    #makeEntry(row, value, old = null) {
        const roleOf = (texture, isColor) => this.#textures.conversion(texture, isColor);
        const variant = materialVariant(value, roleOf);
        const textures = slots.map(({ find }) => (value.isUnlit ? null : find(value))?.texture ?? -1);
        if (value.isUnlit) textures[0] = value.baseColorTexture?.texture ?? -1;
        const before = old && (old.variant === variant ? old.before : old.variant);
        const entry = {
            row, value, variant, before, textures, isBlended: isBlended(value), isDoubleSided: value.isDoubleSided,
        };
        entry.group = this.#groupOf(entry);
        return entry;
    }

    #groupOf({ variant, before, textures, isDoubleSided }) {
        const key = `${variant} ${before} ${isDoubleSided} ${textures.join()}`;
        if (!this.#groups.has(key)) this.#groups.set(key, this.#groups.size);
        return this.#groups.get(key);
    }

    #write(entry) {
        if (!this.#table) return;
        if (this.#table.reserve((entry.row + 1) * materialTexelCount)) {
            this.#writeAll();
        } else {
            this.#writeRow(entry);
        }
    }

    #writeAll() {
        const rows = Math.max(0, ...[...this.#entries.values()].map((entry) => entry.row));
        this.#table.reserve((rows + 1) * materialTexelCount);
        [this.#unknown, ...this.#entries.values()].forEach((entry) => this.#writeRow(entry));
    }

    #writeRow({ row, value }) {
        packMaterial(value, (texture, isColor) => this.#textures.conversion(texture, isColor), this.#values);
        this.#table.write(this.#values, row * materialTexelCount, materialTexelCount, 0);
    }
}
