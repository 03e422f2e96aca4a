// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Which program draws a material while its own is being compiled.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { likeness, variantBits } from '../../Sources/Viewer/web/render/material-slots.js';
import { MaterialStore } from '../../Sources/Viewer/web/render/material-store.js';
import { ProgramLibrary, shaderFiles } from '../../Sources/Viewer/web/render/program-library.js';
import { fakeContext } from './fake-graphics.mjs';

const folders = ['webgl', 'common'].map((name) => new URL(`../../Shaders/${name}/`, import.meta.url));
const texts = Object.fromEntries(shaderFiles.map((name) => {
    for (const folder of folders) {
        try {
            return [name, readFileSync(new URL(name, folder), 'utf8')];
        } catch {
            // It is in the other one.
        }
    }
    throw new Error(`${name} is missing`);
}));

const {
    BASE_COLOR_TEXTURE: color, METALLIC_ROUGHNESS_TEXTURE: metal, NORMAL_TEXTURE: normal, OCCLUSION_TEXTURE: occlusion,
    CLEARCOAT: clearcoat, PLAIN_COORDINATES: plain, MASK: mask, BLEND: blend, UNLIT: unlit,
} = variantBits;

/** A library whose programs are ready when the test says so. */
function setUp() {
    const complete = new Set();
    const base = fakeContext();
    const gl = new Proxy({}, {
        get: (_, name) => {
            if (name !== 'getProgramParameter') return base[name];
            return (program, question) => (question === 'STATUS' ? complete.has(program) : true);
        },
    });
    const library = new ProgramLibrary({ gl, multiDraw: null, parallelCompile: { COMPLETION_STATUS_KHR: 'STATUS' } }, texts);
    const finish = (variant, before) => {
        library.mesh(variant, before);
        complete.add(gl.calls.filter(([name]) => name === 'linkProgram').at(-1)[1]);
        library.poll();
        return library.mesh(variant);
    };
    return { library, finish, simple: library.mesh(plain) };
}

test('until its own program is ready a material is drawn by the one that does most of the same, and nothing else', () => {
    const { library, finish, simple } = setUp();
    const wanted = color | metal | normal | occlusion | plain;
    assert.equal(library.mesh(wanted), simple, 'there is no other');
    const flat = finish(color | metal | plain);
    assert.equal(library.mesh(wanted), flat);
    const rough = finish(color | metal | normal | plain);
    assert.equal(library.mesh(wanted), rough);
    finish(color | metal | normal | clearcoat | plain);
    assert.equal(library.mesh(wanted), rough, 'what has a coat would shine');
    const general = finish(color | metal | normal);
    assert.equal(library.mesh(wanted), rough);
    assert.equal(library.mesh(color | metal | normal | occlusion), general);
});

test('a program that was good until now stays until the new one is ready', () => {
    const { library, finish, simple } = setUp();
    const before = color | metal | normal | plain;
    const old = finish(before);
    const after = color | metal | normal;
    assert.equal(library.mesh(after), simple, 'whoever has never been drawn so is drawn plainly');
    assert.equal(library.mesh(after, before), old);
    const own = finish(after, before);
    assert.notEqual(own, old);
    assert.equal(library.mesh(after, before), own);
});

test('a program is made while meshes are on their way, and waited for, but not for ever', () => {
    const { library, simple, finish } = setUp();
    assert.equal(library.isAwaited(performance.now()), false);
    library.prepare(color | plain);
    const began = performance.now();
    assert.equal(library.isAwaited(began), true);
    assert.equal(library.isAwaited(began + 1000), false);
    assert.equal(library.mesh(color | plain), simple);
    finish(color | plain);
    assert.equal(library.isAwaited(began), false);
    library.prepare(plain);
    assert.equal(library.pendingCount, 0, 'it is there from the start');
});

test('what is blended waits for a program that blends', () => {
    const { library, finish } = setUp();
    finish(color | plain);
    assert.equal(library.mesh(color | normal | blend | plain), null);
    const clear = finish(color | blend | plain);
    assert.equal(library.mesh(color | normal | blend | plain), clear);
});

test('programs that lack what makes a material\'s look do not stand in for it', () => {
    assert.equal(likeness(metal | plain, color | metal | plain), 0, 'it would be white');
    assert.equal(likeness(color | plain, color | mask | plain), 0, 'it would have no holes');
    assert.equal(likeness(color | unlit | plain, color | plain), 0);
    assert.equal(likeness(color | plain, color | normal), 0, 'textures would be read at other places');
    assert.ok(likeness(color, color | normal | plain) > 0);
    assert.ok(likeness(color | normal, color | normal | occlusion) > likeness(color, color | normal | occlusion));
});

test('a material remembers its variant when one of its textures turns out to be read in another way too', () => {
    const roles = new Map();
    const textures = {
        describe() {},
        noteRole: (texture, isColor) => {
            const before = roles.get(texture);
            roles.set(texture, before === undefined || before === isColor ? isColor : 'both');
            return before !== undefined && before !== isColor;
        },
        conversion: (texture, isColor) => (roles.get(texture) === 'both' && isColor ? 1 : 0),
    };
    const store = new MaterialStore(textures);
    const reference = (texture) => ({ texture, coordinateSet: 0, offset: [0, 0], rotation: 0, scale: [1, 1] });
    const material = (changes) => ({
        baseColorFactor: [1, 1, 1, 1], metallicFactor: 0, roughnessFactor: 1, emissiveFactor: [0, 0, 0], emissiveStrength: 1,
        alphaMode: 'opaque', isDoubleSided: false, indexOfRefraction: 1.5, ...changes,
    });
    store.set({ material: 0, value: material({ baseColorTexture: reference(7) }) });
    assert.deepEqual([store.get(0).variant, store.get(0).before], [color | plain, null]);
    store.set({ material: 1, value: material({ occlusionTexture: reference(7) }) });
    assert.deepEqual([store.get(0).variant, store.get(0).before], [color, color | plain]);
});
