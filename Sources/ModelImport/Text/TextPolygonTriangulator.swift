// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Cuts polygons into triangles: quads along the diagonal that folds neither half over, convex polygons as fans,
/// others by clipping ears against the plane of their Newell normal (Newell 1972; Meisters 1975). Winding is kept.
///
/// Polygons that cross themselves, or that are concave with more than `mostEars` corners (the cost grows with the
/// square), are cut as fans and counted in `fallbacks`.
struct PolygonTriangulator {
    static let mostEars = 2048

    /// Corner numbers, three per triangle, of the last polygon.
    private(set) var triangles: [Int32] = []
    /// Polygons that may have come out wrong.
    private(set) var fallbacks = 0
    private var flat: [SIMD2<Double>] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var reflex: [Bool] = []

    /// Fills `triangles`. Corners that are not finite, and polygons without area, give a fan.
    mutating func triangulate(_ corners: [Double3]) {
        triangles.removeAll(keepingCapacity: true)
        let count = corners.count
        guard count >= 3 else { return }
        if count == 3 { return fan(count) }
        guard flatten(corners) else { return fan(count) }
        if count == 4 { return cutQuad() }
        if isConvex() { return fan(count) }
        if count > Self.mostEars {
            fallbacks += 1
            return fan(count)
        }
        clipEars()
    }

    private mutating func fan(_ count: Int) {
        for corner in 1..<(count - 1) {
            triangles.append(0)
            triangles.append(Int32(truncatingIfNeeded: corner))
            triangles.append(Int32(truncatingIfNeeded: corner + 1))
        }
    }

    /// Projects along the largest component of the Newell normal, so that the polygon runs counter-clockwise.
    private mutating func flatten(_ corners: [Double3]) -> Bool {
        var normal = Double3.zero
        let base = corners[0]
        for index in 2..<corners.count {
            normal += cross(corners[index - 1] - base, corners[index] - base)
        }
        let size = Double3(abs(normal.x), abs(normal.y), abs(normal.z))
        guard size.max() > 0, size.max().isFinite else { return false }
        let (u, v, isFlipped) =
            size.z == size.max()
            ? (0, 1, normal.z < 0) : size.x == size.max() ? (1, 2, normal.x < 0) : (2, 0, normal.y < 0)
        flat.removeAll(keepingCapacity: true)
        for corner in corners {
            let point = corner - base
            flat.append(isFlipped ? SIMD2(point[v], point[u]) : SIMD2(point[u], point[v]))
        }
        return true
    }

    private func area(_ a: Int, _ b: Int, _ c: Int) -> Double {
        let p = flat[b] - flat[a]
        let q = flat[c] - flat[a]
        return p.x * q.y - p.y * q.x
    }

    private mutating func cutQuad() {
        let isFirstFolded = area(0, 1, 2) <= 0 || area(0, 2, 3) <= 0
        let isSecondSound = area(1, 2, 3) > 0 && area(1, 3, 0) > 0
        if isFirstFolded, isSecondSound {
            triangles.append(contentsOf: [0, 1, 3, 1, 2, 3])
        } else {
            triangles.append(contentsOf: [0, 1, 2, 0, 2, 3])
        }
    }

    /// True where no corner turns right and the outline goes round once (a star turns left everywhere, but twice).
    private func isConvex() -> Bool {
        let count = flat.count
        var descents = 0
        for index in 0..<count {
            let following = index + 1 == count ? 0 : index + 1
            let after = following + 1 == count ? 0 : following + 1
            if area(index, following, after) < 0 { return false }
            let isRising = flat[following].x > flat[index].x
            let risesAfter = flat[after].x > flat[following].x
            if isRising, !risesAfter { descents += 1 }
        }
        return descents <= 1
    }

    private mutating func clipEars() {
        prepareRing()
        var left = flat.count
        var corner = 0
        var misses = 0
        while left > 3 {
            if isEar(corner) {
                corner = clip(corner)
                left -= 1
                misses = 0
            } else {
                corner = Int(next[corner])
                misses += 1
                if misses > left { return fanRest(corner, left) }
            }
        }
        appendTriangle(at: corner)
    }

    private mutating func prepareRing() {
        let count = Int32(flat.count)
        next = (0..<count).map { $0 + 1 == count ? 0 : $0 + 1 }
        previous = (0..<count).map { $0 == 0 ? count - 1 : $0 - 1 }
        reflex = (0..<flat.count).map { area(Int(previous[$0]), $0, Int(next[$0])) <= 0 }
    }

    /// A left turn whose triangle holds no reflex corner.
    private func isEar(_ corner: Int) -> Bool {
        if reflex[corner] { return false }
        let before = Int(previous[corner])
        let after = Int(next[corner])
        var other = Int(next[after])
        while other != before {
            if reflex[other], isInside(other, before, corner, after) { return false }
            other = Int(next[other])
        }
        return true
    }

    private func isInside(_ point: Int, _ a: Int, _ b: Int, _ c: Int) -> Bool {
        let position = flat[point]
        if position == flat[a] || position == flat[b] || position == flat[c] { return false }
        return area(a, b, point) >= 0 && area(b, c, point) >= 0 && area(c, a, point) >= 0
    }

    /// Takes the ear off; the next corner to try is the one after it.
    private mutating func clip(_ corner: Int) -> Int {
        appendTriangle(at: corner)
        let before = Int(previous[corner])
        let after = Int(next[corner])
        next[before] = Int32(truncatingIfNeeded: after)
        previous[after] = Int32(truncatingIfNeeded: before)
        reflex[before] = area(Int(previous[before]), before, after) <= 0
        reflex[after] = area(before, after, Int(next[after])) <= 0
        return Int(next[after])
    }

    private mutating func appendTriangle(at corner: Int) {
        triangles.append(previous[corner])
        triangles.append(Int32(truncatingIfNeeded: corner))
        triangles.append(next[corner])
    }

    private mutating func fanRest(_ corner: Int, _ left: Int) {
        fallbacks += 1
        var current = next[corner]
        for _ in 0..<(left - 2) {
            triangles.append(Int32(truncatingIfNeeded: corner))
            triangles.append(current)
            current = next[Int(current)]
            triangles.append(current)
        }
    }
}
