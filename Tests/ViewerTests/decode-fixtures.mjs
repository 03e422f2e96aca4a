// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What the tests of decoding share: archives that `vantage` makes, payloads written by hand, seeded noise.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';

import { Archive } from './archive-reader.mjs';
import { ArithmeticEncoder, borderNumbers, writeBorderNormals, writeLowBits } from './details-writer.mjs';
import { terrainPly } from './ply.mjs';

const vantage = fileURLToPath(new URL('../../.build/debug/vantage', import.meta.url));

export const dracoModule = () => new WebAssembly.Module(
    readFileSync(new URL('../../.work/draco/draco_decoder.wasm', import.meta.url)));

/** An archive of a sample `scan`, of coloured `terrain`, or of the small `assembly` or `textured` ball below. */
export function sampleArchive(kind, ...options) {
    assert.ok(existsSync(vantage), `${vantage} is missing: run \`swift build\` first (tools/test does)`);
    const folder = mkdtempSync(join(tmpdir(), 'vantage-decode-'));
    after(() => rmSync(folder, { recursive: true, force: true }));
    const ending = { scan: 'ply', terrain: 'ply', assembly: 'gltf', textured: 'gltf' }[kind];
    const [source, output] = [join(folder, `${kind}.${ending}`), join(folder, 'a.vantage')];
    if (kind === 'terrain') writeFileSync(source, terrainPly(40, 'float', true));
    else if (kind === 'assembly') writeFileSync(source, assemblyGltf(600));
    else if (kind === 'textured') writeFileSync(source, texturedGltf());
    else execFileSync(vantage, ['sample', kind, ...options, '-o', source], { stdio: 'pipe' });
    execFileSync(vantage, ['import', source, '-o', output], { stdio: 'pipe' });
    return new Archive(readFileSync(output));
}

/** glTF of `count` instances of two parts, a ball and a wedge, in a grid that needs several sectors. */
function assemblyGltf(count) {
    const wedge = { positions: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2], indices: [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3] };
    const parts = [ball(12), wedge];
    const side = Math.ceil(Math.cbrt(count));
    const nodes = Array.from({ length: count }, (_, i) => {
        const cell = [i % side, Math.floor(i / side) % side, Math.floor(i / side / side)];
        return { mesh: i % 2, translation: cell.map((x) => 4 * x) };
    });
    return gltf({
        nodes, materials: [{ pbrMetallicRoughness: { baseColorFactor: [1, 0, 0, 1] } }, { doubleSided: true }],
        meshes: parts.map((_, part) => [{ attributes: { POSITION: 2 * part }, indices: 2 * part + 1, material: part }]),
    }, parts.flatMap(({ positions, indices }) => [[3, positions], [1, indices]]));
}

/** glTF of one ball with a texture, two coordinate sets, colours with alpha, and normals of its own. */
function texturedGltf() {
    const { positions, indices } = ball(24);
    const vertices = Array.from({ length: positions.length / 3 }, (_, i) => positions.slice(3 * i, 3 * i + 3));
    const flattened = vertices.flatMap(([x, y, z]) => {
        const length = Math.hypot(x, 3 * y, z);
        return [x / length, (3 * y) / length, z / length];
    });
    const uv = vertices.flatMap(([x, y]) => [(x + 1) / 2, (y + 1) / 2]);
    const colors = vertices.flatMap(([x, y, z]) => [x, y, z, 0].map((value) => (value + 1) / 2));
    const texture = { index: 0, texCoord: 1 };
    return gltf({
        nodes: [{ mesh: 0 }], textures: [{ source: 0 }],
        images: [{ uri: `data:image/png;base64,${png(96, 48).toString('base64')}` }],
        materials: [{
            pbrMetallicRoughness: { baseColorTexture: { index: 0 }, metallicRoughnessTexture: texture },
            alphaMode: 'BLEND',
        }],
        meshes: [[{
            attributes: { POSITION: 0, NORMAL: 1, TEXCOORD_0: 2, TEXCOORD_1: 3, COLOR_0: 4 }, indices: 5, material: 0,
        }]],
    }, [[3, positions], [3, flattened], [2, uv], [2, uv.map((value) => 1 - value)], [4, colors], [1, indices]]);
}

/** A glTF document whose accessors are the columns: [components, values], the ones with one component being indices. */
function gltf({ meshes, nodes, ...rest }, columns) {
    const blocks = columns.map(([size, values]) => (size === 1 ? Uint32Array.from(values) : Float32Array.from(values)));
    const buffer = Buffer.concat(blocks.map(({ buffer: bytes }) => Buffer.from(bytes)));
    let offset = 0;
    const bufferViews = blocks.map(({ byteLength }) => {
        offset += byteLength;
        return { buffer: 0, byteOffset: offset - byteLength, byteLength };
    });
    const accessors = columns.map(([size, values], bufferView) => ({
        bufferView, componentType: size === 1 ? 5125 : 5126, count: values.length / size,
        type: ['SCALAR', 'VEC2', 'VEC3', 'VEC4'][size - 1],
        ...(size === 3 ? { min: [-1, -1, -1], max: [2, 2, 2] } : {}),
    }));
    const uri = `data:application/octet-stream;base64,${buffer.toString('base64')}`;
    return JSON.stringify({
        asset: { version: '2.0' }, scene: 0, scenes: [{ nodes: nodes.map((_, i) => i) }], nodes, accessors, bufferViews,
        buffers: [{ byteLength: buffer.length, uri }],
        meshes: meshes.map((primitives) => ({ primitives })), ...rest,
    });
}

/** An RGB image with a gradient. */
export function png(width, height) {
    const rows = Array.from({ length: height }, (_, y) => Buffer.from(
        [0, ...Array.from({ length: width }, (__, x) => [2 * x, 5 * y, 99]).flat()]));
    const chunk = (type, data) => {
        const body = Buffer.concat([Buffer.from(type), data]);
        const words = Buffer.alloc(8);
        words.writeUInt32BE(data.length, 0);
        words.writeUInt32BE(crc32(body), 4);
        return Buffer.concat([words.subarray(0, 4), body, words.subarray(4)]);
    };
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 2], 8);
    const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
    const pixels = deflateSync(Buffer.concat(rows));
    return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

/** A ball of 4 × rings² triangles. */
function ball(rings) {
    const positions = [];
    const indices = [];
    const columns = 2 * rings;
    for (let row = 0; row <= rings; row += 1) {
        for (let column = 0; column < columns; column += 1) {
            const [a, b] = [(Math.PI * row) / rings, (2 * Math.PI * column) / columns];
            positions.push(Math.sin(a) * Math.cos(b), Math.cos(a), -Math.sin(a) * Math.sin(b));
            if (row === rings) continue;
            const next = (column + 1) % columns;
            const [p, q] = [row * columns, (row + 1) * columns];
            indices.push(p + column, q + column, p + next, p + next, q + column, q + next);
        }
    }
    return { positions, indices };
}

/** What the client knows of an archive's geometries. */
export function geometryFacts(archive) {
    return new Map(archive.geometries.map(({ step, coordinateStep, materials }, number) => [
        number, { gridStep: step, coordinateStep, materialCount: materials.length },
    ]));
}

/** Marsaglia's 32-bit xorshift: the same noise in every run. */
export function xorshift(seed) {
    let state = seed;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    };
}

/** Little-endian bytes, value by value. */
export class Writer {
    bytes = [];

    #put(size, write) {
        const view = new DataView(new ArrayBuffer(size));
        write(view);
        this.bytes.push(...new Uint8Array(view.buffer));
        return this;
    }

    u8(value) { return this.#put(1, (view) => view.setUint8(0, value)); }
    u16(value) { return this.#put(2, (view) => view.setUint16(0, value, true)); }
    u32(value) { return this.#put(4, (view) => view.setUint32(0, value, true)); }
    i32(value) { return this.#put(4, (view) => view.setInt32(0, value, true)); }
    f32(value) { return this.#put(4, (view) => view.setFloat32(0, value, true)); }
    f64(value) { return this.#put(8, (view) => view.setFloat64(0, value, true)); }

    raw(values) {
        for (const value of values) this.bytes.push(value);
        return this;
    }

    varint(value) {
        let rest = value >>> 0;
        for (; rest > 127; rest >>>= 7) this.bytes.push((rest & 127) | 128);
        this.bytes.push(rest);
        return this;
    }

    /** Zigzag differences of a column. */
    column(values) {
        let previous = 0;
        for (const value of values) {
            const difference = (value - previous) | 0;
            this.varint((difference << 1) ^ (difference >> 31));
            previous = value;
        }
        return this;
    }

    get array() { return Uint8Array.from(this.bytes); }
}

/**
 * A plain payload of a mesh { layout, positions [[x, y, z]], indices, normals, coordinates, colors, border, coarseness,
 * shift, details } in the order of first use. `border` is [[vertex, code]], of which the grid of `coarseness` has the
 * nearest; `shift` is how many low bits travel apart; `details` replaces `head` or `stream`, what is in front of the
 * codec's bytes and behind them. `changes` replaces fields of the header.
 */
export function plainPayload(mesh, changes = {}) {
    const axes = [0, 1, 2];
    const origin = axes.map((axis) => Math.min(...mesh.positions.map((p) => p[axis])));
    const extent = axes.map((axis) => Math.max(...mesh.positions.map((p) => p[axis])) - origin[axis]);
    const triangles = mesh.indices.length / 3;
    const header = {
        codec: 0, layout: mesh.layout ?? 0, level: 0, zero: 0, node: 7, geometry: 0, vertices: mesh.positions.length,
        triangles, error: 1, rms: 0.5, origin, extent, parents: [], ranges: [[0xffffffff, 0, triangles]],
        body: plainBody(mesh, origin), ...changes,
    };
    const size = changes.bodySize ?? header.body.length;
    return writeHeader(header).u32(size).raw(header.body).array;
}

export function writeHeader(header) {
    const writer = new Writer().u8(header.codec).u8(header.layout).u8(header.level).u8(header.zero).u32(header.node);
    writer.u32(header.geometry).u32(header.vertices).u32(header.triangles).f32(header.error).f32(header.rms);
    for (const value of [...header.origin, ...header.extent]) writer.i32(value);
    writer.raw([0, 0, 0, 0, 0, 255]).u16(header.parents.length);
    for (const parent of header.parents) writer.u32(parent);
    writer.u16(header.ranges.length);
    for (const [child, material, count] of header.ranges) writer.u32(child).u16(material).varint(count);
    return writer;
}

function plainBody(mesh, origin) {
    const { positions, indices, normals, coordinates = [], colors = [], shift = 0 } = mesh;
    const { head, stream } = { ...detailsOf(mesh), ...mesh.details };
    const writer = new Writer().u8(head);
    let used = 0;
    for (const index of indices) {
        writer.varint(index === used ? 0 : used - index);
        if (index === used) used += 1;
    }
    for (const axis of [0, 1, 2]) writer.column(positions.map((p) => (p[axis] >> shift) - (origin[axis] >> shift)));
    if (normals) writer.column(normals.map((code) => code & 4095)).column(normals.map((code) => code >> 12));
    for (const set of coordinates) for (const axis of [0, 1]) writer.column(set.map((uv) => uv[axis]));
    for (let component = 0; component < (colors[0]?.length ?? 0); component += 1) {
        writer.column(colors.map((color) => color[component]));
    }
    return writer.raw(stream).bytes;
}

function detailsOf({ positions, indices, normals, shift = 0, border = [], coarseness = 0 }) {
    if (shift === 0 && border.length === 0) return { head: 0, stream: [] };
    const encoder = new ArithmeticEncoder();
    const counts = shift > 0 ? writeLowBits(encoder, positions, shift) : positions.map(() => 0);
    if (!normals) {
        writeBorderNormals(encoder, coarseness, borderNumbers({ positions, indices }, border, coarseness), counts);
    }
    return { head: shift | 16, stream: encoder.bytes };
}
