// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Hands out ranges of 0 … capacity, first fit, and joins neighbours when they come back. Linear in the number of free
 * ranges, of which a page of meshes has few.
 */
export class RangeAllocator {
    #starts = [];
    #ends = [];

    /** @param {number} capacity */
    constructor(capacity) {
        this.capacity = capacity;
        this.freeCount = capacity;
        if (capacity > 0) {
            this.#starts.push(0);
            this.#ends.push(capacity);
        }
    }

    get isEmpty() {
        return this.freeCount === this.capacity;
    }

    /** @returns {number} the range's start, or -1 if no free range is long enough */
    allocate(count) {
        for (let i = 0; i < this.#starts.length; i += 1) {
            const start = this.#starts[i];
            if (this.#ends[i] - start < count) continue;
            if (this.#ends[i] - start === count) {
                this.#starts.splice(i, 1);
                this.#ends.splice(i, 1);
            } else {
                this.#starts[i] = start + count;
            }
            this.freeCount -= count;
            return start;
        }
        return -1;
    }

    /** Gives back what `allocate` gave. */
    free(start, count) {
        const end = start + count;
        const next = this.#firstAfter(start);
        const joinsPrevious = next > 0 && this.#ends[next - 1] === start;
        const joinsNext = next < this.#starts.length && this.#starts[next] === end;
        if (joinsPrevious && joinsNext) {
            this.#ends[next - 1] = this.#ends[next];
            this.#starts.splice(next, 1);
            this.#ends.splice(next, 1);
        } else if (joinsPrevious) {
            this.#ends[next - 1] = end;
        } else if (joinsNext) {
            this.#starts[next] = start;
        } else {
            this.#starts.splice(next, 0, start);
            this.#ends.splice(next, 0, end);
        }
        this.freeCount += count;
    }

    /** The number of free ranges; 1 or 0 when nothing is fragmented. */
    get rangeCount() {
        return this.#starts.length;
    }

    #firstAfter(start) {
        let [low, high] = [0, this.#starts.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#starts[middle] < start) low = middle + 1; else high = middle;
        }
        return low;
    }
}
