// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// A decoded node ready for the GPU.
package struct PackedMesh: Equatable, Sendable {
    package var node: UInt32
    /// Metres in the geometry's space, a power of two.
    package var gridStep: Double
    /// The node's smallest corner in grid steps; positions are relative to it.
    package var origin: Int3
    package var vertexClass: VertexClass
    package var vertexCount: Int
    package var indexCount: Int
    /// `vertexCount` × `vertexClass.stride` bytes.
    package var vertices: [UInt8]
    /// Three per triangle, relative to the mesh's first vertex, sorted by the header's ranges.
    package var indices: [UInt32]

    package init(
        node: UInt32, gridStep: Double, origin: Int3, vertexClass: VertexClass, vertexCount: Int, vertices: [UInt8],
        indices: [UInt32]
    ) {
        self.node = node
        self.gridStep = gridStep
        self.origin = origin
        self.vertexClass = vertexClass
        self.vertexCount = vertexCount
        indexCount = indices.count
        self.vertices = vertices
        self.indices = indices
    }

    /// What it takes on the GPU.
    package var gpuByteCount: Int { vertices.count + 4 * indices.count }
}

/// A decoded texture level ready for the GPU.
package struct PackedTexture: Equatable, Sendable {
    package var texture: Int
    /// 0 is the full size; each next one halves it.
    package var level: Int
    package var width: Int
    package var height: Int
    /// How many levels the archive stores of this texture; the last is the coarsest.
    package var levelCount: Int
    /// RGBA8, `width` × `height`, row by row from the top; as stored, alpha not multiplied into the colour.
    package var pixels: [UInt8]
    /// sRGB-encoded: some material reads it as a colour.
    package var isColor: Bool

    package init(
        texture: Int, level: Int, width: Int, height: Int, levelCount: Int, pixels: [UInt8], isColor: Bool
    ) {
        self.texture = texture
        self.level = level
        self.width = width
        self.height = height
        self.levelCount = levelCount
        self.pixels = pixels
        self.isColor = isColor
    }

    /// What it takes on the GPU.
    package var gpuByteCount: Int { pixels.count }
}
