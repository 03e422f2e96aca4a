// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// An archive as the renderer's events: everything decoded, one level drawn.

import { Reader, decodeNormal, none, readIndex, readNode, readSector } from '../../ViewerTests/archive-reader.mjs';

const wideBit = 1;
const colorBit = 8;

/** Fetches an archive and the Draco decoder. */
export async function loadArchive(url) {
    const [bytes, draco] = await Promise.all([fetchBytes(url), loadDraco()]);
    const header = new DataView(bytes.buffer);
    const section = (at) => {
        const offset = Number(header.getBigUint64(at, true));
        return bytes.subarray(offset, offset + Number(header.getBigUint64(at + 8, true)));
    };
    const corner = (at) => [0, 8, 16].map((axis) => header.getFloat64(at + axis, true));
    const archive = { bytes, draco, minimum: corner(152), maximum: corner(176), ...readIndex(section(56)) };
    archive.description = JSON.parse(new TextDecoder().decode(section(104)));
    archive.chunk = (number) => {
        const { offset, size } = archive.chunks[number];
        return bytes.subarray(offset, offset + size);
    };
    return archive;
}

async function fetchBytes(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
}

async function loadDraco() {
    const bytes = await fetchBytes('/.work/draco/draco_decoder.wasm');
    const { exports } = (await WebAssembly.instantiate(bytes, {})).instance;
    exports._initialize();
    const attribute = (id, type, Values) => {
        const pointer = exports.draco_attribute(id, type);
        const count = exports.draco_point_count() * exports.draco_component_count(id);
        const values = new Values(exports.memory.buffer, pointer, count).slice();
        exports.draco_release(pointer);
        return values;
    };
    return (mesh, maximumTriangles) => {
        const pointer = exports.draco_alloc(mesh.length);
        new Uint8Array(exports.memory.buffer, pointer, mesh.length).set(mesh);
        const triangles = exports.draco_decode(pointer, mesh.length, maximumTriangles);
        exports.draco_release(pointer);
        if (triangles <= 0) throw new Error(`draco_decode returned ${triangles}`);
        return {
            indices: new Uint32Array(exports.memory.buffer, exports.draco_indices(), 3 * triangles).slice(),
            pointCount: exports.draco_point_count(),
            integers: (id) => attribute(id, 2, Int32Array), floats: (id) => attribute(id, 0, Float32Array),
            bytes: (id) => attribute(id, 3, Uint8Array),
        };
    };
}

/** A material event for each of the model's materials. */
export function materialEvents({ description, textures }) {
    const facts = textures.map(({ width, height, levels }, texture) => (
        { texture, width, height, levels: levels.length, ...description.textures[texture].sampler }));
    return description.materials.map((value, material) => ({ material, value, textures: facts }));
}

/** Texture events, coarse to fine; `skip` levels of the finest are left out. */
export async function* textureEvents(archive, skip) {
    for (const [texture, { levels }] of archive.textures.entries()) {
        for (const chunk of levels.slice(skip > levels.length - 1 ? levels.length - 1 : skip).reverse()) {
            const reader = new Reader(archive.chunk(chunk));
            reader.u32();
            const level = reader.u8();
            const type = reader.u8() === 0 ? 'image/jpeg' : 'image/png';
            const [width, height] = [reader.u16(), reader.u16()];
            const image = await createImageBitmap(
                new Blob([archive.chunk(chunk).subarray(10)], { type }),
                { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
            yield { texture, level, width, height, image };
        }
    }
}

/** The mesh event of a node, and its header. */
export function meshEvent(archive, node) {
    const { chunk, offset, size, geometry } = archive.nodes[node];
    const { step, coordinateStep } = archive.geometries[geometry];
    const { header, mesh } = readNode(archive.chunk(chunk).subarray(offset, offset + size), archive.draco);
    const isWide = header.extent.some((extent) => extent > 65535);
    const { sets, colors } = header.layout;
    const vertexClass = (isWide ? wideBit : 0) | (sets << 1) | (colors ? colorBit : 0);
    const stride = (isWide ? 12 : 8) + 4 + 8 * sets + (colors ? 4 : 0);
    const vertices = new DataView(new ArrayBuffer(stride * header.vertices));
    const normals = nodeNormals(header, mesh);
    for (let vertex = 0; vertex < header.vertices; vertex += 1) {
        let at = vertex * stride;
        for (let axis = 0; axis < 3; axis += 1) {
            const value = mesh.positions[3 * vertex + axis] - header.origin[axis];
            if (isWide) vertices.setInt32(at + 4 * axis, value, true);
            else vertices.setUint16(at + 2 * axis, value, true);
        }
        at += isWide ? 12 : 8;
        const [u, v] = folded(normals[vertex]);
        vertices.setInt16(at, Math.round(32767 * u), true);
        vertices.setInt16(at + 2, Math.round(32767 * v), true);
        at += 4;
        for (let set = 0; set < sets; set += 1, at += 8) {
            vertices.setFloat32(at, mesh.coordinates[set][2 * vertex] * coordinateStep, true);
            vertices.setFloat32(at + 4, mesh.coordinates[set][2 * vertex + 1] * coordinateStep, true);
        }
        for (let component = 0; component < (colors ? 4 : 0); component += 1) {
            vertices.setUint8(at + component, component < colors ? mesh.colors[colors * vertex + component] & 255 : 255);
        }
    }
    const indices = header.vertices <= 65535 ? Uint16Array.from(mesh.indices) : mesh.indices;
    const event = {
        node, geometry, origin: header.origin, gridStep: step, vertexClass, vertexCount: header.vertices,
        indexCount: indices.length, vertices: vertices.buffer, indices,
        gpuByteCount: vertices.byteLength + indices.byteLength,
    };
    return { event, header };
}

function nodeNormals(header, mesh) {
    const at = (values, vertex) => [values[3 * vertex], values[3 * vertex + 1], values[3 * vertex + 2]];
    const all = Array.from({ length: header.vertices });
    if (mesh.floatNormals) return all.map((_, vertex) => at(mesh.floatNormals, vertex));
    if (mesh.normals) return all.map((_, vertex) => decodeNormal(mesh.normals[vertex]));
    const sums = new Float64Array(3 * header.vertices);
    for (let i = 0; i < mesh.indices.length; i += 3) {
        const corners = mesh.indices.subarray(i, i + 3);
        const [a, b, c] = [...corners].map((corner) => at(mesh.positions, corner));
        const [p, q] = [b, c].map((corner) => corner.map((place, axis) => place - a[axis]));
        const cross = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
        for (const corner of corners) cross.forEach((value, axis) => { sums[3 * corner + axis] += value; });
    }
    return all.map((_, vertex) => {
        const border = mesh.borderNormals.get(vertex);
        return border === undefined ? at(sums, vertex) : decodeNormal(border);
    });
}

function folded([x, y, z]) {
    const size = Math.abs(x) + Math.abs(y) + Math.abs(z);
    if (!(size > 0)) return [0, 0];
    const [u, v] = [x / size, y / size];
    if (z >= 0) return [u, v];
    return [(1 - Math.abs(v)) * (u < 0 ? -1 : 1), (1 - Math.abs(u)) * (v < 0 ? -1 : 1)];
}

/** All sectors with their instances. */
export async function readSectors(archive) {
    const inflate = async (bytes) => {
        const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
        return new Uint8Array(await new Response(stream).arrayBuffer());
    };
    return Promise.all(archive.sectors.map(async ({ chunk }) => {
        const bytes = archive.chunk(chunk);
        let packed = null;
        const keep = (raw) => {
            packed = raw;
            throw new Error('not inflated yet');
        };
        try { readSector(bytes, keep); } catch (error) { if (!packed) throw error; }
        const table = await inflate(packed);
        return readSector(bytes, () => table);
    }));
}

/**
 * Everything of a level as events: `{ meshes, draw }`. With `proxies`, the root sector's stand-in alone.
 */
export async function sceneOf(archive, level, proxies) {
    const sectors = await readSectors(archive);
    const placements = proxies ? [proxyPlacement(archive, archive.sectors.find(({ proxy }) => proxy !== none))]
        : sectors.flatMap(({ instances }) => instances);
    const byGeometry = Map.groupBy(placements, ({ geometry }) => geometry);
    const reference = archive.minimum.map((corner, axis) => Math.round((corner + archive.maximum[axis]) / 2));
    const instances = new Float32Array(16 * placements.length);
    const meshes = [];
    const draws = [];
    const visible = [];
    let rowCount = 0;
    for (const [number, placed] of byGeometry) {
        const geometry = archive.geometries[number];
        const nodes = Array.from({ length: geometry.nodes }, (_, i) => geometry.firstNode + i);
        const firstRow = rowCount;
        const cell = archive.nodes[geometry.firstNode].origin;
        for (const placement of placed) {
            writeInstance(instances, rowCount, placement, cell, geometry.step, reference);
            rowCount += 1;
        }
        for (const isMirrored of [false, true]) {
            const rows = placed.map((placement, i) => (isLeft(placement) === isMirrored ? firstRow + i : -1))
                .filter((row) => row >= 0);
            if (rows.length === 0) continue;
            const first = visible.push(...rows) - rows.length;
            for (const node of nodes) {
                if (!isExpanded(archive, node, level, proxies)) continue;
                const { event, header } = meshEvent(archive, node);
                if (!meshes.some((mesh) => mesh.node === node)) meshes.push(event);
                for (const [firstIndex, count, material] of drawnRanges(archive, header, geometry, level, proxies)) {
                    draws.push(node, firstIndex, count, first, rows.length, material | (isMirrored ? 1 << 24 : 0));
                }
            }
        }
    }
    return {
        meshes,
        draw: {
            draws: Uint32Array.from(draws), drawCount: draws.length / 6, visible: Uint32Array.from(visible), instances,
            instanceCount: placements.length, reference, statistics: {},
        },
    };
}

function proxyPlacement(archive, { proxy, box }) {
    const matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    return { geometry: archive.nodes[proxy].geometry, treeNode: 0, matrix, translation: box.slice(0, 3) };
}

const isRoot = (archive, node) => archive.nodes[node].parents.length === 0;

function isExpanded(archive, node, level, proxies) {
    return proxies || isRoot(archive, node) || archive.nodes[node].level >= level;
}

function drawnRanges(archive, header, geometry, level, proxies) {
    const ranges = [];
    let first = 0;
    for (const { child, material, triangles } of header.ranges) {
        const isReplaced = child !== none && isExpanded(archive, child, level, proxies);
        if (!isReplaced) ranges.push([first, 3 * triangles, geometry.materials[material]]);
        first += 3 * triangles;
    }
    return ranges;
}

function isLeft({ matrix: [a, b, c, d, e, f, g, h, i] }) {
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0;
}

function writeInstance(out, row, { matrix, translation, treeNode }, cell, step, reference) {
    const at = 16 * row;
    const integers = new Int32Array(out.buffer);
    for (let axis = 0; axis < 3; axis += 1) {
        for (let column = 0; column < 3; column += 1) out[at + 4 * column + axis] = matrix[3 * column + axis];
        let place = translation[axis] - reference[axis];
        for (let column = 0; column < 3; column += 1) place += matrix[3 * column + axis] * cell[column] * step;
        out[at + 4 * axis + 3] = place;
        integers[at + 12 + axis] = cell[axis];
    }
    integers[at + 15] = treeNode;
}
