// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/** Where the attributes of a vertex class lie, in bytes; see the mesh event: bit 0 wide, bits 1–2 sets, bit 3 colours. */
export function vertexLayout(vertexClass) {
    const isWide = (vertexClass & 1) === 1;
    const setCount = (vertexClass >> 1) & 3;
    const hasColors = (vertexClass & 8) !== 0;
    const normal = isWide ? 12 : 8;
    const coordinates = normal + 4;
    const color = coordinates + 8 * setCount;
    return { isWide, setCount, hasColors, normal, coordinates, color, stride: color + (hasColors ? 4 : 0) };
}
