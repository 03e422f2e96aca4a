// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What goes into a GLB file: meshes of one material each, shared by the nodes of a tree. Metres, Y up.
struct GLBScene {
    var generator = "Vantage sample models"
    var name = ""
    var geometries: [TriangleMesh] = []
    var meshes: [Mesh] = []
    var materials: [Material] = []
    var images: [Image] = []
    var nodes: [Node] = []

    /// A geometry in a material.
    struct Mesh {
        var name: String
        var geometry: Int
        var material: Int
    }

    struct Node {
        var name: String
        var mesh: Int?
        /// Position in metres.
        var position = Double3.zero
        /// Unit quaternion x, y, z, w.
        var rotation = Double4(0, 0, 0, 1)
        var children: [Int] = []
        var extras: [(String, JSONValue)] = []
        var isRoot = false
    }

    /// An encoded picture; also the texture of the same index.
    struct Image {
        var name: String
        /// A whole PNG or JPEG file.
        var bytes: [UInt8]

        var mediaType: String { bytes.starts(with: [0xFF, 0xD8]) ? "image/jpeg" : "image/png" }
    }
}

/// Triangles as glTF stores them: metres, one entry per vertex in each array that is not empty.
struct TriangleMesh {
    var positions: [Float3] = []
    var normals: [Float3] = []
    /// v grows downwards; empty: none.
    var textureCoordinates: [Float2] = []
    /// xyz tangent along u, w the sign of the bitangent; empty: none.
    var tangents: [Float4] = []
    var indices: [UInt32] = []

    var triangleCount: Int { indices.count / 3 }
}
