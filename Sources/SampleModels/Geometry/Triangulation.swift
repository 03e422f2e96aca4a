// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Ear clipping of a polygon with holes.
///
/// Holes are joined to the outline by a bridge from their rightmost point to a point it can see; then corners that
/// hold no other point are cut off one by one. O(n × reflex corners); made for outlines of a few thousand points.
///
/// - Source: D. Eberly, "Triangulation by Ear Clipping" (Geometric Tools).
enum Triangulation {
    /// Counter-clockwise triangles; the loops may run either way and must not touch.
    static func triangles(outline: [Double2], holes: [[Double2]]) -> [(Double2, Double2, Double2)] {
        var ring = counterClockwise(outline)
        let clockwise = holes.map { Array(counterClockwise($0).reversed()) }
        for hole in clockwise.sorted(by: { rightmost($0).1 > rightmost($1).1 }) { bridge(hole, into: &ring) }
        return clip(ring)
    }

    static func counterClockwise(_ loop: [Double2]) -> [Double2] { area(loop) < 0 ? loop.reversed() : loop }

    /// Signed area, positive counter-clockwise.
    static func area(_ loop: [Double2]) -> Double {
        var sum = 0.0
        for i in loop.indices {
            let (a, b) = (loop[i], loop[i + 1 == loop.count ? 0 : i + 1])
            sum += a.x * b.y - a.y * b.x
        }
        return sum / 2
    }

    private static func rightmost(_ loop: [Double2]) -> (Int, Double) {
        var best = 0
        for i in loop.indices where loop[i].x > loop[best].x { best = i }
        return (best, loop[best].x)
    }

    private static func bridge(_ hole: [Double2], into ring: inout [Double2]) {
        let start = rightmost(hole).0
        let target = visiblePoint(of: ring, from: hole[start])
        var bridged = Array(ring[...target])
        bridged += hole[start...] + hole[...start]
        bridged += ring[target...]
        ring = bridged
    }

    /// Index of a ring point that the segment from `m`, running right, reaches without crossing the ring.
    private static func visiblePoint(of ring: [Double2], from m: Double2) -> Int {
        var hitX = Double.infinity
        var candidate = 0
        for i in ring.indices {
            let j = i + 1 == ring.count ? 0 : i + 1
            let (a, b) = (ring[i], ring[j])
            guard a.y <= m.y, b.y >= m.y, b.y > a.y else { continue }
            let x = a.x + (m.y - a.y) * (b.x - a.x) / (b.y - a.y)
            guard x >= m.x, x < hitX else { continue }
            hitX = x
            candidate = a.x > b.x ? i : j
        }
        let p = ring[candidate]
        var best = candidate
        var bestSlope = Double.infinity
        for i in ring.indices where ring[i] != p && isReflex(ring, i) {
            let q = ring[i]
            guard q.x >= m.x, inTriangle(q, m, Double2(hitX, m.y), p) else { continue }
            let slope = abs(q.y - m.y) / max(q.x - m.x, 1e-12)
            if slope < bestSlope {
                bestSlope = slope
                best = i
            }
        }
        return best
    }

    private static func isReflex(_ ring: [Double2], _ i: Int) -> Bool {
        let n = ring.count
        return turn(ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]) <= 0
    }

    private static func turn(_ a: Double2, _ b: Double2, _ c: Double2) -> Double {
        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    }

    /// Inside or on the border, whichever way the triangle runs.
    private static func inTriangle(_ p: Double2, _ a: Double2, _ b: Double2, _ c: Double2) -> Bool {
        let (u, v, w) = (turn(a, b, p), turn(b, c, p), turn(c, a, p))
        return (u >= 0 && v >= 0 && w >= 0) || (u <= 0 && v <= 0 && w <= 0)
    }

    private static func clip(_ ring: [Double2]) -> [(Double2, Double2, Double2)] {
        var previous = ring.indices.map { $0 == 0 ? ring.count - 1 : $0 - 1 }
        var next = ring.indices.map { $0 + 1 == ring.count ? 0 : $0 + 1 }
        var reflex = ring.indices.filter { isReflex(ring, $0) }
        var result: [(Double2, Double2, Double2)] = []
        var left = ring.count
        var corner = 0
        var failures = 0
        while left > 2 {
            let (i, k) = (previous[corner], next[corner])
            let (a, b, c) = (ring[i], ring[corner], ring[k])
            let size = turn(a, b, c)
            // After a full round without an ear (bridges that touch), any corner that is not reflex has to do.
            let isEar = size > 0 && (failures > left || !reflex.contains { blocks(ring[$0], a, b, c) })
            if isEar || failures > 2 * left {
                result.append((a, b, c))
                next[i] = k
                previous[k] = i
                left -= 1
                failures = 0
                reflex.removeAll { r in
                    r == corner || turn(ring[previous[r]], ring[r], ring[next[r]]) > 0
                }
                corner = next[k]
            } else {
                failures += 1
                corner = k
            }
        }
        return result
    }

    private static func blocks(_ p: Double2, _ a: Double2, _ b: Double2, _ c: Double2) -> Bool {
        guard p != a, p != b, p != c else { return false }
        return turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0
    }
}
