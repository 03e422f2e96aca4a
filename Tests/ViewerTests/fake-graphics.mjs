// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A WebGL2 context that draws nothing and remembers what it was asked to: enough for tests of what is sent to a GPU.

/** Calls are in `calls` as [name, ...arguments]; constants are their own names; objects are numbered. */
export function fakeContext(extensions = {}) {
    const calls = [];
    let created = 0;
    const answers = {
        getError: () => 'NO_ERROR',
        getExtension: (name) => extensions[name] ?? null,
        getParameter: () => 16,
        isContextLost: () => false,
    };
    const gl = new Proxy({}, {
        get(_, name) {
            if (name === 'calls') return calls;
            if (/^[A-Z0-9_]+$/.test(name)) return /^TEXTURE0$/.test(name) ? 0 : name;
            return (...values) => {
                calls.push([name, ...values]);
                if (answers[name]) return answers[name](...values);
                created += 1;
                return name.startsWith('create') ? { kind: name.slice(6), number: created } : undefined;
            };
        },
    });
    return gl;
}

/** A mesh event of `count` vertices (positions, normals) in a row along x, and as many indices. */
export function meshEvent(node, count, { origin = [0, 0, 0], indexCount = count, isWide = false } = {}) {
    const stride = isWide ? 16 : 12;
    const view = new DataView(new ArrayBuffer(stride * count));
    for (let i = 0; i < count; i += 1) {
        if (isWide) view.setInt32(stride * i, i, true); else view.setUint16(stride * i, i % 65536, true);
    }
    const Indices = count <= 65535 ? Uint16Array : Uint32Array;
    return {
        node, geometry: 0, origin, gridStep: 0.5, vertexClass: isWide ? 1 : 0, vertexCount: count, indexCount,
        vertices: view.buffer, indices: Indices.from({ length: indexCount }, (_, i) => i % count),
        gpuByteCount: stride * count + Indices.BYTES_PER_ELEMENT * indexCount,
    };
}
