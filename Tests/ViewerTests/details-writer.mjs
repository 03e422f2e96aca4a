// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes the arithmetic-coded stream of payloads made by hand (Sources/ModelStorage/FORMAT.md, "Details").

import { computedNormals, learn, newModels, newNumberModels, stepOfHalf } from './archive-details.mjs';

/** For a few bytes: all of the stream is one number, so that carries take care of themselves. */
export class ArithmeticEncoder {
    #low = 0n;
    #range = 2 ** 32 - 1;
    #byteCount = 4;

    #choose(bit, bound, rangeOfOne) {
        if (bit === 1) this.#low += BigInt(bound);
        for (this.#range = bit === 0 ? bound : rangeOfOne; this.#range < 2 ** 24; this.#range *= 256) {
            this.#low *= 256n;
            this.#byteCount += 1;
        }
    }

    bit(bit, model) {
        const bound = Math.floor(this.#range / 4096) * model.zero;
        this.#choose(bit, bound, this.#range - bound);
        learn(model, bit);
        return this;
    }

    /** The lowest `count` bits of `value`, highest first. */
    plainBits(value, count) {
        for (let place = count - 1; place >= 0; place -= 1) {
            const half = Math.floor(this.#range / 2);
            this.#choose(Math.floor(value / 2 ** place) % 2, half, half);
        }
        return this;
    }

    number(value, models) {
        const length = 31 - Math.clz32(value + 1);
        for (let i = 0; i < length; i += 1) this.bit(1, models.length[i]);
        if (length < 31) this.bit(0, models.length[length]);
        if (length === 0) return this;
        return this.bit(Math.floor((value + 1) / 2 ** (length - 1)) % 2, models.first[length])
            .plainBits(value + 1, length - 1);
    }

    /** The bytes of the stream. */
    get bytes() {
        return [...Buffer.from(this.#low.toString(16).padStart(2 * this.#byteCount, '0'), 'hex')];
    }
}

/** Runs of triangles: [length less 1, place]. */
export function writeRuns(encoder, runs) {
    const [lengths, places] = [newNumberModels(), newNumberModels()];
    for (const [length, place] of runs) encoder.number(length, lengths).number(place, places);
    return encoder;
}

/** The runs of the ranges of triangles, one after the other. */
export function runsOf(labels) {
    const runs = [];
    let recent = [];
    labels.forEach((label, triangle) => {
        if (triangle > 0 && label === labels[triangle - 1]) {
            runs.at(-1)[0] += 1;
            return;
        }
        runs.push([0, recent.includes(label) ? recent.indexOf(label) : recent.length + label]);
        recent = [label, ...recent.filter((other) => other !== label)].slice(0, 16);
    });
    return runs;
}

/** Low bits of positions [[x, y, z]], and how many each has. */
export function writeLowBits(encoder, positions, shift) {
    const hasFurther = newModels(shift, 2);
    let hadAny = 0;
    return positions.map((position) => {
        let count = shift;
        while (count > 0 && position.every((value) => value % 2 ** (shift - count + 1) === 0)) count -= 1;
        for (let read = 0; read < count; read += 1) {
            encoder.bit(1, hasFurther[read][hadAny]);
            for (const value of position) encoder.plainBits(Math.floor(value / 2 ** (shift - 1 - read)) & 1, 1);
        }
        if (count < shift) encoder.bit(0, hasFurther[count][hadAny]);
        hadAny = count > 0 ? 1 : 0;
        return count;
    });
}

/**
 * Border normals: for each vertex null or the two numbers of its halves, as written.
 *
 * @param {number[]} counts of low bits per vertex
 */
export function writeBorderNormals(encoder, coarseness, numbers, counts) {
    encoder.plainBits(coarseness, 4);
    const isListed = newModels(3, 2);
    const differences = [newNumberModels(), newNumberModels()];
    let wasListed = 0;
    numbers.forEach((pair, vertex) => {
        const listed = pair === null ? 0 : 1;
        encoder.bit(listed, isListed[Math.min(counts[vertex], 2)][wasListed]);
        wasListed = listed;
        pair?.forEach((number, half) => encoder.number(number, differences[half]));
    });
    return encoder;
}

/** The numbers of border normals [[vertex, code]], rounded to the grid of a coarseness. */
export function borderNumbers({ positions, indices }, border, coarseness) {
    const mesh = { positions: Int32Array.from(positions.flat()), indices: Int32Array.from(indices) };
    const codes = new Map(border);
    return computedNormals(mesh).map((guess, vertex) => {
        if (!codes.has(vertex)) return null;
        const code = codes.get(vertex);
        return [code % 4096, Math.floor(code / 4096)].map((half, place) => {
            const difference = stepOfHalf(half, coarseness) - stepOfHalf(guess[place], coarseness);
            return difference < 0 ? -2 * difference - 1 : 2 * difference;
        });
    });
}
