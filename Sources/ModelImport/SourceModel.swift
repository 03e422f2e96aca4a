// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping
package import StreamCore

/// A model as its file describes it, after every index, count and number has been checked once: parts, the instances
/// that place them, materials, textures, and the tree with names. World space is metres, Y up, right-handed.
package struct SourceModel: Sendable {
    package var name = ""
    /// For example "glTF 2.0 (GLB)", "PLY (binary, little endian)".
    package var format = ""
    package var parts: [SourcePart] = []
    package var instances: [SourceInstance] = []
    package var nodes: [SourceNode] = []
    package var materials: [Material] = []
    package var textures: [SourceTexture] = []
    /// What was left out, repaired or assumed; each a sentence with its place.
    package var warnings: [String] = []

    package init() {}
}

/// The triangles of one mesh, shared by all its instances. Local space, in the file's own units and axes.
///
/// Invariants (importers guarantee them): every index < `vertexCount`; `indices.count` is a multiple of 3; positions
/// are finite; optional arrays are exactly as long as stated; material ranges are ascending, adjacent and cover all
/// triangles.
package struct SourcePart: Sendable {
    package var name: String
    /// Added to every position: files in double precision far from 0 keep their detail.
    package var origin = Double3.zero
    /// xyz per vertex, relative to `origin`.
    package var positions: LargeArray<Float>
    /// xyz per vertex, unit length, or nil.
    package var normals: LargeArray<Float>?
    /// uv per vertex for coordinate sets 0 and 1; empty: none. v grows downwards, as in glTF.
    package var textureCoordinates: [LargeArray<Float>] = []
    /// RGBA per vertex, sRGB-encoded colour and linear alpha, multiplies the base colour.
    package var colors: LargeArray<UInt8>?
    /// Three per triangle; nil: vertices 0, 1, 2 are the first triangle, 3, 4, 5 the second, and so on.
    package var indices: LargeArray<UInt32>?
    package var materialRanges: [MaterialRange] = []

    package struct MaterialRange: Equatable, Sendable {
        package var firstTriangle: Int
        package var triangleCount: Int
        /// Index into the model's materials; nil: the default material.
        package var material: Int?

        package init(firstTriangle: Int, triangleCount: Int, material: Int?) {
            self.firstTriangle = firstTriangle
            self.triangleCount = triangleCount
            self.material = material
        }
    }

    package init(name: String, positions: LargeArray<Float>) {
        self.name = name
        self.positions = positions
    }

    package var vertexCount: Int { positions.count / 3 }
    package var triangleCount: Int { (indices?.count ?? vertexCount) / 3 }
}

/// One placing of a part.
package struct SourceInstance: Sendable {
    package var part: Int
    /// The tree node that places it: its name is the instance's name.
    package var node: Int
    /// From the part's local space to world space.
    package var transform: AffineTransform

    package init(part: Int, node: Int, transform: AffineTransform) {
        self.part = part
        self.node = node
        self.transform = transform
    }
}

/// One node of the tree, for names and properties; placing is already resolved into instances.
package struct SourceNode: Sendable {
    package var name: String
    /// Index of the parent, which comes earlier in the array; nil for a root.
    package var parent: Int?
    /// In the file's order.
    package var properties: [(name: String, value: String)]

    package init(name: String, parent: Int?, properties: [(name: String, value: String)] = []) {
        self.name = name
        self.parent = parent
        self.properties = properties
    }
}

/// An image as the file holds it, still encoded, and how to sample it.
package struct SourceTexture: Sendable {
    package enum Encoding: String, Sendable { case jpeg, png }

    package var name: String
    package var encoding: Encoding
    package var bytes: [UInt8]
    package var sampler = TextureSampler()

    package init(name: String, encoding: Encoding, bytes: [UInt8]) {
        self.name = name
        self.encoding = encoding
        self.bytes = bytes
    }
}
