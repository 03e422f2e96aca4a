// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What node payloads hold besides the codecs' bytes (FORMAT.md, "Details"): labels, low bits of positions and border
// normals of payloads made by hand, and damage to them.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { BinaryDecoder, bitModels, numberModels } from '../../Sources/Viewer/web/decode/binary-decoder.js';
import { ByteReader } from '../../Sources/Viewer/web/decode/byte-reader.js';
import { ChunkError } from '../../Sources/Viewer/web/decode/chunk-error.js';
import { DracoCodec } from '../../Sources/Viewer/web/decode/draco-codec.js';
import { NodeDecoder } from '../../Sources/Viewer/web/decode/node-decoder.js';
import { computedNormals, halfOfStep, newModels, newNumberModels, stepOfHalf } from './archive-details.mjs';
import { readNode } from './archive-reader.mjs';
import { dracoModule, plainPayload, sampleArchive, writeHeader, xorshift } from './decode-fixtures.mjs';
import { survives, unpack } from './decoded-meshes.mjs';
import {
    ArithmeticEncoder, borderNumbers, runsOf, writeBorderNormals, writeLowBits, writeRuns,
} from './details-writer.mjs';
import { loadDraco } from './draco-module.mjs';

const none = 0xffffffff;
const middle = 2047 + 4096 * 2047;
const facts = new Map([[0, { gridStep: 0.5, coordinateStep: 1 / 4096, materialCount: 1 }]]);
const decoder = new NodeDecoder();
decoder.draco = new DracoCodec(dracoModule());
const decodeOne = (bytes) => decoder.decodeChunk(bytes, facts)[0].mesh;

function refuses(bytes, message) {
    assert.throws(() => decodeOne(bytes), (error) => {
        assert.ok(error instanceof ChunkError, error.stack);
        assert.match(error.message, message);
        return true;
    });
}

/** A fan of triangles around vertex 0, in the order of first use. */
function fan(count, random, reach = 1 << 15) {
    const positions = Array.from({ length: count }, () => [0, 1, 2].map(() => (random() % reach) - (reach >> 1)));
    const indices = [0, 1, 2];
    for (let vertex = 3; vertex < count; vertex += 1) indices.push(0, vertex - 1, vertex);
    return { positions, indices };
}

/** Positions that differ in how many of the `shift` low bits they have. */
function roughen(mesh, shift) {
    mesh.positions.forEach((position, vertex) => {
        const unit = 2 ** (shift - (vertex % (shift + 1)));
        position.forEach((value, axis) => { position[axis] = Math.floor(value / unit) * unit; });
    });
    return mesh;
}

/** The decoded mesh has the positions and the codes [[vertex, code]] of the one that was written. */
function checkMesh(bytes, { positions, border = [] }) {
    const mesh = decodeOne(bytes);
    const vertices = unpack(mesh);
    vertices.forEach(({ position }, vertex) => {
        assert.deepEqual(position.map((value, axis) => value + mesh.origin[axis]), positions[vertex]);
    });
    const expected = readNode(bytes, loadDraco());
    assert.deepEqual([...expected.mesh.positions], positions.flat());
    assert.deepEqual([...expected.mesh.borderNormals], border);
    for (const [vertex, code] of border) assert.equal(vertices[vertex].code, code, `normal of vertex ${vertex}`);
    const listed = new Set(border.map(([vertex]) => vertex));
    computedNormals(expected.mesh).forEach(([u, v], vertex) => {
        if (listed.has(vertex)) return;
        // The viewer rounds them to more bits, so that a code may be off by one.
        const { code } = vertices[vertex];
        const isNear = Math.abs((code % 4096) - u) <= 1 && Math.abs(Math.floor(code / 4096) - v) <= 1;
        assert.ok(isNear, `normal of vertex ${vertex}`);
    });
}

function open(bytes) {
    const body = new ByteReader(Uint8Array.from(bytes));
    return new BinaryDecoder(body);
}

test('numbers come back, from 0 to the largest', () => {
    const values = [0, 1, 2, 2 ** 32 - 2, 0, 0];
    for (let power = 2; power < 32; power += 1) values.push(2 ** power - 2, 2 ** power - 1, 2 ** power);
    const [encoder, written, read] = [new ArithmeticEncoder(), newNumberModels(), numberModels()];
    for (const value of values) encoder.number(value, written);
    const stream = open(encoder.bytes);
    for (const value of values) assert.equal(stream.number(read), value);
    stream.finish();
});

test('bits come back however well their models know them, and plain bits up to 31 at a time', () => {
    const random = xorshift(3);
    const draws = Array.from({ length: 20000 }, (_, i) => (
        i % 100 === 0 ? { count: 1 + (random() % 31), value: random() } : { bit: random() % 1000 < i / 20 ? 0 : 1 }));
    const [encoder, [model], read] = [new ArithmeticEncoder(), newModels(1), bitModels(1)];
    for (const { count, value, bit } of draws) {
        if (count) encoder.plainBits(value, count);
        else encoder.bit(bit, model);
    }
    const stream = open(encoder.bytes);
    for (const { count, value, bit } of draws) {
        if (count) assert.equal(stream.bits(count), value % 2 ** count);
        else assert.equal(stream.bit(read, 0), bit);
    }
    assert.equal(read[0], model.zero);
    stream.finish();
});

test('the stream ends with the byte that its last bit needs', () => {
    const bytes = new ArithmeticEncoder().plainBits(0x12345, 20).bytes;
    for (let length = 0; length < bytes.length; length += 1) {
        assert.throws(() => open(bytes.slice(0, length)).bits(20), /details: truncated/, `${length} bytes`);
    }
    const stream = open([...bytes, 0, 0]);
    assert.equal(stream.bits(20), 0x12345);
    assert.throws(() => stream.finish(), /details: 2 bytes are left over/);
});

test('low bits of positions come back, whatever their number and the sign of the origin', () => {
    for (let shift = 1; shift <= 12; shift += 1) {
        for (const [x, y, z] of [[0, 0, 0], [-70001, 5, 1 << 20], [(1 << 28) - 70000, -(1 << 28) + 40000, -1]]) {
            const mesh = { ...roughen(fan(60, xorshift(shift)), shift), shift };
            for (const position of mesh.positions) [x, y, z].forEach((offset, axis) => { position[axis] += offset; });
            checkMesh(plainPayload(mesh), mesh);
        }
    }
});

test('a payload whose positions all lack their low bits, or all have them, comes back', () => {
    for (const offset of [0, 1, -1, -4096]) {
        const positions = [[-8192, 0, 0], [4096, 0, 0], [0, -4096, 12288]].map((p) => p.map((value) => value + offset));
        const mesh = { positions, indices: [0, 1, 2], shift: 12 };
        checkMesh(plainPayload(mesh), mesh);
    }
});

test('low bits go with stored normals, which have no border normals', () => {
    const normals = [middle, 4094 + 4096 * 2047, 2047];
    const mesh = { positions: [[-3, 0, 9], [6, 0, 1], [0, -5, 0]], indices: [0, 1, 2], layout: 1, normals, shift: 2 };
    const decoded = unpack(decodeOne(plainPayload(mesh)));
    assert.deepEqual(decoded.map(({ position }) => position), [[0, 5, 9], [9, 5, 1], [3, 0, 0]]);
    assert.deepEqual(decoded.map(({ code }) => code), normals);
});

test('low bits that lead out of the box are refused', () => {
    const mesh = { positions: [[0, 0, 0], [7, 0, 0], [0, 5, 0]], indices: [0, 1, 2], shift: 2 };
    const encoder = new ArithmeticEncoder();
    writeLowBits(encoder, [[0, 0, 0], [3, 0, 0], [0, 2, 0]], 2);
    writeBorderNormals(encoder, 0, [null, null, null], [0, 0, 0]);
    refuses(plainPayload({ ...mesh, details: { stream: encoder.bytes } }), /positions: .* is not the box/);
});

const codeOfSteps = (u, v, coarseness) => halfOfStep(u, coarseness) + 4096 * halfOfStep(v, coarseness);

test('border normals come back at each coarseness, the outermost codes too', () => {
    for (let coarseness = 0; coarseness <= 4; coarseness += 1) {
        const last = stepOfHalf(4094, coarseness);
        assert.deepEqual([-last, last].map((step) => halfOfStep(step, coarseness)), [0, 4094]);
        const steps = [-last, 1 - last, -1, 0, 1, last - 1, last];
        const codes = steps.flatMap((u) => steps.map((v) => codeOfSteps(u, v, coarseness)));
        const mesh = { ...fan(2 * codes.length, xorshift(coarseness + 1)), coarseness };
        mesh.border = codes.map((code, i) => [i + (i >> 2), code]);
        checkMesh(plainPayload(mesh), mesh);
    }
});

test('every step of each coarseness is a border normal', () => {
    for (let coarseness = 0; coarseness <= 4; coarseness += 1) {
        const last = stepOfHalf(4094, coarseness);
        const steps = Array.from({ length: 2 * last + 1 }, (_, i) => i - last);
        const mesh = { ...fan(steps.length, xorshift(coarseness + 9)), coarseness };
        mesh.border = steps.map((step, vertex) => [vertex, codeOfSteps(step, -step, coarseness)]);
        checkMesh(plainPayload(mesh), mesh);
    }
});

test('border normals know how many low bits their vertices had', () => {
    const random = xorshift(21);
    for (const shift of [1, 2, 5, 12]) {
        const mesh = { ...roughen(fan(200, random), shift), shift, border: [] };
        for (let vertex = 0; vertex < 200; vertex += 1 + (random() % 4)) {
            mesh.border.push([vertex, (random() % 4095) + 4096 * (random() % 4095)]);
        }
        checkMesh(plainPayload(mesh), mesh);
    }
});

test('border normals start from +z where the computed normal has no direction', () => {
    const flat = { positions: [[0, 0, 0], [4, 0, 0], [8, 0, 0]], indices: [0, 1, 2] };
    assert.deepEqual(borderNumbers(flat, [[1, middle]], 0), [null, [0, 0], null]);
    const mesh = { ...flat, border: [[0, middle + 5], [1, middle], [2, 4094 + 4096 * 4094]] };
    checkMesh(plainPayload(mesh), mesh);
});

/** A triangle whose border normals are the coarseness and, for the first vertex, the numbers as they are written. */
function withNumbers(coarseness, numbers) {
    const encoder = new ArithmeticEncoder();
    writeBorderNormals(encoder, coarseness, [numbers, null, null], [0, 0, 0]);
    return plainPayload({
        positions: [[0, 0, 0], [4, 0, 0], [8, 0, 0]], indices: [0, 1, 2], details: { head: 16, stream: encoder.bytes },
    });
}

test('steps of border normals beyond the outermost are refused', () => {
    for (let coarseness = 0; coarseness <= 4; coarseness += 1) {
        const last = stepOfHalf(4094, coarseness);
        const [up, down] = [2 * last, 2 * last - 1];
        const codes = [up, down].map((number) => unpack(decodeOne(withNumbers(coarseness, [number, number])))[0].code);
        assert.deepEqual(codes, [4094 + 4096 * 4094, 0]);
        for (const number of [up + 2, down + 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 3, 2 ** 32 - 2]) {
            refuses(withNumbers(coarseness, [number, 0]), /border normal: a half of -?\d+/);
            refuses(withNumbers(coarseness, [0, number]), /border normal: a half of -?\d+/);
        }
    }
});

test('a coarseness above 4 is refused', () => {
    for (let coarseness = 5; coarseness < 16; coarseness += 1) {
        refuses(withNumbers(coarseness, [0, 0]), new RegExp(`border normals: a shift of ${coarseness}`));
    }
});

test('unknown bits in front, too many low bits, and low bits without a stream are refused', () => {
    const mesh = { positions: [[0, 0, 0], [4, 0, 0], [0, 8, 0]], indices: [0, 1, 2] };
    const stream = new ArithmeticEncoder().plainBits(0, 32).bytes;
    for (let head = 0; head < 256; head += 1) {
        const isKnown = head === 0 || (head >= 16 && head <= 16 + 12);
        for (const details of [{ head }, { head, stream }]) {
            const bytes = plainPayload({ ...mesh, details });
            if (!isKnown) refuses(bytes, new RegExp(`details: ${head} is unknown`));
            else assert.equal(survives(decoder, bytes, facts), head === 0 && details.stream === undefined, `${head}`);
        }
    }
    refuses(plainPayload(mesh, { body: [] }), /details: truncated/);
    refuses(plainPayload({ ...mesh, details: { head: 16 } }), /details: truncated/);
});

test('a stream that has nothing to say is read to its end', () => {
    const normals = [middle, middle, middle];
    const mesh = { positions: [[0, 0, 0], [4, 0, 0], [0, 8, 0]], indices: [0, 1, 2], layout: 1, normals };
    const withStream = (stream) => plainPayload({ ...mesh, details: { head: 16, stream } });
    assert.equal(decodeOne(withStream([0, 0, 0, 0])).vertexCount, 3);
    refuses(withStream([0, 0, 0]), /details: truncated/);
    refuses(withStream([0, 0, 0, 0, 0]), /details: 1 bytes are left over/);
});

let ball;

/** Draco's bytes of a mesh, and its positions [[x, y, z]] and triangles in Draco's order, without details. */
before(() => {
    const archive = sampleArchive('assembly');
    const number = archive.nodes.findIndex(({ geometry, level }) => geometry === 0 && level === 0);
    const draco = loadDraco();
    archive.node(number, (bytes, maximumTriangles) => {
        const decoded = draco(bytes, maximumTriangles);
        const values = decoded.integers(0);
        const positions = Array.from({ length: values.length / 3 }, (_, i) => [...values.subarray(3 * i, 3 * i + 3)]);
        ball = { bytes: Uint8Array.from(bytes), positions, indices: decoded.indices };
        return decoded;
    });
});

/** The ball's payload with the ranges, of as many triangles each, and what is in front of and behind Draco's bytes. */
function dracoPayload(rangeCounts, head, stream, positions = ball.positions) {
    const axes = [0, 1, 2];
    const origin = axes.map((axis) => Math.min(...positions.map((p) => p[axis])));
    const extent = axes.map((axis) => Math.max(...positions.map((p) => p[axis])) - origin[axis]);
    const size = [0, 8, 16, 24].map((shift) => (ball.bytes.length >> shift) & 255);
    const body = [head, ...size, ...ball.bytes, ...stream];
    return writeHeader({
        codec: 1, layout: 0, level: 0, zero: 0, node: 7, geometry: 0, vertices: positions.length,
        triangles: ball.indices.length / 3, error: 1, rms: 0.5, origin, extent, parents: [],
        ranges: rangeCounts.map((count, range) => [range === 0 ? none : range, 0, count]),
    }).u32(body.length).raw(body).array;
}

/** As many triangles as each of `count` ranges has. */
function countsOf(labels, count) {
    const counts = new Array(count).fill(0);
    for (const label of labels) counts[label] += 1;
    return counts;
}

const triangles = (indices) => Array.from(
    { length: indices.length / 3 }, (_, i) => [...indices.subarray(3 * i, 3 * i + 3)]);

/** The stream of runs, with no border normals behind them. */
function streamOf(runs) {
    const encoder = writeRuns(new ArithmeticEncoder(), runs);
    return writeBorderNormals(encoder, 0, ball.positions.map(() => null), ball.positions.map(() => 0)).bytes;
}

/** Ways to label so many triangles, by name: [ranges, labels]. */
function labelings(count) {
    const random = xorshift(8);
    const label = (ranges, of) => [ranges, Array.from({ length: count }, (_, triangle) => of(triangle))];
    let current = 0;
    return {
        'two halves': label(2, (triangle) => (triangle < count / 2 ? 1 : 0)),
        'all in one of three': label(3, () => 1),
        'a new one each time': label(count, (triangle) => count - 1 - triangle),
        'in turn, more than are remembered': label(17, (triangle) => triangle % 17),
        'in turn, as many as are remembered': label(16, (triangle) => triangle % 16),
        'random runs of many': label(40, () => {
            if (random() % 5 === 0) current = random() % 40;
            return current;
        }),
    };
}

test('labels sort the triangles by range and keep their order within one', () => {
    const source = triangles(ball.indices);
    for (const [name, [ranges, labels]] of Object.entries(labelings(source.length))) {
        const bytes = dracoPayload(countsOf(labels, ranges), 16, streamOf(runsOf(labels)));
        const expected = Array.from({ length: ranges }, (_, range) => source.filter((__, i) => labels[i] === range));
        assert.deepEqual(triangles(decodeOne(bytes).indices), expected.flat(), name);
        assert.deepEqual(triangles(readNode(bytes, loadDraco()).mesh.indices), expected.flat(), name);
    }
});

/** A payload with labels, low bits and border normals, whose origin is negative. */
function fullPayload() {
    const [shift, ranges, random] = [2, 6, xorshift(31)];
    const positions = ball.positions.map((position, vertex) => position.map(
        (value, axis) => (value - 100 * axis) * 4 + (vertex % 3 === 0 ? random() % 4 : 0)));
    const labels = Array.from({ length: ball.indices.length / 3 }, (_, triangle) => (triangle >> 3) % ranges);
    const source = triangles(ball.indices);
    const sorted = labels.map((_, i) => i).sort((a, b) => labels[a] - labels[b] || a - b).flatMap((i) => source[i]);
    const border = positions.flatMap((_, vertex) => (
        vertex % 5 < 2 ? [[vertex, codeOfSteps((random() % 257) - 128, 0, 4)]] : []));
    const encoder = writeRuns(new ArithmeticEncoder(), runsOf(labels));
    const counts = writeLowBits(encoder, positions, shift);
    writeBorderNormals(encoder, 4, borderNumbers({ positions, indices: sorted }, border, 4), counts);
    const make = (stream) => dracoPayload(countsOf(labels, ranges), 16 + shift, stream, positions);
    return { positions, border, stream: encoder.bytes, make };
}

test('labels, low bits and border normals follow each other', () => {
    const { positions, border, stream, make } = fullPayload();
    checkMesh(make(stream), { positions, border });
});

test('several ranges in a Draco mesh without labels are refused', () => {
    const count = ball.indices.length / 3;
    assert.equal(decodeOne(dracoPayload([count], 0, [])).indexCount, 3 * count);
    refuses(dracoPayload([count - 1, 1], 0, []), /details: the ranges of the triangles are missing/);
    refuses(dracoPayload([0, count], 0, []), /details: the ranges of the triangles are missing/);
});

test('labels out of range and runs that are too long are refused', () => {
    const count = ball.indices.length / 3;
    const payload = (...runs) => dracoPayload([count - 10, 10], 16, streamOf(runs));
    assert.equal(decodeOne(payload([count - 11, 0], [9, 2])).indexCount, 3 * count);
    assert.equal(decodeOne(payload([9, 1], [count - 11, 1])).indexCount, 3 * count);
    const tooMany = (length, range) => new RegExp(`label run: ${length} triangles are too many for range ${range}$`);
    for (const place of [2, 3, 65535, 65536, 2 ** 31, 2 ** 32 - 3]) {
        refuses(payload([0, place]), tooMany(1, place));
        refuses(payload([9, 1], [0, place + 1]), tooMany(1, place));
    }
    for (const length of [count - 9, count, count + 1, 2 ** 31, 2 ** 32 - 1]) {
        refuses(payload([length - 1, 0]), tooMany(length, 0));
    }
    refuses(payload([10, 1]), tooMany(11, 1));
    refuses(payload([4, 1], [0, 1], [5, 1]), tooMany(6, 1));
    refuses(payload([9, 1], [count - 10, 1]), tooMany(count - 9, 0));
    refuses(payload([9, 1], [0, 1], [0, 1]), tooMany(1, 1));
});

/** Payloads with details by what makes them of a stream. */
function specimens() {
    const random = xorshift(5);
    const shifted = { ...roughen(fan(40, random), 3), shift: 3, coarseness: 1 };
    shifted.border = shifted.positions.flatMap((_, vertex) => (vertex % 3 ? [] : [[vertex, middle + vertex]]));
    const whole = plainPayload(shifted);
    const alone = { ...shifted, border: [], shift: 0 };
    const streamLength = whole.length - plainPayload({ ...shifted, details: { stream: [] } }).length;
    const numbers = alone.positions.map((_, vertex) => (vertex % 2 ? [1, 2] : null));
    const aloneStream = writeBorderNormals(new ArithmeticEncoder(), 0, numbers, numbers.map(() => 0)).bytes;
    const full = fullPayload();
    return [
        {
            make: (stream, head = 16 + 3) => plainPayload({ ...shifted, details: { head, stream } }),
            stream: [...whole.subarray(whole.length - streamLength)],
        },
        {
            make: (stream, head = 16) => plainPayload({ ...alone, details: { head, stream } }),
            stream: aloneStream,
        },
        { make: full.make, stream: full.stream },
    ];
}

test('every truncation of the stream is refused, and every byte left over', () => {
    for (const { make, stream } of specimens()) {
        assert.equal(survives(decoder, make(stream), facts), true);
        for (let length = 0; length < stream.length; length += 1) {
            refuses(make(stream.slice(0, length)), /details: truncated/);
        }
        for (const byte of [0, 1, 255]) refuses(make([...stream, byte]), /details: 1 bytes are left over/);
    }
});

test('changed bytes of the stream are a mesh or a clear error', { timeout: 60000 }, () => {
    const random = xorshift(77);
    for (const { make, stream } of specimens()) {
        for (let round = 0; round < 1500; round += 1) {
            const damaged = [...stream];
            for (let changes = 1 + (random() % 3); changes > 0; changes -= 1) {
                damaged[random() % damaged.length] = random() % 256;
            }
            survives(decoder, make(damaged), facts);
        }
        assert.equal(survives(decoder, make(stream), facts), true, 'still decodes');
    }
});

test('random bytes for a stream are a mesh or a clear error, and end', { timeout: 60000 }, () => {
    const random = xorshift(99);
    for (const { make } of specimens()) {
        for (let round = 0; round < 1500; round += 1) {
            const fill = [() => random() % 256, () => 0, () => 255][random() % 3];
            const noise = Array.from({ length: random() % 300 }, (_, i) => (i < 6 ? random() % 256 : fill()));
            survives(decoder, make(noise, 16 + (random() % 13)), facts);
        }
    }
});

test('random bytes for a whole body are a mesh or a clear error', { timeout: 60000 }, () => {
    const random = xorshift(123);
    const mesh = { positions: [[0, 0, 0], [4, 0, 0], [0, 8, 0]], indices: [0, 1, 2] };
    for (let round = 0; round < 4000; round += 1) {
        const body = Array.from({ length: random() % 60 }, () => random() % (round % 2 ? 256 : 32));
        const ranges = round % 3 ? [[none, 0, 1]] : [[none, 0, 0], [1, 0, 1]];
        survives(decoder, plainPayload(mesh, { body, codec: round & 1, ranges }), facts);
    }
});

test('a short stream about the most vertices is read to its end', { timeout: 60000 }, () => {
    const [count, zeros] = [3 * 349525, new Array(4096).fill(0)];
    const body = [16 + 12, ...new Uint8Array(6 * count)];
    const mesh = { positions: [[0, 0, 0], [0, 0, 0], [0, 0, 0]], indices: [0, 1, 2] };
    const changes = { vertices: count, triangles: count / 3, ranges: [[none, 0, count / 3]] };
    refuses(plainPayload(mesh, { ...changes, body: body.concat(zeros) }), /details: \d+ bytes are left over/);
});
