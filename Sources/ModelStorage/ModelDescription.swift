// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
package import StreamCore

/// The part of a model that people read: names, materials, the tree. Stored as JSON with sorted keys.
package struct ModelDescription: Codable, Equatable, Sendable {
    package var name = ""
    /// What it was imported from, for example "glTF 2.0 (GLB)".
    package var sourceFormat = ""
    package var sourceByteCount = 0
    package var materials: [Material] = []
    package var textures: [Texture] = []
    package var tree = Tree()
    package var partCount = 0
    package var instanceCount = 0
    /// Counting every instance.
    package var triangleCount = 0
    package var warnings: [String] = []

    package struct Texture: Codable, Equatable, Sendable {
        package var name: String
        package var sampler: TextureSampler

        package init(name: String, sampler: TextureSampler) {
            self.name = name
            self.sampler = sampler
        }
    }

    /// The node tree as columns.
    package struct Tree: Codable, Equatable, Sendable {
        package var names: [String] = []
        /// Index of each node's parent, smaller than its own; -1 for a root.
        package var parents: [Int] = []
        /// Node index to name–value pairs (lists of exactly two), for the nodes that have any.
        package var properties: [Int: [[String]]] = [:]

        package init() {}
    }

    package init() {}
}

extension ModelDescription {
    /// - Parameter path: the archive's, for the message.
    /// - Throws: `damaged`, with the place of what is wrong first.
    init(decoding bytes: [UInt8], path: String) throws(ArchiveError) {
        let reason: String
        do throws(JSONError) {
            let value = try JSONValue(decoding: bytes, limits: .library)
            do throws(JSONMismatch) {
                self = try value.decode(ModelDescription.self)
                return
            } catch { reason = error.description }
        } catch { reason = error.description }
        throw ArchiveError(.damaged, "its description is not valid (\(reason)); import the model again", path: path)
    }
}
