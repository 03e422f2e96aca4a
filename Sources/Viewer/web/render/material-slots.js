// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What a material asks of a program and of the material table: pure functions, the same numbers as mesh.frag.glsl.

/** Texture slots in the order of their numbers in the shader: where the material has them, and how they are read. */
export const slots = [
    { name: 'BASE_COLOR_TEXTURE', find: (value) => value.baseColorTexture, isColor: true, missing: 'gray' },
    { name: 'METALLIC_ROUGHNESS_TEXTURE', find: (value) => value.metallicRoughnessTexture, missing: 'dull' },
    { name: 'NORMAL_TEXTURE', find: (value) => value.normalTexture, missing: 'flat' },
    { name: 'OCCLUSION_TEXTURE', find: (value) => value.occlusionTexture, missing: 'white' },
    { name: 'EMISSIVE_TEXTURE', find: (value) => value.emissiveTexture, isColor: true, missing: 'black' },
    { name: 'TRANSMISSION_TEXTURE', find: (value) => value.transmissionTexture, missing: 'white' },
    { name: 'SHEEN_COLOR_TEXTURE', find: (value) => value.sheen?.colorTexture, isColor: true, missing: 'black' },
    { name: 'SHEEN_ROUGHNESS_TEXTURE', find: (value) => value.sheen?.roughnessTexture, missing: 'white' },
    { name: 'CLEARCOAT_TEXTURE', find: (value) => value.clearcoat?.texture, missing: 'black' },
    { name: 'CLEARCOAT_ROUGHNESS_TEXTURE', find: (value) => value.clearcoat?.roughnessTexture, missing: 'white' },
    { name: 'CLEARCOAT_NORMAL_TEXTURE', find: (value) => value.clearcoat?.normalTexture, missing: 'flat' },
    { name: 'SPECULAR_TEXTURE', find: (value) => value.specular?.texture, missing: 'white' },
    { name: 'SPECULAR_COLOR_TEXTURE', find: (value) => value.specular?.colorTexture, isColor: true, missing: 'white' },
];

const features = ['SHEEN', 'CLEARCOAT', 'SPECULAR', 'TRANSMISSION', 'MASK', 'BLEND', 'UNLIT', 'PLAIN_COORDINATES'];
const bit = Object.fromEntries([...slots.map((slot) => slot.name), ...features].map((name, i) => [name, 1 << i]));

/** Bits of a program variant, by the names that the shader tests. */
export const variantBits = Object.freeze(bit);

/** What has to be the same, and which textures stand for much of a material's look: without them it would be another. */
const unlike = bit.UNLIT | bit.MASK | bit.BLEND;
const defining = bit.BASE_COLOR_TEXTURE | bit.METALLIC_ROUGHNESS_TEXTURE | bit.EMISSIVE_TEXTURE;

/**
 * How well the program of `other` does for a material of `variant`, which may want more of it: the number of what it reads
 * and does; 0: not at all.
 */
export function likeness(other, variant) {
    const isSubset = (other & ~variant) === 0;
    const isDefined = (other & defining) === (variant & defining);
    if (!isSubset || !isDefined || (other & unlike) !== (variant & unlike)) return 0;
    return 1 + Object.values(bit).filter((one) => (other & one) !== 0).length;
}

/** Texels of a material in its table. */
export const materialTexelCount = 64;
const firstSlotTexel = 8;

/** The names to define for a variant. */
export function variantNames(variant) {
    return Object.keys(bit).filter((name) => (variant & bit[name]) !== 0);
}

/**
 * The program variant of a material.
 * @param {object} value the material
 * @param {(texture: number, isColor: boolean) => number} roleOf 0 stored as the slot reads it, 1 to decode, 2 to encode
 */
export function materialVariant(value, roleOf) {
    if (value.isUnlit) {
        const texture = value.baseColorTexture ? bit.BASE_COLOR_TEXTURE : 0;
        return bit.UNLIT | texture | alphaBits(value) | coordinateBits(value, roleOf);
    }
    let variant = alphaBits(value) | coordinateBits(value, roleOf);
    for (const slot of slots) if (slot.find(value)) variant |= bit[slot.name];
    if (value.sheen) variant |= bit.SHEEN;
    if (value.clearcoat && value.clearcoat.factor > 0) variant |= bit.CLEARCOAT;
    if (value.specular) variant |= bit.SPECULAR;
    if (isTransmissive(value)) variant |= bit.TRANSMISSION;
    return variant;
}

/** What a program that reads no textures has to stand in for: base colour, metallic-roughness, emission. */
export function missingTextures(variant) {
    return [bit.BASE_COLOR_TEXTURE, bit.METALLIC_ROUGHNESS_TEXTURE, bit.EMISSIVE_TEXTURE]
        .map((texture) => ((variant & texture) !== 0 ? 1 : 0));
}

/** Whether light passes the material, so that it is drawn after all others, back to front. */
export function isBlended(value) {
    return value.alphaMode === 'blend' || isTransmissive(value);
}

function isTransmissive(value) {
    return value.transmissionFactor > 0 && !value.isUnlit;
}

function alphaBits(value) {
    if (value.alphaMode === 'mask') return bit.MASK | (isBlended(value) ? bit.BLEND : 0);
    return isBlended(value) ? bit.BLEND : 0;
}

function coordinateBits(value, roleOf) {
    const isPlain = slots.every(({ find, isColor }) => {
        const reference = find(value);
        if (!reference) return true;
        const { coordinateSet, offset, rotation, scale, texture } = reference;
        return coordinateSet === 0 && offset[0] === 0 && offset[1] === 0 && rotation === 0 && scale[0] === 1
            && scale[1] === 1 && roleOf(texture, isColor === true) === 0;
    });
    return isPlain ? bit.PLAIN_COORDINATES : 0;
}

/**
 * Writes a material's texels.
 * @param {Float32Array} out 256 values
 */
export function packMaterial(value, roleOf, out) {
    const f0 = ((value.indexOfRefraction - 1) / (value.indexOfRefraction + 1)) ** 2;
    const alpha = value.alphaMode === 'opaque' ? 1 : value.baseColorFactor[3];
    const emission = value.emissiveFactor.map((channel) => channel * value.emissiveStrength);
    const { sheen, clearcoat, specular } = value;
    out.fill(0);
    out.set([...value.baseColorFactor.slice(0, 3), alpha], 0);
    out.set([value.metallicFactor, value.roughnessFactor, value.occlusionStrength, value.normalScale], 4);
    out.set([...emission, value.alphaCutoff], 8);
    out.set([f0, value.transmissionFactor, specular?.factor ?? 1, clearcoat?.factor ?? 0], 12);
    out.set([...(specular?.colorFactor ?? [1, 1, 1]), clearcoat?.roughnessFactor ?? 0], 16);
    out.set([...(sheen?.colorFactor ?? [0, 0, 0]), sheen?.roughnessFactor ?? 0], 20);
    out.set([clearcoat?.normalScale ?? 1, 0, 0, 0], 24);
    slots.forEach(({ find, isColor }, number) => {
        const reference = find(value);
        if (reference) packReference(reference, roleOf(reference.texture, isColor === true), out, firstSlotTexel + 2 * number);
    });
}

// Columns of the coordinates' matrix, offset, and set and role in one number.
function packReference({ coordinateSet, offset, rotation, scale }, role, out, texel) {
    const [sine, cosine] = [Math.sin(rotation), Math.cos(rotation)];
    out.set([cosine * scale[0], -sine * scale[0], sine * scale[1], cosine * scale[1]], 4 * texel);
    out.set([offset[0], offset[1], coordinateSet + 2 * role, 0], 4 * texel + 4);
}
