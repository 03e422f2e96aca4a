// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Sets of chunks as the protocol's Holdings have them: pairs of first chunk and number of chunks, ascending.

/**
 * @param {Iterable<number>} chunks in any order, without repetitions
 * @returns {number[]} first, count, first, count, …
 */
export function rangesOf(chunks) {
    const ranges = [];
    for (const chunk of Uint32Array.from(chunks).sort()) {
        const last = ranges.length - 2;
        if (last >= 0 && ranges[last] + ranges[last + 1] === chunk) ranges[last + 1] += 1;
        else ranges.push(chunk, 1);
    }
    return ranges;
}
