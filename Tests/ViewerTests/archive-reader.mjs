// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads an archive from nothing but what Sources/ModelStorage/FORMAT.md says; the tests check with it that the document
// is right. Every name below is the document's.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { completeMesh, readDetailsByte } from './archive-details.mjs';

const none = 0xffffffff;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const equalBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;

/** Little-endian values, front to back; a DataView throws a RangeError past the end. */
export class Reader {
    constructor(bytes) {
        this.bytes = bytes;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        this.offset = 0;
    }

    #take(size) {
        this.offset += size;
        return this.offset - size;
    }

    u8() { return this.view.getUint8(this.#take(1)); }
    u16() { return this.view.getUint16(this.#take(2), true); }
    u32() { return this.view.getUint32(this.#take(4), true); }
    u64() { return Number(this.view.getBigUint64(this.#take(8), true)); }
    i32() { return this.view.getInt32(this.#take(4), true); }
    f32() { return this.view.getFloat32(this.#take(4), true); }
    f64() { return this.view.getFloat64(this.#take(8), true); }
    many(count, read) { return Array.from({ length: count }, () => read.call(this)); }
    list() { return this.many(this.u32(), this.u32); }

    raw(count) {
        const start = this.#take(count);
        assert.ok(this.offset <= this.bytes.length, 'truncated');
        return this.bytes.subarray(start, start + count);
    }

    varint() {
        let value = 0;
        for (let place = 1; ; place *= 128) {
            const byte = this.u8();
            value += (byte & 127) * place;
            if (byte < 128) return value;
        }
    }

    zigzag() {
        const value = this.varint();
        return (value >>> 1) ^ -(value & 1);
    }

    end() { assert.equal(this.offset, this.bytes.length, 'bytes are left over'); }
}

export function readHeader(bytes) {
    const reader = new Reader(bytes);
    assert.equal(Buffer.from(reader.raw(8)).toString('latin1'), 'VANTAGE\n');
    assert.equal(reader.u16(), 2, 'major version');
    reader.u16();
    assert.equal(reader.u32(), 256);
    assert.equal(reader.u64(), bytes.length);
    const contentHash = reader.raw(32);
    const section = () => ({ offset: reader.u64(), size: reader.u64(), hash: reader.raw(32) });
    const [index, description] = [section(), section()];
    const [minimum, maximum] = [reader.many(3, reader.f64), reader.many(3, reader.f64)];
    const header = { index, description, minimum, maximum, triangles: reader.u64(), thumbnailSize: reader.u32() };
    assert.equal(reader.offset, 212);
    assert.ok(equalBytes(bytes.subarray(240, 256), sha256(bytes.subarray(0, 240)).subarray(0, 16)), 'check');
    assert.ok(equalBytes(contentHash, sha256(Buffer.concat([index.hash, description.hash]))), 'content hash');
    for (const { offset, size, hash } of [index, description]) {
        assert.ok(equalBytes(hash, sha256(bytes.subarray(offset, offset + size))));
    }
    return header;
}

export function readIndex(bytes) {
    const reader = new Reader(bytes);
    const table = (read) => reader.many(reader.u32(), read);
    const chunks = table(() => ({ kind: reader.u8(), offset: reader.u64(), size: reader.u32(), hash: reader.raw(16) }));
    const nodes = table(() => ({
        geometry: reader.u32(), chunk: reader.u32(), offset: reader.u32(), size: reader.u32(), level: reader.u8(),
        triangles: reader.u32(), vertices: reader.u32(), error: reader.f32(), rms: reader.f32(),
        origin: reader.many(3, reader.i32), extent: reader.many(3, reader.i32), parents: reader.list(),
        children: reader.list(),
    }));
    const geometries = table(() => ({
        firstNode: reader.u32(), nodes: reader.u32(), step: reader.f64(), layout: reader.u8(),
        coordinateStep: reader.f64(), triangles: reader.u64(), isProxy: reader.u8() === 1, border: reader.u64(),
        materials: reader.list(),
    }));
    const sectors = table(() => ({
        parent: reader.u32(), box: reader.many(6, reader.f64), chunk: reader.u32(), instances: reader.u32(),
        proxy: reader.u32(), proxyError: reader.f64(), triangles: reader.u64(), children: reader.list(),
    }));
    const textures = table(() => ({ width: reader.u32(), height: reader.u32(), levels: reader.list() }));
    reader.end();
    return { chunks, nodes, geometries, sectors, textures };
}

/** A sector chunk: its header, and its instances. `inflate` expands a zlib stream. */
export function readSector(bytes, inflate) {
    const reader = new Reader(bytes);
    const sector = {
        sector: reader.u32(), parent: reader.u32(), proxy: reader.u32(), proxyError: reader.f64(),
        box: reader.many(6, reader.f64), children: reader.list(), count: reader.u32(),
    };
    const size = reader.u32();
    const table = inflate(reader.raw(bytes.length - reader.offset));
    assert.equal(table.length, size);
    const columns = new Reader(table);
    const n = sector.count;
    const [geometries, treeNodes] = [columns.many(n, columns.u32), columns.many(n, columns.u32)];
    const paletteSize = columns.u32();
    const palette = columns.many(9 * paletteSize, columns.f32);
    const entries = columns.many(n, columns.u32);
    const translations = columns.many(3 * n, columns.f64);
    columns.end();
    sector.instances = geometries.map((geometry, i) => ({
        geometry,
        treeNode: treeNodes[i],
        matrix: Array.from({ length: 9 }, (_, component) => palette[component * paletteSize + entries[i]]),
        translation: [translations[i], translations[n + i], translations[2 * n + i]],
    }));
    return sector;
}

function readLayout(byte) {
    return { isStored: (byte & 1) === 1, sets: (byte >> 1) & 3, colors: [0, 3, 4][byte >> 3] };
}

/** A node's payload: { header, details, mesh }. `draco(bytes, maximumTriangles)` decodes a Draco mesh. */
export function readNode(bytes, draco) {
    const reader = new Reader(bytes);
    const header = {
        codec: reader.u8(), layout: readLayout(reader.u8()), level: reader.u8(), zero: reader.u8(), node: reader.u32(),
        geometry: reader.u32(), vertices: reader.u32(), triangles: reader.u32(), error: reader.f32(), rms: reader.f32(),
        origin: reader.many(3, reader.i32), extent: reader.many(3, reader.i32), facing: reader.many(6, reader.u8),
        parents: reader.many(reader.u16(), reader.u32),
    };
    header.ranges = reader.many(reader.u16(), () => ({
        child: reader.u32(), material: reader.u16(), triangles: reader.varint(),
    }));
    const body = new Reader(reader.raw(reader.u32()));
    reader.end();
    assert.ok(header.codec < 2 && header.zero === 0);
    const details = readDetailsByte(body);
    const mesh = header.codec === 0 ? readPlain(body, header) : readDraco(body, header, draco);
    completeMesh(mesh, header, details, body);
    body.end();
    return { header, details, mesh };
}

function readPlain(body, { vertices, triangles, layout }) {
    let used = 0;
    const indices = Uint32Array.from({ length: 3 * triangles }, () => {
        const distance = body.varint();
        assert.ok(distance <= used);
        if (distance === 0) used += 1;
        return distance === 0 ? used - 1 : used - distance;
    });
    assert.equal(used, vertices);
    const column = () => {
        let value = 0;
        return Int32Array.from({ length: vertices }, () => (value = (value + body.zigzag()) | 0));
    };
    const interleave = (count) => {
        const columns = Array.from({ length: count }, column);
        return Int32Array.from({ length: count * vertices }, (_, i) => columns[i % count][Math.floor(i / count)]);
    };
    const mesh = { indices, positions: interleave(3), coordinates: [] };
    if (layout.isStored) {
        const [low, high] = [column(), column()];
        mesh.normals = low.map((value, i) => value | (high[i] << 12));
    }
    for (let set = 0; set < layout.sets; set += 1) mesh.coordinates.push(interleave(2));
    mesh.colors = interleave(layout.colors);
    return mesh;
}

function readDraco(body, header, draco) {
    const decoded = draco(body.raw(body.u32()), header.triangles);
    assert.equal(decoded.indices.length, 3 * header.triangles);
    assert.equal(decoded.pointCount, header.vertices);
    const mesh = { indices: decoded.indices, positions: decoded.integers(0), coordinates: [] };
    if (header.layout.isStored) mesh.floatNormals = decoded.floats(1);
    if (header.layout.colors) mesh.colors = decoded.bytes(2);
    for (let set = 0; set < header.layout.sets; set += 1) mesh.coordinates.push(decoded.integers(3 + set));
    return mesh;
}

/** The unit vector of an octahedral code. */
export function decodeNormal(code) {
    const [u, v] = [(code & 4095) / 2047 - 1, (code >> 12) / 2047 - 1];
    const sign = (value) => (value < 0 ? -1 : 1);
    const z = 1 - Math.abs(u) - Math.abs(v);
    const vector = z >= 0 ? [u, v, z] : [(1 - Math.abs(v)) * sign(u), (1 - Math.abs(u)) * sign(v), z];
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
}

/** Header, index and description of an archive, and functions for its chunks. */
export class Archive {
    constructor(bytes) {
        this.bytes = bytes;
        this.header = readHeader(bytes);
        const section = ({ offset, size }) => bytes.subarray(offset, offset + size);
        Object.assign(this, readIndex(section(this.header.index)));
        this.description = JSON.parse(Buffer.from(section(this.header.description)).toString('utf8'));
    }

    chunk(number) {
        const { offset, size } = this.chunks[number];
        return this.bytes.subarray(offset, offset + size);
    }

    node(number, draco) {
        const { chunk, offset, size } = this.nodes[number];
        return readNode(this.chunk(chunk).subarray(offset, offset + size), draco);
    }

    isIntact(number) {
        return equalBytes(this.chunks[number].hash, sha256(this.chunk(number)).subarray(0, 16));
    }
}

export { none };
