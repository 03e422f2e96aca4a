// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What libdraco refused, in its own words.
package enum DracoError: Error, Equatable, CustomStringConvertible {
    case encodingFailed(String)
    case decodingFailed(String)
    case missingAttribute(id: UInt32)
    /// Decoded, but larger than the caller allows.
    case tooLarge(points: Int, triangles: Int)

    package var description: String {
        switch self {
        case .encodingFailed(let reason): "Draco could not encode the mesh: \(reason)"
        case .decodingFailed(let reason): "not a valid Draco mesh: \(reason)"
        case .missingAttribute(let id): "the Draco mesh has no attribute \(id)"
        case .tooLarge(let points, let triangles):
            "the Draco mesh has \(points) points and \(triangles) triangles, more than declared"
        }
    }
}

/// Reads the NUL-terminated reason a shim call left in a fixed buffer.
func withReason<Result>(_ body: (UnsafeMutablePointer<CChar>, Int) -> Result) -> (Result, String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        buffer.initialize(repeating: 0)
        let result = body(buffer.baseAddress!, buffer.count)
        return (result, String(cString: buffer.baseAddress!))
    }
}
