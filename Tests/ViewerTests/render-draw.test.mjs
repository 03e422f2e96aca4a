// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Draw lists, materials, cameras and picking: everything that needs no GPU.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DrawList } from '../../Sources/Viewer/web/render/draw-list.js';
import { cameraAxes, depthMapping, frameByteCount, heading, writeFrame } from '../../Sources/Viewer/web/render/frame-block.js';
import { MaterialStore } from '../../Sources/Viewer/web/render/material-store.js';
import {
    isBlended, materialTexelCount, materialVariant, missingTextures, packMaterial, slots, variantBits, variantNames,
} from '../../Sources/Viewer/web/render/material-slots.js';
import { nearestHit, pointAt } from '../../Sources/Viewer/web/render/picker.js';
import { shaderFiles, shaderSource } from '../../Sources/Viewer/web/render/program-library.js';
import { TextureStore } from '../../Sources/Viewer/web/render/texture-store.js';

const plain = {
    name: '', baseColorFactor: [1, 0.5, 0.25, 0.4], metallicFactor: 0.1, roughnessFactor: 0.7, emissiveFactor: [1, 2, 3],
    emissiveStrength: 2, normalScale: 1, occlusionStrength: 1, alphaMode: 'opaque', alphaCutoff: 0.5,
    isDoubleSided: false, isUnlit: false, transmissionFactor: 0, indexOfRefraction: 1.5,
};
const reference = (texture, change = {}) => (
    { texture, coordinateSet: 0, offset: [0, 0], rotation: 0, scale: [1, 1], ...change });
const asRead = () => 0;

function scene() {
    const page = (number) => ({ number, indexSize: 2 });
    const mesh = (node, pageNumber, firstIndex, center = [0, 0, 0]) => ({
        node, page: page(pageNumber), slot: { firstIndex }, origin: [node, 0, 0], gridStep: 0.5, center, radius: 1, drawnIn: -1,
    });
    const meshes = new Map([mesh(1, 0, 0), mesh(2, 0, 300), mesh(3, 1, 0, [10, 0, 0])].map((each) => [each.node, each]));
    const materials = new MaterialStore(new TextureStore());
    const set = (material, value) => materials.set({ material, value: { ...plain, ...value }, textures: [] });
    set(0, {});
    set(1, { baseColorFactor: [0, 0, 0, 1] });
    set(2, { isDoubleSided: true });
    set(3, { alphaMode: 'blend' });
    return { meshes, materials };
}

// Row i is moved i metres along x.
function drawEvent(draws, visible, rowCount = 4) {
    const instances = new Float32Array(16 * rowCount);
    for (let row = 0; row < rowCount; row += 1) {
        instances.set([1, 0, 0, row, 0, 1, 0, 0, 0, 0, 1, 0], 16 * row);
    }
    return {
        draws: Uint32Array.from(draws.flat()), drawCount: draws.length, visible: Uint32Array.from(visible), instances,
        instanceCount: rowCount, reference: [0, 0, 0],
    };
}

test('draws that differ only in a material\'s numbers share a batch; pages, sides and mirroring split', () => {
    const { meshes, materials } = scene();
    const list = new DrawList();
    list.build(drawEvent([
        [1, 0, 30, 0, 1, 0], [2, 6, 60, 1, 2, 1], [3, 0, 30, 0, 1, 0], [1, 0, 30, 0, 1, 2], [1, 0, 30, 0, 1, 1 << 24],
    ], [0, 1, 2]), meshes, materials);
    assert.deepEqual(list.batches.map(({ count }) => count).sort(), [1, 1, 1, 2]);
    assert.deepEqual([list.opaqueCount, list.drawCount, list.triangleCount], [5, 5, 10 + 40 + 30]);
    const shared = list.batches.find(({ count }) => count === 2);
    const rows = [shared.first, shared.first + 1];
    assert.deepEqual(rows.map((row) => list.counts[row]), [30, 60]);
    assert.deepEqual(rows.map((row) => list.offsets[row]), [0, 612]);
    assert.deepEqual(rows.map((row) => list.table[8 * row + 5]), [1, 2]);
    assert.deepEqual([...list.table.subarray(8 * rows[1], 8 * rows[1] + 4)], [2, 0, 0, 1]);
    assert.equal(new Float32Array(list.table.buffer)[8 * rows[1] + 4], 0.5);
    const firsts = list.batches.map(({ first, count }) => [first, first + count]).sort(([a], [b]) => a - b);
    firsts.reduce((end, [first, next]) => { assert.equal(first, end); return next; }, 0);
});

test('unknown nodes are left out, and drawn meshes know it', () => {
    const { meshes, materials } = scene();
    const list = new DrawList();
    list.build(drawEvent([[9, 0, 30, 0, 1, 0], [1, 0, 30, 0, 1, 0]], [0]), meshes, materials);
    assert.equal(list.drawCount, 1);
    assert.equal(meshes.get(1).drawnIn, list.generation);
    assert.equal(meshes.get(2).drawnIn, -1);
    list.build(drawEvent([], []), meshes, materials);
    assert.notEqual(meshes.get(1).drawnIn, list.generation);
    assert.deepEqual([list.drawCount, list.batches.length], [0, 0]);
});

test('blended instances are drawn one by one, the farthest first', () => {
    const { meshes, materials } = scene();
    const list = new DrawList();
    list.build(drawEvent([[1, 0, 30, 0, 3, 3], [2, 0, 30, 0, 1, 0]], [0, 1, 2]), meshes, materials);
    assert.deepEqual([list.opaqueCount, list.drawCount], [1, 4]);
    const order = () => [1, 2, 3].map((row) => list.table[8 * row + 3]);
    assert.equal(list.sortBlended([-5, 0, 0]), true);
    assert.deepEqual(order(), [2, 1, 0]);
    list.sortBlended([5, 0, 0]);
    assert.deepEqual(order(), [0, 1, 2]);
    assert.deepEqual(list.blendedBatches.map(({ first, count }) => [first, count]), [[1, 3]]);
});

test('instances stay from list to list, and cells are subtracted where a sphere is placed', () => {
    const { meshes, materials } = scene();
    const list = new DrawList();
    const event = drawEvent([[3, 0, 30, 0, 1, 0]], [2]);
    new Int32Array(event.instances.buffer)[16 * 2 + 12] = 4;
    list.build(event, meshes, materials);
    const kept = { ...event, instances: null };
    list.build(kept, meshes, materials);
    const { minimum, maximum } = list.measureBounds(kept, meshes);
    const middle = (minimum[0] + maximum[0]) / 2;
    assert.equal(middle, (10 - 4) * 0.5 + 2);
});

test('a program without textures stands in for those that another reads', () => {
    const missing = (...names) => missingTextures(names.reduce((variant, name) => variant | variantBits[name], 0));
    assert.deepEqual(missing('PLAIN_COORDINATES', 'MASK', 'NORMAL_TEXTURE'), [0, 0, 0]);
    assert.deepEqual(missing('BASE_COLOR_TEXTURE', 'EMISSIVE_TEXTURE'), [1, 0, 1]);
    assert.deepEqual(missing('METALLIC_ROUGHNESS_TEXTURE', 'SHEEN'), [0, 1, 0]);
});

test('a material asks for exactly the features it has', () => {
    const names = (value) => variantNames(materialVariant({ ...plain, ...value }, asRead));
    assert.deepEqual(names({}), ['PLAIN_COORDINATES']);
    assert.deepEqual(
        names({ baseColorTexture: reference(1), normalTexture: reference(2), alphaMode: 'mask' }),
        ['BASE_COLOR_TEXTURE', 'NORMAL_TEXTURE', 'MASK', 'PLAIN_COORDINATES']);
    assert.deepEqual(names({ baseColorTexture: reference(1, { scale: [2, 2] }) }), ['BASE_COLOR_TEXTURE']);
    assert.deepEqual(names({ baseColorTexture: reference(1, { coordinateSet: 1 }) }), ['BASE_COLOR_TEXTURE']);
    assert.deepEqual(
        names({ isUnlit: true, normalTexture: reference(2), transmissionFactor: 1 }), ['UNLIT', 'PLAIN_COORDINATES']);
    assert.deepEqual(names({ transmissionFactor: 1 }), ['TRANSMISSION', 'BLEND', 'PLAIN_COORDINATES']);
    assert.deepEqual(names({ clearcoat: { factor: 0 } }), ['PLAIN_COORDINATES']);
    assert.ok(isBlended({ ...plain, alphaMode: 'blend' }) && !isBlended({ ...plain, alphaMode: 'mask' }));
});

test('every variant\'s bit is its own, and the shader tests each name', () => {
    assert.equal(new Set(Object.values(variantBits)).size, slots.length + 8);
    const read = (name) => readFileSync(new URL(`../../Shaders/${name}`, import.meta.url), 'utf8');
    const [shader, surface, vulkan] = ['webgl/mesh.frag.glsl', 'common/surface.glsl', 'vulkan/mesh.frag'].map(read);
    const slotNames = slots.map(({ name }) => name);
    for (const [name, bit] of Object.entries(variantBits)) {
        if (slotNames.includes(name)) assert.match(shader, new RegExp(`#ifdef ${name}\\n`), name);
        else assert.match(surface, new RegExp(`\\bHAS_${name}\\b`), name);
        // The server's renderer gives the bits' numbers to the same constants.
        assert.match(vulkan, new RegExp(`constant_id = ${Math.log2(bit)}\\) const bool HAS_${name} `), name);
    }
    const count = Number(/MATERIAL_TEXELS = (\d+)/.exec(shader)[1]);
    assert.equal(count, materialTexelCount);
    slots.forEach(({ name }, number) => {
        const sampler = name.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
        assert.match(shader, new RegExp(`SAMPLED\\(${sampler}, ${number}\\)`), name);
    });
});

test('materials are packed as the shader reads them', () => {
    const out = new Float32Array(4 * materialTexelCount);
    const value = {
        ...plain, baseColorTexture: reference(1, { rotation: Math.PI / 2, scale: [2, 3], offset: [0.5, 0.25] }),
        metallicRoughnessTexture: reference(1, { coordinateSet: 1 }),
    };
    packMaterial(value, (_, isColor) => (isColor ? 1 : 0), out);
    const near = (at, expected) => expected.forEach((number, i) => assert.ok(Math.abs(out[at + i] - number) < 1e-6, `${at + i}`));
    near(0, [1, 0.5, 0.25, 1, 0.1, 0.7, 1, 1, 2, 4, 6, 0.5, 0.04, 0, 1, 0]);
    near(32, [0, -2, 3, 0, 0.5, 0.25, 2, 0]);
    near(40, [1, 0, 0, 1, 0, 0, 1, 0]);
    packMaterial({ ...plain, alphaMode: 'blend' }, asRead, out);
    near(0, [1, 0.5, 0.25, 0.4]);
});

test('an unknown material is drawn gray until it comes', () => {
    const materials = new MaterialStore(new TextureStore());
    assert.equal(materials.get(7).row, 0);
    materials.set({ material: 7, value: plain, textures: [] });
    assert.equal(materials.get(7).row, 8);
});

const bounds = { minimum: [-1, -1, -1], maximum: [1, 1, 1] };
const view = { eye: [0, 0, 5], orientation: [0, 0, 0, 1], projection: 'perspective', scale: 0.5, width: 200, height: 100 };

test('depth falls from near to far when reversed, and rises when not', () => {
    for (const projection of ['perspective', 'orthographic']) {
        for (const isReversed of [true, false]) {
            const [a, b, c, d] = depthMapping({ ...view, projection }, cameraAxes(view.orientation), bounds, isReversed);
            const depths = [4, 5, 6].map((away) => (a * -away + b) / (c * -away + d));
            depths.forEach((depth) => assert.ok(depth <= 1 && depth >= (isReversed ? 0 : -1)));
            assert.ok(isReversed ? depths[0] > depths[1] && depths[1] > depths[2] : depths[0] < depths[1] && depths[1] < depths[2]);
        }
    }
});

test('an eye inside the model still has a near plane', () => {
    const inside = { ...view, eye: [0, 0, 0] };
    for (const isReversed of [true, false]) {
        const [, b] = depthMapping(inside, cameraAxes(view.orientation), bounds, isReversed);
        assert.ok(Math.abs(b) > 1e-6 && Math.abs(b) < 0.1);
    }
});

test('the studio follows the heading and not the pitch', () => {
    const turned = (yaw, pitch) => {
        const [a, b] = [yaw / 2, pitch / 2];
        return cameraAxes([Math.cos(a) * Math.sin(b), Math.sin(a) * Math.cos(b), -Math.sin(a) * Math.sin(b), Math.cos(a) * Math.cos(b)]);
    };
    for (const pitch of [-1.5, 0, 1.2]) {
        const [x, z] = heading(turned(0.7, pitch));
        assert.ok(Math.abs(x - Math.cos(0.7)) < 1e-9 && Math.abs(z + Math.sin(0.7)) < 1e-9);
    }
    assert.deepEqual(heading({ right: [0, 1, 0] }), [1, 0]);
});

test('a region fills the target with its part of the picture', () => {
    const out = new Float32Array(frameByteCount / 4);
    const frame = { view, reference: [0, 0, 0], bounds, isReversed: true, top: [1, 1, 1], bottom: [0, 0, 0] };
    writeFrame(out, frame);
    assert.deepEqual([...out.subarray(12, 16)], [1, 2, -0, -0]);
    writeFrame(out, { ...frame, region: { x: 150, y: 50, width: 20, height: 10 } });
    const [sx, sy, tx, ty] = out.subarray(12, 16);
    // The region's lower left corner: (0.5, 0) in clip space.
    assert.ok(Math.abs(0.5 / 1 * sx + tx + 1) < 1e-5 && Math.abs(0 * sy + ty + 1) < 1e-5);
});

test('a hit gives back the point that was drawn', () => {
    const place = pointAt(view, 150, 75, 4);
    assert.deepEqual(place, [2, 1, 1]);
    assert.deepEqual(pointAt({ ...view, projection: 'orthographic' }, 150, 75, 4), [0.5, 0.25, 1]);
});

test('the hit closest to the middle wins', () => {
    const pixels = new Uint32Array(100);
    const depths = new Float32Array(pixels.buffer);
    assert.equal(nearestHit(pixels, [0, 0], view), null);
    const put = (pixel, tree, depth) => {
        pixels.set([tree, 9, 0, 1], 4 * pixel);
        depths[4 * pixel + 2] = depth;
    };
    put(0, 1, 1);
    put(11, 2, 7);
    put(13, 3, 6);
    const { treeNode, instance, depth } = nearestHit(pixels, [0, 0], view);
    assert.deepEqual([treeNode, instance, depth], [3, 9, 6]);
});

test('shader texts are complete, and begin with their version', () => {
    const folders = ['common', 'webgl'];
    const texts = Object.fromEntries(shaderFiles.map((name) => {
        const text = folders.map((folder) => {
            try { return readFileSync(new URL(`../../Shaders/${folder}/${name}`, import.meta.url), 'utf8'); } catch { return ''; }
        }).join('');
        assert.ok(text.length > 0, name);
        return [name, text];
    }));
    const source = shaderSource(texts, 'mesh.vert.glsl', ['MASK'], true);
    assert.ok(source.startsWith('#version 300 es\n#extension GL_ANGLE_multi_draw : require\n'));
    assert.match(source, /#define MASK\n/);
    const fragment = shaderSource(texts, 'mesh.frag.glsl', ['MASK'], true);
    assert.match(fragment, /const bool HAS_MASK = true;\n/);
    assert.match(fragment, /const bool HAS_BLEND = false;\n/);
    assert.ok(!fragment.includes('#include') && fragment.includes('vec4 shownPixel()'));
    assert.ok(!shaderSource(texts, 'mesh.frag.glsl', [], true).includes('multi_draw'));
    assert.ok(!texts['shading.glsl'].includes('#version') && !texts['shading.glsl'].includes('sampler2D'));
});
