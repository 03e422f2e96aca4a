// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { VarintReader } from './varint-reader.js';

/** What each pixel of a still shows: nodes of the model's tree. Kept as runs; a map of a full picture has few. */
export class IdentityMap {
    frame;
    width;
    height;
    #treeNodes;
    #starts;
    #indices;

    /**
     * Takes an IdentityMap message.
     *
     * @throws {WireError} if its runs do not cover the picture exactly, or name nodes that it does not list
     */
    constructor({ frame, width, height, treeNodes, runs }) {
        Object.assign(this, { frame, width, height });
        this.#treeNodes = treeNodes;
        const reader = new VarintReader(runs, 'IdentityMap', 'runs');
        const pixelCount = width * height;
        const [starts, indices] = [[], []];
        for (let start = 0; start < pixelCount;) {
            const index = reader.next();
            const length = reader.next();
            if (index > treeNodes.length) throw reader.error(`index ${index} of ${treeNodes.length}`);
            if (length === 0 || length > pixelCount - start) throw reader.error('a run does not fit the picture');
            starts.push(start);
            indices.push(index);
            start += length;
        }
        if (!reader.isAtEnd) throw reader.error('bytes follow the last run');
        this.#starts = starts;
        this.#indices = indices;
    }

    /** Throws where `new IdentityMap` would. */
    static check(message) {
        return new IdentityMap(message) !== null;
    }

    /** The tree node at a place in clip space (-1 … 1, y up); null where background is or outside. */
    nodeAt(x, y) {
        const column = Math.floor((x + 1) * 0.5 * this.width);
        const row = Math.floor((1 - y) * 0.5 * this.height);
        if (!(column >= 0 && column < this.width && row >= 0 && row < this.height)) return null;
        const index = this.#indices[this.#runAt(row * this.width + column)];
        return index === 0 ? null : this.#treeNodes[index - 1];
    }

    /** Number of the run that a pixel is in, by halving. */
    #runAt(pixel) {
        let [low, high] = [0, this.#starts.length - 1];
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.#starts[middle] <= pixel) low = middle;
            else high = middle - 1;
        }
        return low;
    }
}
