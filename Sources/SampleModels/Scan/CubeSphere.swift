// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The lattice points on the surface of a cube of `side` steps, numbered layer by layer from the bottom: a closed
/// surface of 6 side² + 2 vertices and 12 side² triangles whose neighbours need no table.
///
/// The bottom and top layers are full grids of (side + 1)² points, row z by row; each layer between is a ring of
/// 4 side points.
struct CubeSphere {
    let side: Int

    /// The side whose triangle count comes nearest to `triangles`.
    init(triangles: Int) { side = max(1, Int((Double(triangles) / 12).squareRoot().rounded())) }

    var vertexCount: Int { 6 * side * side + 2 }
    var triangleCount: Int { 12 * side * side }
    var gridCount: Int { (side + 1) * (side + 1) }
    var ringCount: Int { 4 * side }

    /// (x, z) of point `p` of a ring.
    @inline(__always)
    func ringPoint(_ p: Int) -> (x: Int, z: Int) {
        if p < side { return (p, 0) }
        if p < 2 * side { return (side, p - side) }
        return p < 3 * side ? (3 * side - p, side) : (0, 4 * side - p)
    }

    /// Number of point `p` (0 ... 4 side, the last the first again) of the ring at `layer`.
    @inline(__always)
    func ringVertex(_ p: Int, layer: Int) -> Int {
        let p = p == ringCount ? 0 : p
        if layer > 0 && layer < side { return gridCount + (layer - 1) * ringCount + p }
        let point = ringPoint(p)
        return gridVertex(point.x, point.z, isTop: layer > 0)
    }

    @inline(__always)
    func gridVertex(_ x: Int, _ z: Int, isTop: Bool) -> Int {
        (isTop ? gridCount + (side - 1) * ringCount : 0) + z * (side + 1) + x
    }
}
