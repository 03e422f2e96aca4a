// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import { ByteReader } from './byte-reader.js';
import { ChunkError } from './chunk-error.js';
import { isUnsorted, openDetails, readDetails, readFinePositions, sortByRange } from './node-details.js';
import { Codec, readNodeHeader } from './node-header.js';
import { readBorderNormals, writeCodes, writeComputedNormals } from './normals.js';
import { PlainCodec } from './plain-codec.js';
import { Scratch } from './scratch.js';
import {
    checkBox, packIndices, VertexClass, vertexClassOf, vertexFormat, writeColors, writeCoordinates, writePositions,
} from './vertex-packing.js';

/**
 * Turns node chunks into meshes ready for the GPU. Checks everything that the archive format asks of a reader and
 * throws a `ChunkError` that names what is wrong. Plain payloads need no Draco decoder. One thread.
 */
export class NodeDecoder {
    /** The Draco codec, or null while it is not loaded. */
    draco = null;

    #plain = new PlainCodec();
    #sorted = new Scratch(Uint32Array);
    #next = new Scratch(Uint32Array);
    #depths = new Scratch(Uint8Array);
    #sums = new Scratch(Float64Array);

    /** Bytes of working memory held. */
    get byteLength() {
        return [this.#plain, this.#sorted, this.#next, this.#depths, this.#sums, this.draco]
            .reduce((sum, part) => sum + (part?.byteLength ?? 0), 0);
    }

    /**
     * Decodes all payloads of a chunk.
     *
     * @param {Uint8Array} bytes the chunk
     * @param {Map<number, {gridStep, coordinateStep, materialCount}>} geometries those known
     * @returns {Array<{headerOffset, headerByteCount, mesh}>} `mesh` as the stream's `mesh` event; the header's bytes
     *     end where the payload's body begins
     */
    decodeChunk(bytes, geometries) {
        const reader = new ByteReader(bytes);
        const nodes = [];
        do nodes.push(this.#decodePayload(reader, geometries)); while (reader.remaining > 0);
        return nodes;
    }

    /** Whether a chunk holds a Draco payload; throws as `decodeChunk` for bad headers. */
    static needsDraco(bytes, geometries) {
        const reader = new ByteReader(bytes);
        do {
            const header = readNodeHeader(reader, geometryIn(geometries));
            if (header.codec === Codec.draco) return true;
            reader.take(header.bodyByteCount, 'body');
        } while (reader.remaining > 0);
        return false;
    }

    #decodePayload(reader, geometries) {
        const header = readNodeHeader(reader, geometryIn(geometries));
        const bodyStart = reader.take(header.bodyByteCount, 'body');
        const body = new ByteReader(reader.bytes, bodyStart, reader.at);
        try {
            const mesh = this.#decodeBody(body, header, geometries.get(header.geometry));
            return { headerOffset: header.start, headerByteCount: header.byteCount, mesh };
        } catch (error) {
            if (error instanceof ChunkError) error.message = `node ${header.node}: ${error.message}`;
            throw error;
        }
    }

    #decodeBody(body, header, geometry) {
        const details = readDetails(body);
        if (header.codec === Codec.plain) {
            return this.#finish(body, details, header, geometry, this.#plain.decode(body, header));
        }
        if (this.draco === null) throw new Error('the Draco decoder is not loaded');
        const decoded = this.draco.decode(body, header);
        try {
            return this.#finish(body, details, header, geometry, decoded);
        } finally {
            this.draco.release();
        }
    }

    /** Completes the mesh with what follows it in the body, checks, and packs. */
    #finish(body, details, header, { gridStep, coordinateStep }, decoded) {
        const { vertexCount, layout, extent } = header;
        const stream = openDetails(body, details, header);
        const depths = this.#complete(stream, details, header, decoded);
        checkBox(decoded.positions, extent);
        const vertexClass = vertexClassOf(extent, layout);
        const format = vertexFormat(vertexClass);
        const vertices = new ArrayBuffer(format.stride * vertexCount);
        writePositions(decoded.positions, vertices, format, (vertexClass & VertexClass.wide) !== 0);
        this.#writeNormals(stream, depths, decoded, vertices, format);
        stream?.finish();
        body.finish('body');
        decoded.coordinates.forEach((values, set) => writeCoordinates(values, set, coordinateStep, vertices, format));
        if (layout.colorCount > 0) writeColors(decoded.colors, layout.colorCount, vertices, format);
        const indices = packIndices(decoded.indices, vertexCount);
        return {
            node: header.node, geometry: header.geometry, origin: header.origin, extent, gridStep, vertexClass,
            vertexCount, indexCount: indices.length, vertices, indices,
            gpuByteCount: vertices.byteLength + indices.byteLength,
        };
    }

    /** Sorts the triangles and refines the positions; returns how many low bits each vertex had, null for none. */
    #complete(stream, { shift }, header, decoded) {
        if (isUnsorted(header)) {
            const sorted = this.#sorted.take(decoded.indices.length);
            const next = this.#next.take(2 * header.rangeTriangleCounts.length);
            sortByRange(stream, decoded.indices, header.rangeTriangleCounts, sorted, next);
            decoded.indices = sorted;
        }
        if (shift === 0) return null;
        const depths = this.#depths.take(header.vertexCount);
        readFinePositions(stream, decoded.positions, shift, header.origin, depths);
        return depths;
    }

    #writeNormals(stream, depths, { positions, indices, normals }, vertices, { normal, stride }) {
        const words = new Int16Array(vertices);
        const [first, step] = [normal / 2, stride / 2];
        if (normals !== null) {
            writeCodes(normals, words, first, step);
            return;
        }
        const sums = this.#sums.take(positions.length);
        writeComputedNormals(positions, indices, sums, words, first, step);
        if (stream !== null) readBorderNormals(stream, sums, depths, words, first, step);
    }
}

function geometryIn(geometries) {
    return (geometry) => {
        const found = geometries.get(geometry);
        if (found === undefined) throw new ChunkError(`geometry: ${geometry} was not announced`);
        return found;
    };
}
