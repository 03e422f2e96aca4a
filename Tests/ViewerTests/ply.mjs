// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Just enough PLY for the tests: a small terrain to encode, and the binary files Draco's decoder writes.

/** A (size × size)-quad terrain as ASCII PLY, coordinates 0...~6000, with a hole so that it has two borders. */
export function terrainPly(size, positionType, hasColors) {
    const side = size + 1;
    const vertices = [];
    for (let y = 0; y < side; y += 1) {
        for (let x = 0; x < side; x += 1) {
            const height = Math.round(1000 + 700 * Math.sin(x / 3) * Math.cos(y / 4));
            const color = hasColors ? ` ${(x * 9) % 256} ${(y * 7) % 256} ${(x * y) % 256}` : '';
            vertices.push(`${x * 250} ${height} ${y * 250}${color}`);
        }
    }
    const faces = [];
    for (let y = 0; y < size; y += 1) {
        for (let x = 0; x < size; x += 1) {
            if (x > 5 && x < 9 && y > 5 && y < 9) continue;
            const corner = y * side + x;
            faces.push(`3 ${corner} ${corner + side} ${corner + 1}`);
            faces.push(`3 ${corner + 1} ${corner + side} ${corner + side + 1}`);
        }
    }
    const coordinates = ['x', 'y', 'z'].map((name) => `property ${positionType} ${name}`);
    const colors = hasColors ? ['red', 'green', 'blue'].map((name) => `property uchar ${name}`) : [];
    const header = [
        'ply', 'format ascii 1.0', `element vertex ${vertices.length}`, ...coordinates, ...colors,
        `element face ${faces.length}`, 'property list uchar int vertex_indices', 'end_header',
    ];
    return [...header, ...vertices, ...faces, ''].join('\n');
}

const readers = {
    float: [4, (view, at) => view.getFloat32(at, true)],
    int: [4, (view, at) => view.getInt32(at, true)],
    uint: [4, (view, at) => view.getUint32(at, true)],
    uchar: [1, (view, at) => view.getUint8(at)],
};
const aliases = { float32: 'float', int32: 'int', uint32: 'uint', uint8: 'uchar' };
const reader = (type) => readers[aliases[type] ?? type];

/** Reads a little-endian binary PLY of triangles: positions (xyz), colors (rgb), indices, in file order. */
export function readPly(bytes) {
    const marker = 'end_header\n';
    const headerLength = bytes.indexOf(marker) + marker.length;
    const elements = parseHeader(bytes.toString('latin1', 0, headerLength));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const result = { vertexCount: elements.vertex.count, positions: [], colors: [], indices: null };
    let at = headerLength;
    for (let i = 0; i < elements.vertex.count; i += 1) {
        for (const { type, name } of elements.vertex.properties) {
            const [size, read] = reader(type);
            if (['x', 'y', 'z'].includes(name)) result.positions.push(read(view, at));
            if (['red', 'green', 'blue'].includes(name)) result.colors.push(read(view, at));
            at += size;
        }
    }
    result.indices = new Uint32Array(3 * elements.face.count);
    for (let i = 0; i < elements.face.count; i += 1) {
        for (const { countType, type, name } of elements.face.properties) {
            const [countSize, readCount] = reader(countType);
            const [size, read] = reader(type);
            const count = readCount(view, at);
            at += countSize;
            for (let corner = 0; corner < count; corner += 1, at += size) {
                if (name.startsWith('vertex_ind')) result.indices[3 * i + corner] = read(view, at);
            }
        }
    }
    return result;
}

function parseHeader(header) {
    const elements = {};
    let current;
    for (const line of header.split('\n')) {
        const words = line.split(' ');
        if (words[0] === 'element') {
            current = { count: Number(words[2]), properties: [] };
            elements[words[1]] = current;
        } else if (words[0] === 'property' && words[1] === 'list') {
            current.properties.push({ countType: words[2], type: words[3], name: words[4] });
        } else if (words[0] === 'property') {
            current.properties.push({ type: words[1], name: words[2] });
        }
    }
    return elements;
}
