// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Sector and texture level chunks.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';

import { ChunkError } from '../../Sources/Viewer/web/decode/chunk-error.js';
import { decodeSector } from '../../Sources/Viewer/web/decode/sector-decoder.js';
import { decodeTextureLevel } from '../../Sources/Viewer/web/decode/texture-decoder.js';
import { readSector } from './archive-reader.mjs';
import { png, sampleArchive, Writer, xorshift } from './decode-fixtures.mjs';

const [sectorKind, textureKind] = [2, 3];
let assembly;
let textured;
before(() => {
    assembly = sampleArchive('assembly');
    textured = sampleArchive('textured');
});

const chunksOf = (archive, wanted) => archive.chunks.flatMap(
    ({ kind }, chunk) => (kind === wanted ? [Uint8Array.from(archive.chunk(chunk))] : []));

function sectorChunk({ instances = 2, table = new Uint8Array(100), size = table.length, stream = deflateSync(table) }) {
    const writer = new Writer().u32(5).u32(0).u32(7).f64(0.5);
    for (const corner of [0, 0, 0, 1, 2, 3]) writer.f64(corner);
    return writer.u32(1).u32(9).u32(instances).u32(size).raw(stream).array;
}

test('a sector gives its header and its inflated table', async () => {
    for (const bytes of chunksOf(assembly, sectorKind)) {
        const { sector, headerByteCount, table } = await decodeSector(bytes);
        const expected = readSector(bytes, inflateSync);
        assert.equal(sector, expected.sector);
        const size = new DataView(bytes.buffer).getUint32(headerByteCount, true);
        assert.equal(table.length, size);
        assert.deepEqual(table, new Uint8Array(inflateSync(bytes.subarray(headerByteCount + 4))));
    }
});

test('tables of another size than they say, and damaged streams, are refused', async () => {
    const table = new Uint8Array(100);
    const stream = deflateSync(table);
    assert.equal((await decodeSector(sectorChunk({}))).table.length, 100);
    const bad = [
        [{ size: 99 }, /sector 5: instance table: more than the 99 bytes/], [{ size: 101 }, /100 bytes of 101/],
        [{ size: 149 }, /a table of 149 bytes for 2 instances/], [{ instances: 1 }, /100 bytes for 1 instances/],
        [{ size: 0xffffffff, instances: 0xffffffff }, /a table of 4294967295 bytes/],
        [{ stream: stream.subarray(0, -3) }, /instance table/], [{ stream: [...stream, 0] }, /instance table/],
        [{ stream: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, /instance table/], [{ stream: [] }, /a table of 100 bytes/],
    ];
    for (const [changes, message] of bad) {
        await assert.rejects(decodeSector(sectorChunk(changes)), (error) => {
            assert.ok(error instanceof ChunkError, error.stack);
            assert.match(error.message, message);
            return true;
        });
    }
});

test('a stream that would inflate to a gigabyte stops at what its header says', async () => {
    const bomb = deflateSync(new Uint8Array(64 << 20));
    const chunk = sectorChunk({ instances: 1000, size: 70000, stream: bomb });
    await assert.rejects(decodeSector(chunk), /more than the 70000/);
});

test('every truncation and any damage of a sector is an error with a reason, or a whole table', async () => {
    const [bytes] = chunksOf(assembly, sectorKind);
    const random = xorshift(3);
    const attempt = async (damaged) => {
        try {
            await decodeSector(damaged);
        } catch (error) {
            assert.ok(error instanceof ChunkError, error.stack);
            return false;
        }
        return true;
    };
    for (let length = 0; length < bytes.length; length += length < 120 ? 1 : 41) {
        assert.equal(await attempt(bytes.subarray(0, length)), false);
    }
    for (let round = 0; round < 300; round += 1) {
        const damaged = Uint8Array.from(bytes);
        damaged[random() % (round % 2 ? 100 : damaged.length)] = random();
        await attempt(damaged);
    }
});

/** Stands in for createImageBitmap, which node does not have. */
const bitmapOf = async (blob, options) => ({ type: blob.type, byteCount: blob.size, options });

test('a texture level is unpacked with its colours as they are stored', async () => {
    const chunks = chunksOf(textured, textureKind);
    assert.ok(chunks.length > 1);
    for (const bytes of chunks) {
        const { texture, level, width, height, image } = await decodeTextureLevel(bytes, bitmapOf);
        const record = textured.textures[texture];
        assert.deepEqual([width, height], [record.width >> level, record.height >> level]);
        assert.deepEqual(image.options, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
        assert.equal(image.byteCount, bytes.length - 10);
    }
});

test('images that are not what their header says are refused before they are unpacked', async () => {
    const level = (encoding, width, height, image) => new Writer().u32(1).u8(0).u8(encoding).u16(width).u16(height)
        .raw(image).array;
    const image = png(6, 4);
    const jpegs = chunksOf(textured, textureKind).filter((bytes) => bytes[5] === 0);
    const unpacked = [];
    const bitmap = async (blob) => unpacked.push(blob);
    assert.ok(await decodeTextureLevel(level(1, 6, 4, image), bitmap));
    const bad = [
        [level(2, 6, 4, image), /encoding 2/], [level(1, 0, 4, image), /0 × 4/],
        [level(1, 65535, 65535, image), /65535/],
        [level(1, 6, 5, image), /an image of 6 × 4, not 6 × 5/], [level(0, 6, 4, image), /not a image\/jpeg/],
        [level(1, 6, 4, image.subarray(0, 20)), /not a image\/png/], [level(1, 6, 4, []), /not a/],
        [level(0, 6, 4, [0xff, 0xd8, 0xff, 0xd9]), /not a image\/jpeg/], [new Uint8Array(9), /truncated/],
        [level(0, 6, 4, new Array(500).fill(255)), /not a image\/jpeg/],
        ...jpegs.map((bytes) => [level(0, 6, 4, bytes.subarray(10)), /an image of \d+ × \d+, not 6 × 4/]),
    ];
    for (const [bytes, message] of bad) {
        await assert.rejects(decodeTextureLevel(bytes, bitmap), (error) => {
            assert.ok(error instanceof ChunkError);
            assert.match(error.message, message);
            return true;
        });
    }
    assert.equal(unpacked.length, 1);
    const failing = () => Promise.reject(new Error('The source image could not be decoded.'));
    await assert.rejects(decodeTextureLevel(level(1, 6, 4, image), failing), /texture 1, level 0: The source image/);
});
