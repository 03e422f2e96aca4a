// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { levelsBelow } from './texture-tail.js';

const colorRole = 1;
const dataRole = 2;
// Values of textures of which nothing has arrived: what stands out least until it does.
const placeholders = {
    white: [255, 255, 255, 255], black: [0, 0, 0, 255], gray: [150, 150, 150, 255], flat: [128, 128, 255, 255],
    dull: [255, 190, 0, 255],
};
const largestTail = 128;

/**
 * The textures on the GPU. Levels arrive from coarse to fine, and memory grows with them: a finer level makes a new
 * texture, into which the coarser ones are copied on the GPU. (One texture that is redefined level by level, with a base
 * level, would be the obvious way; drivers reallocate it each time all the same, and Chrome warns of it.)
 */
export class TextureStore {
    #gl = null;
    #anisotropy = 1;
    #anisotropyName = 0;
    #facts = new Map();
    #roles = new Map();
    #textures = new Map();
    #samplers = new Map();
    #placeholders = new Map();
    #scratch = null;
    #framebuffer = null;

    byteCount = 0;

    /** Takes a new context; everything on the old one is gone. */
    attach({ gl, anisotropy, capabilities }) {
        this.#gl = gl;
        this.#anisotropyName = anisotropy?.TEXTURE_MAX_ANISOTROPY_EXT ?? 0;
        this.#anisotropy = Math.min(capabilities.isSoftware ? 1 : 8, capabilities.maximumAnisotropy);
        this.#textures.clear();
        this.#samplers.clear();
        this.#placeholders.clear();
        this.byteCount = 0;
        this.#framebuffer = gl.createFramebuffer();
        for (const [name, value] of Object.entries(placeholders)) this.#makePlaceholder(name, value);
    }

    /** @param {object[]} facts {texture, width, height, levels, wrapU, wrapV, isNearest} */
    describe(facts) {
        for (const fact of facts) this.#facts.set(fact.texture, fact);
    }

    /**
     * Says that a slot reads a texture as colour or as data.
     * @returns {boolean} whether conversions of the texture's other users may have changed
     */
    noteRole(texture, isColor) {
        const before = this.#roles.get(texture) ?? 0;
        const after = before | (isColor ? colorRole : dataRole);
        this.#roles.set(texture, after);
        return before !== 0 && before !== after;
    }

    /** 0: sampling gives what the slot reads; 1: decode sRGB in the shader; 2: encode it there. */
    conversion(texture, isColor) {
        const isEncoded = this.#isEncoded(texture);
        if (isEncoded === isColor) return 0;
        return isColor ? 1 : 2;
    }

    /** Whether a texture event's level is the next finer one of its texture. Others wait. */
    accepts({ texture, level }) {
        const stored = this.#textures.get(texture) ?? this.#make(texture);
        return level === stored.finest - 1 || level >= stored.finest;
    }

    /**
     * Sends a part of a level that is accepted.
     * @param {{texture: number, level: number, width: number, height: number, image: ImageBitmap}} event
     * @param {number} byteLimit at least one row is sent
     * @returns {number} bytes sent; 0 when the level is there
     */
    put(event, byteLimit) {
        const stored = this.#textures.get(event.texture);
        if (event.level >= stored.finest) {
            event.image.close?.();
            return 0;
        }
        stored.growth ??= this.#startGrowth(stored, event);
        const { growth } = stored;
        const rows = Math.min(event.height - growth.rows, Math.max(1, Math.floor(byteLimit / (4 * event.width))));
        if (rows > 0) {
            this.#sendRows(growth, event, rows);
        } else {
            this.#finishGrowth(stored, event);
        }
        return 4 * event.width * rows;
    }

    /** Frees a level, as soon as no finer one needs it. */
    remove(texture, level) {
        const stored = this.#textures.get(texture);
        if (!stored) return;
        if (stored.growth?.level === level) this.#abandonGrowth(stored);
        if (!stored.wanted.delete(level)) return;
        while (stored.finest <= stored.coarsest && !stored.wanted.has(stored.finest)) this.#shrink(stored);
    }

    /**
     * Binds what a slot samples to a unit.
     * @param {number} texture or -1
     * @param {string} missing name of the placeholder
     */
    bind(unit, texture, missing) {
        const gl = this.#gl;
        const stored = this.#textures.get(texture);
        const isReady = stored?.handle != null;
        gl.activeTexture(gl.TEXTURE0 + unit);
        gl.bindTexture(gl.TEXTURE_2D, isReady ? stored.handle : this.#placeholders.get(missing));
        gl.bindSampler(unit, isReady ? stored.sampler : null);
    }

    #isEncoded(texture) {
        return this.#textures.get(texture)?.isEncoded ?? this.#roles.get(texture) === colorRole;
    }

    #make(texture) {
        const facts = this.#facts.get(texture) ?? { levels: 1, wrapU: 'repeat', wrapV: 'repeat', isNearest: false };
        const stored = {
            handle: null, sizes: [], isEncoded: this.#isEncoded(texture), coarsest: facts.levels - 1,
            finest: facts.levels, wanted: new Set(), growth: null, sampler: this.#sampler(facts),
        };
        this.#textures.set(texture, stored);
        return stored;
    }

    // A new texture with a level in front of those that are there; behind the coarsest come smaller ones, made here.
    #startGrowth(stored, { level, width, height, image }) {
        const tail = stored.handle ? [] : this.#tail(stored, width, height, image);
        const sizes = [[width, height], ...stored.sizes, ...tail.map((small) => [small.width, small.height])];
        return { level, handle: this.#allocate(stored, sizes), sizes, tail, rows: 0 };
    }

    #sendRows(growth, { width, image }, rows) {
        const gl = this.#gl;
        gl.bindTexture(gl.TEXTURE_2D, growth.handle);
        gl.pixelStorei(gl.UNPACK_SKIP_ROWS, growth.rows);
        gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, growth.rows, width, rows, gl.RGBA, gl.UNSIGNED_BYTE, image);
        gl.pixelStorei(gl.UNPACK_SKIP_ROWS, 0);
        growth.rows += rows;
    }

    #finishGrowth(stored, { level, image }) {
        const gl = this.#gl;
        const { handle, sizes, tail } = stored.growth;
        gl.bindTexture(gl.TEXTURE_2D, handle);
        tail.forEach(({ width, height, data }, number) => {
            gl.texSubImage2D(gl.TEXTURE_2D, number + 1, 0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
        });
        this.#replace(stored, handle, sizes, 1, 0);
        stored.growth = null;
        stored.finest = level;
        stored.wanted.add(level);
        image.close?.();
    }

    #abandonGrowth(stored) {
        this.#gl.deleteTexture(stored.growth.handle);
        this.byteCount -= 4 * texelCount(stored.growth.sizes);
        stored.growth = null;
    }

    #shrink(stored) {
        stored.finest += 1;
        if (stored.finest > stored.coarsest) {
            this.#replace(stored, null, [], 0, 0);
            return;
        }
        const sizes = stored.sizes.slice(1);
        this.#replace(stored, this.#allocate(stored, sizes), sizes, 0, 1);
    }

    #allocate({ isEncoded }, sizes) {
        const gl = this.#gl;
        const handle = gl.createTexture();
        gl.bindTexture(gl.TEXTURE_2D, handle);
        gl.texStorage2D(gl.TEXTURE_2D, sizes.length, isEncoded ? gl.SRGB8_ALPHA8 : gl.RGBA8, ...sizes[0]);
        this.byteCount += 4 * texelCount(sizes);
        return handle;
    }

    // Copies the old texture's levels `from …` to the bound new one's `to …`, if there are both, and puts it in its place.
    #replace(stored, handle, sizes, to, from) {
        const gl = this.#gl;
        if (handle && stored.handle) {
            gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#framebuffer);
            for (let level = from; level < stored.sizes.length; level += 1) {
                gl.framebufferTexture2D(
                    gl.READ_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, stored.handle, level);
                gl.copyTexSubImage2D(gl.TEXTURE_2D, level - from + to, 0, 0, 0, 0, ...stored.sizes[level]);
            }
            gl.framebufferTexture2D(gl.READ_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, null, 0);
            gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
        }
        gl.deleteTexture(stored.handle);
        this.byteCount -= 4 * texelCount(stored.sizes);
        stored.handle = handle;
        stored.sizes = sizes;
    }

    #tail(stored, width, height, image) {
        if (Math.max(width, height) > largestTail || typeof OffscreenCanvas === 'undefined') return [];
        this.#scratch ??= new OffscreenCanvas(largestTail, largestTail).getContext('2d', { willReadFrequently: true });
        this.#scratch.clearRect(0, 0, largestTail, largestTail);
        this.#scratch.drawImage(image, 0, 0);
        const { data } = this.#scratch.getImageData(0, 0, width, height);
        return levelsBelow({ width, height, data }, stored.isEncoded);
    }

    #sampler({ wrapU, wrapV, isNearest }) {
        const key = `${wrapU} ${wrapV} ${isNearest}`;
        if (this.#samplers.has(key)) return this.#samplers.get(key);
        const gl = this.#gl;
        const wraps = { repeat: gl.REPEAT, mirroredRepeat: gl.MIRRORED_REPEAT, clampToEdge: gl.CLAMP_TO_EDGE };
        const sampler = gl.createSampler();
        gl.samplerParameteri(sampler, gl.TEXTURE_WRAP_S, wraps[wrapU]);
        gl.samplerParameteri(sampler, gl.TEXTURE_WRAP_T, wraps[wrapV]);
        gl.samplerParameteri(sampler, gl.TEXTURE_MAG_FILTER, isNearest ? gl.NEAREST : gl.LINEAR);
        gl.samplerParameteri(
            sampler, gl.TEXTURE_MIN_FILTER, isNearest ? gl.NEAREST_MIPMAP_LINEAR : gl.LINEAR_MIPMAP_LINEAR);
        if (this.#anisotropy > 1 && !isNearest) {
            gl.samplerParameterf(sampler, this.#anisotropyName, this.#anisotropy);
        }
        this.#samplers.set(key, sampler);
        return sampler;
    }

    #makePlaceholder(name, value) {
        const gl = this.#gl;
        const handle = gl.createTexture();
        gl.bindTexture(gl.TEXTURE_2D, handle);
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(value));
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
        this.#placeholders.set(name, handle);
        this.byteCount += 4;
    }
}

function texelCount(sizes) {
    return sizes.reduce((sum, [width, height]) => sum + width * height, 0);
}
