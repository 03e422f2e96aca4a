// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Texture level chunks → ImageBitmap. Layout: Sources/ModelStorage/FORMAT.md, "Texture level chunk".

import { ByteReader } from './byte-reader.js';
import { ChunkError } from './chunk-error.js';

const Encoding = { jpeg: 0, png: 1 };
const mediaTypes = ['image/jpeg', 'image/png'];
const maximumPixelCount = 1 << 26;

/**
 * @param {Uint8Array} bytes a texture level chunk
 * @param {Function} createBitmap createImageBitmap, or what stands in for it
 * @returns {Promise<{texture, level, width, height, image: ImageBitmap}>} the image's colours are as they are stored
 * @throws {ChunkError}
 */
export async function decodeTextureLevel(bytes, createBitmap = createImageBitmap) {
    const reader = new ByteReader(bytes);
    const texture = reader.u32('texture');
    const level = reader.u8('level');
    const name = `texture ${texture}, level ${level}`;
    const encoding = reader.u8('encoding');
    if (encoding > Encoding.png) throw new ChunkError(`${name}: encoding ${encoding} is unknown`);
    const [width, height] = [reader.u16('width'), reader.u16('height')];
    if (width === 0 || height === 0 || width * height > maximumPixelCount) {
        throw new ChunkError(`${name}: ${width} × ${height} pixels`);
    }
    const image = bytes.subarray(reader.at);
    // Looked at first, so that no image larger than its header says is ever unpacked.
    const size = encoding === Encoding.png ? pngSize(image) : jpegSize(image);
    if (size === null) throw new ChunkError(`${name}: not a ${mediaTypes[encoding]}`);
    if (size.width !== width || size.height !== height) {
        throw new ChunkError(`${name}: an image of ${size.width} × ${size.height}, not ${width} × ${height}`);
    }
    const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };
    try {
        const blob = new Blob([image], { type: mediaTypes[encoding] });
        return { texture, level, width, height, image: await createBitmap(blob, options) };
    } catch (error) {
        throw new ChunkError(`${name}: ${error.message}`);
    }
}

/** Width and height of a PNG, from the IHDR chunk that comes first; null for other bytes. */
function pngSize(bytes) {
    const signature = [137, 80, 78, 71, 13, 10, 26, 10];
    if (bytes.length < 33 || !signature.every((value, i) => bytes[i] === value)) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Width and height of a JPEG, from its frame header (ITU T.81, B.2.2); null for other bytes. */
function jpegSize(bytes) {
    if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
    const u16 = (at) => (bytes[at] << 8) | bytes[at + 1];
    for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
        const marker = bytes[at + 1];
        const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
        if (isFrame) return { width: u16(at + 7), height: u16(at + 5) };
        at += marker === 0xff ? 1 : 2 + Math.max(2, u16(at + 2));
    }
    return null;
}
