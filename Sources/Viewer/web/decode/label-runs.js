// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ChunkError } from './chunk-error.js';

/**
 * Sorts triangles by range with the label runs of a Draco body (Sources/ModelStorage/FORMAT.md, "Label runs").
 *
 * @param {ByteReader} body at the runs; afterwards behind them
 * @param {Uint32Array} indices three per triangle in Draco's order
 * @param {number[]} rangeTriangleCounts adds up to the number of triangles
 * @param {Uint32Array} sorted where the sorted triangles go
 * @param {Uint32Array} next working memory, at least two values for each range
 */
export function sortByRange(body, indices, rangeTriangleCounts, sorted, next) {
    const rangeCount = rangeTriangleCounts.length;
    for (let range = 0, total = 0; range < rangeCount; range += 1) {
        next[range] = 3 * total;
        total += rangeTriangleCounts[range];
        next[rangeCount + range] = 3 * total;
    }
    for (let corner = 0; corner < indices.length;) {
        const code = body.varint('label run');
        const range = code % rangeCount;
        const cornerCount = 3 * ((code - range) / rangeCount + 1);
        if (cornerCount > next[rangeCount + range] - next[range] || cornerCount > indices.length - corner) {
            throw new ChunkError(`label run: ${cornerCount / 3} triangles are too many for range ${range}`);
        }
        let target = next[range];
        for (const end = corner + cornerCount; corner < end; corner += 1, target += 1) sorted[target] = indices[corner];
        next[range] = target;
    }
}
