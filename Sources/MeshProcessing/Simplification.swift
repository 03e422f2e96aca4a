// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CMeshoptimizer

/// Edge-collapse simplification that never moves chosen vertices.
///
/// meshoptimizer 0.18 can lock only the topological border of the mesh it is given. It builds its table of equal
/// positions from all vertices passed, referenced or not, and classifies a vertex whose position has an extra copy
/// without edges as locked; so one unreferenced duplicate is appended per vertex to keep. This relies on behaviour, not
/// on API (a test pins it): with meshoptimizer 0.20 or later use `meshopt_simplifyWithAttributes`'s locks instead.
package enum Simplification {
    package struct Result: Sendable {
        /// Three per triangle, into the same vertices.
        package let indices: [UInt32]
        /// Roughly the RMS distance to the original planes, in the units of the positions.
        package let error: Float

        package init(indices: [UInt32], error: Float) {
            self.indices = indices
            self.error = error
        }
    }

    /// - Parameters:
    ///   - indices: three per triangle.
    ///   - positions: xyz per vertex; pass only vertices the indices use, since cost grows with their number.
    ///   - locked: vertices that must stay.
    ///   - targetIndexCount: stops once this few indices are left; may stay above.
    ///   - maximumError: stops before an error larger than this, in the units of the positions.
    package static func simplify(
        indices: [UInt32], positions: [Float], locked: [UInt32], targetIndexCount: Int, maximumError: Float = .infinity
    ) -> Result {
        var extended = positions
        extended.reserveCapacity(positions.count + 3 * locked.count)
        for vertex in locked {
            let first = 3 * Int(vertex)
            for axis in 0..<3 { extended.append(positions[first + axis]) }
        }
        var error: Float = 0
        let stride = 3 * MemoryLayout<Float>.stride
        let scale = meshopt_simplifyScale(extended, extended.count / 3, stride)
        let relativeError = scale > 0 ? min(maximumError / scale, unlimitedError) : unlimitedError
        let result = [UInt32](unsafeUninitializedCapacity: indices.count) { buffer, count in
            count = meshopt_simplify(
                buffer.baseAddress, indices, indices.count, extended, extended.count / 3, stride, targetIndexCount,
                relativeError, 0, &error)
        }
        return Result(indices: result, error: error * scale)
    }

    /// Merges vertices into cells until few triangles are left, ignoring topology: for far proxies only, since it locks
    /// nothing and may return no triangles at all.
    package static func simplifySloppy(indices: [UInt32], positions: [Float], targetIndexCount: Int) -> Result {
        var error: Float = 0
        let stride = 3 * MemoryLayout<Float>.stride
        let result = [UInt32](unsafeUninitializedCapacity: indices.count) { buffer, count in
            count = meshopt_simplifySloppy(
                buffer.baseAddress, indices, indices.count, positions, positions.count / 3, stride, targetIndexCount,
                unlimitedError, &error)
        }
        return Result(indices: result, error: error * meshopt_simplifyScale(positions, positions.count / 3, stride))
    }

    // Relative to the mesh's extent and squared inside: large, yet finite after squaring.
    private static let unlimitedError: Float = 1e6

    /// Triangle order for small vertex caches, which also puts neighbours next to each other.
    package static func optimizeVertexCache(indices: [UInt32], vertexCount: Int) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: indices.count) { buffer, count in
            meshopt_optimizeVertexCache(buffer.baseAddress, indices, indices.count, vertexCount)
            count = indices.count
        }
    }
}
