// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The plain codec of node payloads: sources' roots and small nodes, readable without WebAssembly.
// Layout: Sources/ModelStorage/FORMAT.md, "Plain codec".

import { ChunkError } from './chunk-error.js';
import { Scratch } from './scratch.js';

/** Decodes plain bodies. Results are views of its working memory, valid until the next call. */
export class PlainCodec {
    #indices = new Scratch(Uint32Array);
    #positions = new Scratch(Int32Array);
    #normals = new Scratch(Int32Array);
    #coordinates = [new Scratch(Int32Array), new Scratch(Int32Array)];
    #colors = new Scratch(Int32Array);

    get byteLength() {
        return [this.#indices, this.#positions, this.#normals, ...this.#coordinates, this.#colors]
            .reduce((sum, scratch) => sum + scratch.byteLength, 0);
    }

    /**
     * @param {ByteReader} body at the body's first byte; afterwards at the details, or at the end
     * @param {object} header of the payload
     * @returns {{indices, positions, normals, coordinates, colors}} `indices` sorted by range, `positions` relative to
     *     the origin, `normals` codes (null: to be computed), `colors` colorCount per vertex
     */
    decode(body, { vertexCount, triangleCount, layout }) {
        const columnCount = 3 + (layout.isNormalStored ? 2 : 0) + 2 * layout.setCount + layout.colorCount;
        if (3 * triangleCount + columnCount * vertexCount > body.remaining) {
            throw new ChunkError(`body: ${body.remaining} bytes cannot hold ${vertexCount} vertices`);
        }
        const indices = this.#indices.take(3 * triangleCount);
        readIndices(body, indices, vertexCount);
        const positions = this.#positions.take(3 * vertexCount);
        readColumns(body, positions, 3, vertexCount, 'position');
        const normals = layout.isNormalStored ? this.#readNormals(body, vertexCount) : null;
        const coordinates = [];
        for (let set = 0; set < layout.setCount; set += 1) {
            coordinates.push(this.#coordinates[set].take(2 * vertexCount));
            readColumns(body, coordinates[set], 2, vertexCount, 'texture coordinate');
        }
        const colors = this.#colors.take(layout.colorCount * vertexCount);
        readColumns(body, colors, layout.colorCount, vertexCount, 'colour');
        return { indices, positions, normals, coordinates, colors };
    }

    #readNormals(body, vertexCount) {
        const halves = this.#normals.take(2 * vertexCount);
        readColumn(body, halves, 0, 1, vertexCount, 'normal');
        readColumn(body, halves, vertexCount, 1, vertexCount, 'normal');
        for (let vertex = 0; vertex < vertexCount; vertex += 1) {
            halves[vertex] = (halves[vertex] & 4095) | ((halves[vertexCount + vertex] & 4095) << 12);
        }
        return halves.subarray(0, vertexCount);
    }
}

/** Distances below the next new vertex; 0 is that vertex. Longer than most functions: the call would cost more. */
function readIndices(body, indices, vertexCount) {
    const { bytes, end } = body;
    let at = body.at;
    let used = 0;
    for (let corner = 0; corner < indices.length; corner += 1) {
        let distance = at < end ? bytes[at] : 128;
        if (distance < 128) {
            at += 1;
        } else {
            body.at = at;
            distance = body.varint('index');
            at = body.at;
        }
        if (distance > used) throw new ChunkError(`index ${corner}: ${distance} below ${used}`);
        indices[corner] = used - distance;
        if (distance === 0) used += 1;
    }
    body.at = at;
    if (used !== vertexCount) throw new ChunkError(`indices: ${used} vertices of ${vertexCount} are used`);
}

function readColumns(body, values, stride, count, field) {
    for (let first = 0; first < stride; first += 1) readColumn(body, values, first, stride, count, field);
}

/** Zigzag differences to the previous value, into every `stride`-th of `values` from `first` on. */
function readColumn(body, values, first, stride, count, field) {
    const { bytes, end } = body;
    let at = body.at;
    let value = 0;
    for (let index = first, left = count; left > 0; left -= 1, index += stride) {
        let code = at < end ? bytes[at] : 128;
        if (code < 128) {
            at += 1;
        } else if (at + 1 < end && bytes[at + 1] < 128) {
            code = (code & 127) | (bytes[at + 1] << 7);
            at += 2;
        } else {
            body.at = at;
            code = body.varint(field);
            at = body.at;
        }
        value = (value + ((code >>> 1) ^ -(code & 1))) | 0;
        values[index] = value;
    }
    body.at = at;
}
