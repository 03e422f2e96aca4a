// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport
import Testing

extension SeededGenerator {
    /// -1 ..< 1.
    mutating func coordinate() -> Double { Double.random(in: -1..<1, using: &self) }
    mutating func vector() -> Double3 { Double3(coordinate(), coordinate(), coordinate()) }
}

@Suite struct OctahedralNormalTests {
    /// Degrees between two unit vectors, exact for small angles.
    func angle(_ a: Float3, _ b: Float3) -> Double { length(Double3(a) - Double3(b)) * 180 / .pi }

    @Test func `directions are kept to 0.06 degrees`() {
        var random = SeededGenerator(seed: 1)
        var worst = 0.0
        for _ in 0..<100_000 {
            let normal = normalized(Float3(random.vector()))
            worst = max(worst, angle(OctahedralNormal.decode(OctahedralNormal.encode(normal)), normal))
        }
        #expect(worst < 0.06, "\(worst)°")
        #expect(worst > 0.01, "the measure works")
    }

    @Test(arguments: 0...OctahedralNormal.maximumShift) func `coarser codes are near, symmetric, and keep the axes`(
        shift: Int
    ) {
        for half in UInt32(0)...4094 {
            let rounded = OctahedralNormal.rounded(half | (4094 - half) << 12, shift: shift)
            let (u, v) = (Int(rounded & 0xfff), Int(rounded >> 12))
            #expect(abs(u - Int(half)) <= (1 << shift) / 2)
            #expect(u + v == 4094, "both directions are rounded alike")
            #expect(OctahedralNormal.rounded(rounded, shift: shift) == rounded)
            let step = OctahedralNormal.step(half, 0, shift: shift)
            #expect(OctahedralNormal.half(step: step, shift: shift) == UInt32(u))
        }
        for code in [UInt32(2047), 0, 4094].flatMap({ u in [UInt32(2047), 0, 4094].map { u | $0 << 12 } }) {
            #expect(OctahedralNormal.rounded(code, shift: shift) == code)
        }
        let last = OctahedralNormal.step(4094, 0, shift: shift)
        for step in [last + 1, -last - 1, .max, .min] {
            #expect(OctahedralNormal.half(step: step, shift: shift) == nil)
        }
    }

    @Test func `f64 vectors get the codes of f32 ones but for rounding`() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<10_000 {
            let vector = random.vector()
            let (wide, narrow) = (OctahedralNormal.encode(vector), OctahedralNormal.encode(Float3(vector)))
            for half in 0..<2 {
                let steps = [wide, narrow].map { OctahedralNormal.step($0, half, shift: 0) }
                #expect(abs(steps[0] - steps[1]) <= 1)
            }
        }
        #expect(OctahedralNormal.encode(Double3.zero) == OctahedralNormal.encode(Float3(0, 0, 1)))
        #expect(OctahedralNormal.encode(Double3(0, .infinity, 0)) == OctahedralNormal.encode(Float3(0, 0, 1)))
        #expect(OctahedralNormal.encode(Double3(0, 0, -1e200)) == 4094 | 4094 << 12)
    }

    @Test func `axes and the vectors between two of them are exact`() {
        for axis in 0..<3 {
            for sign: Float in [1, -1] {
                var vector = Float3.zero
                vector[axis] = sign
                #expect(OctahedralNormal.decode(OctahedralNormal.encode(vector)) == vector)
                #expect(OctahedralNormal.decode(OctahedralNormal.encode(vector * 1e-20)) == vector)
            }
        }
    }

    @Test func `a decoded direction encodes to itself`() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<50_000 {
            let code = OctahedralNormal.encode(Float3(random.vector()))
            #expect(code < 1 << 24 && code & 0xfff <= 4094 && code >> 12 <= 4094)
            let direction = OctahedralNormal.decode(code)
            let again = OctahedralNormal.encode(direction)
            // On the rim of the folded square a direction has two codes.
            let isOnRim = [code & 0xfff, code >> 12].contains { $0 == 0 || $0 == 4094 }
            #expect(again == code || isOnRim)
            #expect(angle(OctahedralNormal.decode(again), direction) < 1e-4)
        }
    }

    @Test func `every code decodes to a unit vector`() {
        var random = SeededGenerator(seed: 3)
        let codes =
            [0, 0xfff, 0xff_f000, 0xff_ffff, UInt32.max] + (0..<20_000).map { _ in UInt32(random.next() >> 32) }
        for code in codes { #expect(abs(length(OctahedralNormal.decode(code)) - 1) < 1e-5) }
    }

    @Test func `vectors without direction are up`() {
        let up = OctahedralNormal.encode(Float3(0, 0, 1))
        for bad in [
            Float3.zero, Float3(.nan, 0, 0), Float3(.infinity, 0, 0), Float3(repeating: .greatestFiniteMagnitude),
        ] {
            #expect(OctahedralNormal.encode(bad) == up)
        }
    }

    @Test func `some codes, which every other reader must share`() {
        #expect(OctahedralNormal.encode(Float3(1, 0, 0)) == 0x7f_fffe)
        #expect(OctahedralNormal.encode(Float3(0, -1, 0)) == 0x00_07ff)
        #expect(OctahedralNormal.encode(Float3(0, 0, 1)) == 0x7f_f7ff)
        #expect(OctahedralNormal.encode(Float3(1, 2, -3)) == 0xea_9d54)
    }
}

@Suite struct AffineTransformTests {
    func random(_ generator: inout SeededGenerator) -> AffineTransform {
        let rotation = AffineTransform.rotation(
            Double4(generator.coordinate(), generator.coordinate(), generator.coordinate(), generator.coordinate()))
        let scale = AffineTransform.scale(generator.vector() + Double3(repeating: 2))
        return .translation(generator.vector() * 1e6) * rotation * scale
    }

    @Test func `a product applies the inner transform first`() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let (a, b) = (random(&generator), random(&generator))
            let point = generator.vector()
            #expect(length((a * b).apply(to: point) - a.apply(to: b.apply(to: point))) < 1e-8)
            #expect(abs((a * b).determinant - a.determinant * b.determinant) < 1e-9)
            #expect((a * .identity) == a && (.identity * a) == a)
        }
    }

    @Test func `the inverse takes points back`() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let transform = random(&generator)
            let point = generator.vector() * 100
            let inverse = try #require(transform.inverse)
            #expect(length(inverse.apply(to: transform.apply(to: point)) - point) < 1e-7)
        }
        #expect(AffineTransform.scale(Double3(1, 0, 1)).inverse == nil)
        #expect(AffineTransform.scale(Double3(repeating: .nan)).inverse == nil)
        #expect(AffineTransform.scale(Double3(repeating: 1e-120)).inverse == nil)
    }

    @Test func `rotations keep lengths, and a zero quaternion turns nothing`() {
        let quarter = AffineTransform.rotation(Double4(0, 0, 1, 1))
        #expect(length(quarter.apply(to: Double3(1, 0, 0)) - Double3(0, 1, 0)) < 1e-15)
        #expect(abs(quarter.determinant - 1) < 1e-15 && abs(quarter.largestScale - 1) < 1e-15)
        #expect(AffineTransform.rotation(.zero) == .identity)
        #expect(AffineTransform.rotation(Double4(repeating: .infinity)) == .identity)
    }

    @Test func `mirrors have a negative determinant`() {
        #expect(AffineTransform.scale(Double3(1, -1, 1)).determinant == -1)
        #expect(AffineTransform.scale(Double3(-2, 3, 0.5)).largestScale == 3)
    }

    @Test func `boxes contain what was in them`() {
        var generator = SeededGenerator(seed: 6)
        var box = Bounds.empty
        box.add(Double3(-1, -2, -3))
        box.add(Double3(1, 2, 3))
        for _ in 0..<200 {
            let transform = random(&generator)
            let moved = transform.apply(to: box)
            let inside = generator.vector() * Double3(1, 2, 3)
            #expect(moved.distance(to: transform.apply(to: inside)) < 1e-9)
        }
        #expect(AffineTransform.identity.apply(to: Bounds.empty).isEmpty)
    }

    @Test func `numbers that are not finite are noticed`() {
        #expect(AffineTransform.identity.isFinite)
        for bad in [Double.nan, .infinity, -.infinity] {
            #expect(!AffineTransform.translation(Double3(0, bad, 0)).isFinite)
            #expect(!AffineTransform.scale(Double3(0, 0, bad)).isFinite)
        }
    }
}

@Suite struct BoundsTests {
    @Test func `an empty box has no size and grows to its first point`() {
        var box = Bounds.empty
        #expect(box.isEmpty && box.size == .zero && box.center == .zero && box.diagonal == 0)
        box.add(Bounds.empty)
        #expect(box.isEmpty)
        box.add(Double3(1, 2, 3))
        #expect(!box.isEmpty && box.minimum == box.maximum && box.center == Double3(1, 2, 3) && box.size == .zero)
        box.add(Bounds(minimum: Double3(-1, 0, 0), maximum: Double3(0, 5, 0)))
        #expect(box.minimum == Double3(-1, 0, 0) && box.maximum == Double3(1, 5, 3) && box.longestSide == 5)
    }

    @Test func `distance is 0 inside and reaches faces, edges and corners outside`() {
        let box = Bounds(minimum: .zero, maximum: Double3(2, 2, 2))
        #expect(box.distance(to: Double3(1, 1, 1)) == 0 && box.distance(to: Double3(2, 0, 1)) == 0)
        #expect(box.distance(to: Double3(5, 1, 1)) == 3)
        #expect(box.distance(to: Double3(5, 6, 1)) == 5)
        #expect(abs(box.distance(to: Double3(-1, -1, -1)) - 3.0.squareRoot()) < 1e-15)
    }

    @Test func `there are eight corners`() {
        let box = Bounds(minimum: Double3(1, 2, 3), maximum: Double3(4, 5, 6))
        #expect(box.corner(0) == box.minimum && box.corner(7) == box.maximum)
        #expect(box.corner(1) == Double3(4, 2, 3) && box.corner(6) == Double3(1, 5, 6))
    }

    @Test func `a box with NaN is empty`() {
        #expect(Bounds(minimum: Double3(.nan, 0, 0), maximum: Double3(1, 1, 1)).isEmpty)
    }
}
