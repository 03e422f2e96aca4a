// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The browser's Draco decoder as a function from bytes to arrays.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const Type = { float32: 0, int32: 2, uint8: 3 };

export function loadDraco() {
    const bytesOfModule = readFileSync(new URL('../../.work/draco/draco_decoder.wasm', import.meta.url));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytesOfModule), {});
    exports._initialize();

    const attribute = (id, type, Values) => {
        const pointer = exports.draco_attribute(id, type);
        assert.notEqual(pointer, 0, `the Draco mesh has no attribute ${id}`);
        const count = exports.draco_point_count() * exports.draco_component_count(id);
        const values = new Values(exports.memory.buffer, pointer, count).slice();
        exports.draco_release(pointer);
        return values;
    };
    /** The mesh, whose attributes can be read until the next call. */
    return (bytes, maximumTriangles) => {
        const pointer = exports.draco_alloc(bytes.length);
        new Uint8Array(exports.memory.buffer, pointer, bytes.length).set(bytes);
        const triangles = exports.draco_decode(pointer, bytes.length, maximumTriangles);
        exports.draco_release(pointer);
        assert.ok(triangles > 0, `draco_decode returned ${triangles}`);
        const indices = new Uint32Array(exports.memory.buffer, exports.draco_indices(), 3 * triangles).slice();
        return {
            indices,
            pointCount: exports.draco_point_count(),
            integers: (id) => attribute(id, Type.int32, Int32Array),
            floats: (id) => attribute(id, Type.float32, Float32Array),
            bytes: (id) => attribute(id, Type.uint8, Uint8Array),
        };
    };
}
