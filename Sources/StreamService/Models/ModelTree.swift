// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelStorage

/// A model's tree as JSON: columns of names and parents, and the properties of the nodes that have any.
struct ModelTree {
    private struct Columns: Encodable {
        let names: [String]
        /// Index of each node's parent, smaller than its own; -1 for a root.
        let parents: [Int]
        /// Node index to name–value pairs.
        let properties: [String: [[String]]]
    }

    let bytes: [UInt8]

    init(_ archive: Archive) {
        let tree = archive.description.tree
        let columns = Columns(
            names: tree.names, parents: tree.parents,
            properties: Dictionary(tree.properties.map { ("\($0.key)", $0.value) }) { first, _ in first })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        bytes = (try? encoder.encode(columns)).map { [UInt8]($0) } ?? Array("{}".utf8)
    }
}
