// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

// Closed solids from outlines and profiles. Extrusions run along z, lathe work turns around z.
extension Solid {
    /// An outline with holes between two heights, the outer edges broken by `chamfer`.
    static func extrude(
        _ outline: [Double2], holes: [[Double2]] = [], from low: Double, to high: Double, chamfer: Double = 0
    ) -> Solid {
        var solid = Solid()
        let outline = Triangulation.counterClockwise(outline)
        let holes = holes.map(Triangulation.counterClockwise)
        let edge = chamfer > 0 ? Outline.inset(outline, chamfer) : outline
        solid.addCap(edge, holes: holes, z: low, facingUp: false)
        solid.addCap(edge, holes: holes, z: high, facingUp: true)
        if chamfer > 0 {
            solid.addWall(from: edge.map { Double3($0, low) }, to: outline.map { Double3($0, low + chamfer) })
            solid.addWall(from: outline.map { Double3($0, high - chamfer) }, to: edge.map { Double3($0, high) })
        }
        solid.addWall(outline, from: low + chamfer, to: high - chamfer)
        for hole in holes { solid.addWall(hole, from: high, to: low) }
        return solid.oriented()
    }

    /// A box around `center` with broken edges.
    static func box(
        _ x: Double, _ y: Double, _ z: Double, at center: Double3 = .zero, chamfer: Double = 0
    ) -> Solid {
        var outline = Outline.rectangle(x, y)
        if chamfer > 0 {
            let (u, v) = (x / 2, y / 2)
            let (a, b) = (u - chamfer, v - chamfer)
            outline = [
                Double2(-a, -v), Double2(a, -v), Double2(u, -b), Double2(u, b), Double2(a, v), Double2(-a, v),
                Double2(-u, b), Double2(-u, -b),
            ]
        }
        return extrude(outline, from: -z / 2, to: z / 2, chamfer: chamfer).moved(center.x, center.y, center.z)
    }

    /// Turns a profile of (radius, z) around z. It runs up on the outside: from axis to axis, or as a closed ring
    /// (counter-clockwise with the radius to the right) when it does not touch the axis.
    static func revolve(_ profile: [Double2], segments: Int = 48) -> Solid {
        let isRing = profile.allSatisfy { $0.x > 1e-9 }
        var solid = Solid()
        let turns = Outline.circle(1, segments)
        solid.addGrid(rows: profile.count, columns: segments, wraps: isRing) { row, column in
            let p = profile[row]
            return Double3(p.x * turns[column].x, p.x * turns[column].y, p.y)
        }
        return solid.oriented()
    }

    static func cylinder(_ radius: Double, from low: Double, to high: Double, chamfer: Double = 0, segments: Int = 48)
        -> Solid
    {
        let c = chamfer
        let profile =
            c > 0
            ? [
                Double2(0, low), Double2(radius - c, low), Double2(radius, low + c), Double2(radius, high - c),
                Double2(radius - c, high), Double2(0, high),
            ] : [Double2(0, low), Double2(radius, low), Double2(radius, high), Double2(0, high)]
        return revolve(profile, segments: segments)
    }

    static func tube(
        _ outer: Double, _ inner: Double, from low: Double, to high: Double, chamfer: Double = 0, segments: Int = 48
    ) -> Solid {
        let c = chamfer
        let profile = [
            Double2(inner, low), Double2(outer - c, low), Double2(outer, low + c), Double2(outer, high - c),
            Double2(outer - c, high), Double2(inner, high),
        ]
        return revolve(
            c > 0 ? profile : [profile[0], Double2(outer, low), Double2(outer, high), profile[5]],
            segments: segments)
    }

    static func sphere(_ radius: Double, segments: Int = 24, rings: Int = 12) -> Solid {
        revolve(
            (0...rings).map { i in
                let (s, c) = sineAndCosine(degrees: 180 * Double(i) / Double(rings))
                return Double2(i == 0 || i == rings ? 0 : radius * s, -radius * c)
            }, segments: segments)
    }

    static func torus(_ radius: Double, _ thickness: Double, segments: Int = 48, sides: Int = 16) -> Solid {
        revolve(Outline.circle(thickness, sides, at: Double2(radius, 0)), segments: segments)
    }

    /// A section carried along a path without twisting; open paths get flat ends.
    static func sweep(_ section: [Double2], along path: [Double3], closed: Bool = false) -> Solid {
        var solid = Solid()
        let frames = SweepFrame.along(path, closed: closed)
        let loops = zip(path, frames).map { p, frame in section.map { p + frame.x * $0.x + frame.y * $0.y } }
        for i in 1..<loops.count { solid.addWall(from: loops[i - 1], to: loops[i]) }
        if closed {
            solid.addWall(from: loops[loops.count - 1], to: loops[0])
        } else {
            for t in Triangulation.triangles(outline: section, holes: []) {
                for (end, isStart) in [(0, true), (loops.count - 1, false)] {
                    let (p, f) = (path[end], frames[end])
                    let (a, b, c) = (
                        p + f.x * t.0.x + f.y * t.0.y, p + f.x * t.1.x + f.y * t.1.y, p + f.x * t.2.x + f.y * t.2.y
                    )
                    if isStart { solid.addTriangle(a, c, b) } else { solid.addTriangle(a, b, c) }
                }
            }
        }
        return solid.oriented()
    }
}

/// Axes of the plane across a path, carried along by double reflection so that they twist as little as possible.
///
/// - Source: Wang, Jüttler, Zheng, Liu, "Computation of Rotation Minimizing Frames" (ACM TOG 2008).
struct SweepFrame {
    var x: Double3
    var y: Double3

    /// A closed path must lie in a plane: the frame then meets itself.
    static func along(_ path: [Double3], closed: Bool) -> [SweepFrame] {
        let n = path.count
        let tangents = path.indices.map { i -> Double3 in
            let before = closed ? path[(i + n - 1) % n] : path[max(0, i - 1)]
            let after = closed ? path[(i + 1) % n] : path[min(n - 1, i + 1)]
            return normalized(after - before)
        }
        let helper = abs(tangents[0].y) < 0.9 ? Double3(0, 1, 0) : Double3(1, 0, 0)
        var x = normalized(cross(helper, tangents[0]))
        var frames = [SweepFrame(x: x, y: cross(tangents[0], x))]
        for i in 1..<n {
            x = carried(x, from: (path[i - 1], tangents[i - 1]), to: (path[i], tangents[i]))
            frames.append(SweepFrame(x: x, y: cross(tangents[i], x)))
        }
        return frames
    }

    private static func carried(
        _ x: Double3, from a: (point: Double3, tangent: Double3), to b: (point: Double3, tangent: Double3)
    ) -> Double3 {
        let v = b.point - a.point
        let c = max(lengthSquared(v), 1e-18)
        let reflectedX = x - v * (2 / c * dot(v, x))
        let reflectedTangent = a.tangent - v * (2 / c * dot(v, a.tangent))
        let w = b.tangent - reflectedTangent
        let d = lengthSquared(w)
        let result = d > 1e-18 ? reflectedX - w * (2 / d * dot(w, reflectedX)) : reflectedX
        return normalized(result - b.tangent * dot(result, b.tangent))
    }
}

/// Ways for pipes and cables.
enum Path {
    /// Straight runs between `points` with bends of `radius`.
    static func bent(_ points: [Double3], radius: Double, steps: Int = 10) -> [Double3] {
        var path = [points[0]]
        for i in 1..<points.count - 1 {
            let p = points[i]
            let (u, v) = (normalized(points[i - 1] - p), normalized(points[i + 1] - p))
            let half = acos(max(-1, min(1, dot(u, v)))) / 2
            let reach = min(
                radius / tan(half), 0.49 * length(points[i - 1] - p), 0.49 * length(points[i + 1] - p))
            let bend = reach * tan(half)
            let center = p + normalized(u + v) * (bend / sin(half))
            let (a, b) = (p + u * reach - center, p + v * reach - center)
            let sweep = Double.pi - 2 * half
            for s in 0...steps {
                let t = Double(s) / Double(steps)
                path.append(center + (a * sin((1 - t) * sweep) + b * sin(t * sweep)) / sin(sweep))
            }
        }
        return path + [points[points.count - 1]]
    }

    /// A cable hanging through `points`: Catmull-Rom, `steps` per span.
    static func smooth(_ points: [Double3], steps: Int = 12) -> [Double3] {
        var path: [Double3] = []
        for i in 0..<points.count - 1 {
            let (p0, p1) = (points[max(0, i - 1)], points[i])
            let (p2, p3) = (points[i + 1], points[min(points.count - 1, i + 2)])
            for s in 0..<steps {
                let t = Double(s) / Double(steps)
                let linear = (p2 - p0) * t
                let square = (p0 * 2 - p1 * 5 + p2 * 4 - p3) * (t * t)
                let cube = (p1 * 3 - p0 - p2 * 3 + p3) * (t * t * t)
                path.append((p1 * 2 + linear + square + cube) * 0.5)
            }
        }
        return path + [points[points.count - 1]]
    }
}
