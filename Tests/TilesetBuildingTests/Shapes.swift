// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore
import TestSupport

/// Meshes made in code: xyz per vertex, three indices per triangle, counter-clockwise seen from outside.
struct Shape {
    var positions: [Float] = []
    var indices: [UInt32] = []
    var normals: [Float]?
    var coordinates: [Float]?
    /// RGBA per vertex.
    var colors: [UInt8]?
    /// Triangle counts and materials; empty: one range without material.
    var ranges: [(count: Int, material: Int?)] = []
    var origin = Double3.zero

    var vertexCount: Int { positions.count / 3 }
    var triangleCount: Int { indices.count / 3 }

    func part(_ name: String = "part") throws -> SourcePart {
        var part = SourcePart(name: name, positions: try large(positions))
        part.origin = origin
        part.indices = try large(indices)
        part.normals = try normals.map { try large($0) }
        part.textureCoordinates = try coordinates.map { [try large($0)] } ?? []
        part.colors = try colors.map { try large($0) }
        var first = 0
        for range in ranges.isEmpty ? [(triangleCount, nil)] : ranges {
            part.materialRanges.append(
                SourcePart.MaterialRange(firstTriangle: first, triangleCount: range.0, material: range.1))
            first += range.0
        }
        return part
    }

    /// The same triangles, each with three vertices of its own and no indices, as STL files have them.
    func soupPart(_ name: String = "soup") throws -> SourcePart {
        var soup = self
        soup.positions = indices.flatMap { positions[3 * Int($0)..<3 * Int($0) + 3] }
        soup.normals = normals.map { normals in indices.flatMap { normals[3 * Int($0)..<3 * Int($0) + 3] } }
        soup.indices = indices.indices.map { UInt32($0) }
        var part = try soup.part(name)
        part.indices = nil
        return part
    }

    func transformed(_ transform: AffineTransform) -> Shape {
        var result = self
        result.positions = []
        for first in stride(from: 0, to: positions.count, by: 3) {
            let point = Float3(
                transform.apply(
                    to: Double3(Float3(positions[first], positions[first + 1], positions[first + 2]))))
            result.positions += [point.x, point.y, point.z]
        }
        return result
    }

    mutating func add(_ other: Shape) {
        let first = UInt32(vertexCount)
        positions += other.positions
        indices += other.indices.map { first + $0 }
    }

    private func large<Element: BitwiseCopyable>(_ values: [Element]) throws -> LargeArray<Element> {
        let array = LargeArray<Element>()
        try array.reserve(values.count)
        for value in values { try array.append(value) }
        return array
    }
}

extension Shape {
    /// A cube subdivided into `size`² squares a side, its vertices moved by `place` from [-1, 1]³; closed and welded.
    static func ball(_ size: Int, _ place: (Double3) -> Double3 = { normalized($0) }) -> Shape {
        var shape = Shape()
        var numbers: [Int3: UInt32] = [:]
        func vertex(_ p: Int3) -> UInt32 {
            if let known = numbers[p] { return known }
            let number = UInt32(numbers.count)
            numbers[p] = number
            let point = Float3(place(Double3(p) * 2 / Double(size) - 1))
            shape.positions += [point.x, point.y, point.z]
            return number
        }
        let last = Int32(size)
        for axis in 0..<3 {
            for side in [Int32(0), last] {
                for u in 0..<last {
                    for v in 0..<last {
                        func corner(_ du: Int32, _ dv: Int32) -> UInt32 {
                            var p = Int3()
                            p[axis] = side
                            p[(axis + 1) % 3] = u + du
                            p[(axis + 2) % 3] = v + dv
                            return vertex(p)
                        }
                        let (a, b, c, d) = (corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1))
                        shape.indices += side == 0 ? [a, c, b, a, d, c] : [a, b, c, a, c, d]
                    }
                }
            }
        }
        return shape
    }

    static func cube(_ size: Int = 1) -> Shape { ball(size) { $0 } }

    /// A sphere with bumps and noise, as a scanner sees a stone.
    static func stone(_ size: Int, seed: UInt64 = 1, noise: Double = 0.004) -> Shape {
        var random = SeededGenerator(seed: seed)
        return ball(size) { p in
            let n = normalized(p)
            let bumps = 0.06 * (n.x * n.y * 5 + n.z * n.z - n.x * n.z * 3)
            return n * (1 + bumps + .random(in: -noise...noise, using: &random))
        }
    }

    /// A closed ring, `around` × `across` squares.
    static func torus(_ around: Int, _ across: Int) -> Shape {
        var shape = Shape()
        for i in 0..<around {
            let turn = AffineTransform.rotation(axisAngle(Double(i) / Double(around)))
            for j in 0..<across {
                let local = AffineTransform.rotation(axisAngle(Double(j) / Double(across))).x * 0.3
                let point = Float3(turn.apply(to: Double3(1 + local.x, local.z, 0)))
                shape.positions += [point.x, point.y, point.z]
            }
        }
        for i in 0..<around {
            for j in 0..<across {
                let (a, b) = (UInt32(i * across + j), UInt32((i + 1) % around * across + j))
                let next = UInt32((j + 1) % across)
                let (c, d) = (UInt32((i + 1) % around * across) + next, UInt32(i * across) + next)
                shape.indices += [a, b, c, a, c, d]
            }
        }
        return shape
    }

    /// A quaternion about y, by a share of a turn, without libm: half-angle steps from a small Taylor series.
    private static func axisAngle(_ share: Double) -> Double4 {
        let x = share * Double.pi / 64
        var (c, s) = (1 - x * x / 2 + x * x * x * x / 24, x - x * x * x / 6 + x * x * x * x * x / 120)
        for _ in 0..<6 { (c, s) = (c * c - s * s, 2 * s * c) }
        return Double4(0, s, 0, c)
    }

    /// An open sheet of `size`² squares with hills and noise.
    static func terrain(_ size: Int, seed: UInt64 = 2) -> Shape {
        var random = SeededGenerator(seed: seed)
        var shape = Shape()
        for y in 0...size {
            for x in 0...size {
                let (u, v) = (Double(x) / Double(size) - 0.5, Double(y) / Double(size) - 0.5)
                let height = 0.3 * (u * u - v * v) + 0.2 * u * v + Double.random(in: -0.0005...0.0005, using: &random)
                shape.positions += [Float(u), Float(height), Float(-v)]
            }
        }
        for y in 0..<size {
            for x in 0..<size {
                let first = UInt32(y * (size + 1) + x)
                let above = first + UInt32(size + 1)
                shape.indices += [first, first + 1, above, above, first + 1, above + 1]
            }
        }
        return shape
    }

    /// A prism with a round base, flat at both ends: hard edges around the ends, smooth in between.
    static func cylinder(sides: Int, height: Float = 2) -> Shape {
        var shape = Shape()
        for side in 0..<sides {
            let direction = AffineTransform.rotation(axisAngle(Double(side) / Double(sides))).x
            for y in [-height / 2, height / 2] { shape.positions += [Float(direction.x), y, Float(direction.z)] }
        }
        let (bottom, top) = (UInt32(2 * sides), UInt32(2 * sides + 1))
        shape.positions += [0, -height / 2, 0, 0, height / 2, 0]
        for side in 0..<UInt32(sides) {
            let next = (side + 1) % UInt32(sides)
            let (a, b, c, d) = (2 * side, 2 * next, 2 * next + 1, 2 * side + 1)
            shape.indices += [a, b, c, a, c, d, bottom, b, a, top, d, c]
        }
        return shape
    }
}
