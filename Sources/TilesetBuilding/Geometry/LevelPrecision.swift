// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore

/// How exact coarser levels and copied normals have to be: as exact, for the size of their triangles, as the grid makes
/// the source's own. More would cost bytes and show nothing.
struct LevelPrecision: Sendable {
    /// Grid steps of a typical edge of the source.
    private let edge: Double

    /// - Parameter edge: in grid steps.
    init(edge: Double) { self.edge = max(16, edge) }

    /// Bits to round positions by where triangles are `triangleLength` (root of the area) long and the level's error is
    /// `error`, both in grid steps. A step may be the same share of an edge as in the source, and half of the error.
    func positionShift(triangleLength: Float, error: Float) -> Int {
        let step = min(2 * Double(triangleLength) / edge, Double(error) / 2)
        return step >= 2 ? min(NodeCoding.maximumPositionShift, step.exponent) : 0
    }

    /// By how many bits codes of normals are coarser than `OctahedralNormal`'s: rounding a vertex to the grid turns
    /// normals by about half a step in an edge, and a code by 1/4000.
    var normalShift: Int {
        let steps = 512 / edge
        return steps >= 2 ? min(OctahedralNormal.maximumShift, steps.exponent) : 0
    }
}
