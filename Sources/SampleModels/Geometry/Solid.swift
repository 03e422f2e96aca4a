// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

typealias Double2 = SIMD2<Double>

/// A closed surface under construction, or several beside each other: welded points and triangles in millimetres,
/// counter-clockwise from outside.
///
/// Points are rounded to 0.1 µm and welded within one shell, so neighbouring faces share their corners exactly;
/// triangles that collapse in doing so are dropped. `joined` keeps shells apart: normals never blend across them.
struct Solid {
    private(set) var points: [Double3] = []
    private(set) var triangles: [Int3] = []
    private var indexByPoint: [Int3: Int32] = [:]

    init() {}

    /// Six times the signed volume is summed over the triangles; mm³.
    var volume: Double {
        var sum = 0.0
        for t in triangles { sum += dot(points[Int(t.x)], cross(points[Int(t.y)], points[Int(t.z)])) }
        return sum / 6
    }

    /// Every edge is walked as often in one direction as in the other.
    var isClosed: Bool {
        var balance: [SIMD2<Int32>: Int] = [:]
        for t in triangles {
            for (a, b) in [(t.x, t.y), (t.y, t.z), (t.z, t.x)] {
                balance[a < b ? SIMD2(a, b) : SIMD2(b, a), default: 0] += a < b ? 1 : -1
            }
        }
        return balance.values.allSatisfy { $0 == 0 }
    }

    // MARK: Adding faces

    mutating func addTriangle(_ a: Double3, _ b: Double3, _ c: Double3) {
        let corners = Int3(index(of: a), index(of: b), index(of: c))
        guard corners.x != corners.y, corners.y != corners.z, corners.z != corners.x else { return }
        triangles.append(corners)
    }

    /// The corners in order around the face.
    mutating func addQuad(_ a: Double3, _ b: Double3, _ c: Double3, _ d: Double3) {
        addTriangle(a, b, c)
        addTriangle(a, c, d)
    }

    /// Quads between neighbouring points of a grid; outward is (next column − this) × (next row − this).
    mutating func addGrid(rows: Int, columns: Int, wraps: Bool, at point: (Int, Int) -> Double3) {
        var below = (0..<columns).map { point(0, $0) }
        for row in 1..<(wraps ? rows + 1 : rows) {
            let above = (0..<columns).map { point(row % rows, $0) }
            addWall(from: below, to: above)
            below = above
        }
    }

    /// Quads between two closed loops of as many points; outward for loops counter-clockwise around the way from
    /// the first to the second.
    mutating func addWall(from lower: [Double3], to upper: [Double3]) {
        precondition(lower.count == upper.count, "the loops of a wall match point by point")
        for i in lower.indices {
            let j = i + 1 == lower.count ? 0 : i + 1
            addQuad(lower[i], lower[j], upper[j], upper[i])
        }
    }

    /// The wall of an outline between two heights.
    mutating func addWall(_ outline: [Double2], from low: Double, to high: Double) {
        addWall(from: outline.map { Double3($0.x, $0.y, low) }, to: outline.map { Double3($0.x, $0.y, high) })
    }

    /// A flat face at height `z` with holes, seen from +z (or −z).
    mutating func addCap(_ outline: [Double2], holes: [[Double2]] = [], z: Double, facingUp: Bool) {
        for t in Triangulation.triangles(outline: outline, holes: holes) {
            let (a, b, c) = (Double3(t.0, z), Double3(t.1, z), Double3(t.2, z))
            if facingUp { addTriangle(a, b, c) } else { addTriangle(a, c, b) }
        }
    }

    private mutating func index(of point: Double3) -> Int32 {
        let scaled = (point * 1e4).rounded(.toNearestOrAwayFromZero)
        let key = Int3(Int32(scaled.x), Int32(scaled.y), Int32(scaled.z))
        if let known = indexByPoint[key] { return known }
        let index = Int32(points.count)
        points.append(scaled * 1e-4)
        indexByPoint[key] = index
        return index
    }

    // MARK: Whole solids

    /// The same surface with its outside out.
    func oriented() -> Solid {
        if volume >= 0 { return self }
        var result = self
        result.triangles = triangles.map { Int3($0.x, $0.z, $0.y) }
        return result
    }

    func moved(_ x: Double, _ y: Double, _ z: Double) -> Solid { mapped { $0 + Double3(x, y, z) } }

    /// Rotated counter-clockwise about an axis through the origin, in degrees.
    func turned(_ axis: Axis, _ degrees: Double) -> Solid {
        let (s, c) = sineAndCosine(degrees: degrees)
        return mapped { p in
            switch axis {
            case .x: Double3(p.x, c * p.y - s * p.z, s * p.y + c * p.z)
            case .y: Double3(c * p.x + s * p.z, p.y, c * p.z - s * p.x)
            case .z: Double3(c * p.x - s * p.y, s * p.x + c * p.y, p.z)
            }
        }
    }

    /// Moves every point; `transform` keeps the surface's outside out.
    func mapped(_ transform: (Double3) -> Double3) -> Solid {
        var result = self
        result.indexByPoint = [:]
        result.points = points.map(transform)
        return result
    }

    func joined(_ other: Solid) -> Solid {
        var result = self
        result.indexByPoint = [:]
        let offset = Int32(points.count)
        result.points += other.points
        result.triangles += other.triangles.map { $0 &+ Int3(repeating: offset) }
        return result
    }

    static func joined(_ solids: [Solid]) -> Solid { solids.reduce(Solid()) { $0.joined($1) } }
}

enum Axis { case x, y, z }

extension Double3 {
    init(_ p: Double2, _ z: Double) { self.init(p.x, p.y, z) }
}

/// Exact at multiples of 90°, so that parts turned by right angles keep their flat faces flat.
func sineAndCosine(degrees: Double) -> (sine: Double, cosine: Double) {
    switch degrees.remainder(dividingBy: 360) {
    case 0: return (0, 1)
    case 90: return (1, 0)
    case -90: return (-1, 0)
    case 180, -180: return (0, -1)
    default:
        let angle = degrees * .pi / 180
        return (sin(angle), cos(angle))
    }
}

/// In degrees.
func arcSine(_ value: Double) -> Double { asin(value) * 180 / .pi }
