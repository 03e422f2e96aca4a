// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Sector chunks: a header for the core, and its instance table, inflated.
// Layout: Sources/ModelStorage/FORMAT.md, "Sector chunk". The core checks what the table says.

import { ByteReader } from './byte-reader.js';
import { ChunkError } from './chunk-error.js';

// Deflate cannot make more than 1032 bytes of one, so a table that claims more is damaged before anything is allocated.
const largestRatio = 1032;
const largestTableByteCount = 256 << 20;

/** Reads the header: sector, instanceCount, `byteCount` of the header, tableByteCount. */
function readSectorHeader(reader) {
    const sector = reader.u32('sector');
    reader.take(4, 'parent');
    reader.take(4, 'proxy');
    if (!(reader.f64('proxy error') >= 0)) throw new ChunkError('proxy error: not a distance');
    for (let corner = 0; corner < 6; corner += 1) {
        if (!Number.isFinite(reader.f64('box'))) throw new ChunkError('box: not finite');
    }
    reader.take(4 * reader.u32('number of children'), 'children');
    const instanceCount = reader.u32('instances');
    const byteCount = reader.at;
    const tableByteCount = reader.u32('size of the instance table');
    return { sector, instanceCount, byteCount, tableByteCount };
}

/**
 * @param {Uint8Array} bytes a sector chunk
 * @returns {Promise<{sector: number, headerByteCount: number, table: Uint8Array}>} the header is the chunk's front
 * @throws {ChunkError}
 */
export async function decodeSector(bytes) {
    const reader = new ByteReader(bytes);
    const { sector, instanceCount, byteCount, tableByteCount } = readSectorHeader(reader);
    const limit = Math.min(4 + 72 * instanceCount, largestTableByteCount, largestRatio * reader.remaining);
    if (tableByteCount > limit) {
        throw new ChunkError(`sector ${sector}: a table of ${tableByteCount} bytes for ${instanceCount} instances `
            + `in ${reader.remaining} bytes`);
    }
    try {
        return { sector, headerByteCount: byteCount, table: await inflate(bytes.subarray(reader.at), tableByteCount) };
    } catch (error) {
        throw new ChunkError(`sector ${sector}: instance table: ${error.message}`);
    }
}

/** Inflates a zlib stream of exactly `byteCount` bytes; stops as soon as there are more. */
async function inflate(bytes, byteCount) {
    const stream = new DecompressionStream('deflate');
    const writer = stream.writable.getWriter();
    // Errors come out of the readable side as well.
    writer.write(bytes).catch(() => {});
    writer.close().catch(() => {});
    const reader = stream.readable.getReader();
    const table = new Uint8Array(byteCount);
    let filled = 0;
    for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        if (filled + value.length > byteCount) {
            reader.cancel().catch(() => {});
            throw new ChunkError(`more than the ${byteCount} bytes it says`);
        }
        table.set(value, filled);
        filled += value.length;
    }
    if (filled < byteCount) throw new ChunkError(`${filled} bytes of ${byteCount}`);
    checkEnd(bytes, table);
    return table;
}

/** The stream ends with the table's Adler-32 (RFC 1950); not all browsers object to bytes after it. */
function checkEnd(bytes, table) {
    let [a, b] = [1, 0];
    for (let start = 0; start < table.length; start += 5552) {
        const end = Math.min(start + 5552, table.length);  // sums stay below 2^32 for that many bytes
        for (let at = start; at < end; at += 1) {
            a += table[at];
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    const expected = [b >> 8, b & 255, a >> 8, a & 255];
    const isEnd = expected.every((value, place) => bytes[bytes.length - 4 + place] === value);
    if (!isEnd) throw new ChunkError('the stream does not end with the chunk');
}
