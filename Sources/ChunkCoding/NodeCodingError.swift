// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import DracoCoding
package import StreamCore

/// Why a node's payload cannot be decoded.
package enum NodeCodingError: Error, Equatable, CustomStringConvertible {
    case chunk(ChunkError)
    case draco(DracoError)
    /// The mesh decodes, but is not what the header promises.
    case mismatch(String)

    package var description: String {
        switch self {
        case .chunk(let cause): cause.description
        case .draco(let cause): cause.description
        case .mismatch(let what): "the mesh does not match its header: \(what)"
        }
    }
}
