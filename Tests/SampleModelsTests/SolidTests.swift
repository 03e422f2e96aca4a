// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SampleModels

@Suite struct SolidTests {
    @Test func `basic solids are closed, face outwards and have the right volume`() {
        let box = Solid.box(10, 20, 30)
        #expect(box.isClosed)
        #expect(abs(box.volume - 6000) < 0.01)
        let tube = Solid.tube(10, 5, from: 0, to: 10, segments: 256)
        #expect(tube.isClosed)
        #expect(abs(tube.volume - 75 * .pi * 10) < 1)
        let ball = Solid.sphere(10, segments: 96, rings: 48)
        #expect(ball.isClosed)
        #expect(abs(ball.volume - 4000 * .pi / 3) < 15)
        let pipe = Solid.sweep(
            Outline.circle(5, 32),
            along: Path.bent([.init(0, 0, 0), .init(100, 0, 0), .init(100, 100, 0)], radius: 30))
        #expect(pipe.isClosed)
        #expect(pipe.volume > 0)
    }

    @Test func `an extrusion does not care which way its loops run`() {
        let outline = Outline.rounded(100, 60, radius: 10)
        let holes = Outline.holeCircle(pitchRadius: 18, holeRadius: 4, count: 6)
        let one = Solid.extrude(outline, holes: holes, from: 0, to: 5, chamfer: 0.5)
        let other = Solid.extrude(outline.reversed(), holes: holes.map { $0.reversed() }, from: 0, to: 5, chamfer: 0.5)
        #expect(one.isClosed && other.isClosed)
        #expect(abs(one.volume - other.volume) < 0.01)
    }

    @Test func `triangles of a polygon with holes cover exactly its area`() {
        let outline = Gear(teeth: 31, module: 3, width: 10).outline
        let holes = Outline.holeCircle(pitchRadius: 25, holeRadius: 6, count: 7) + [Outline.circle(12, 40)]
        let area = Triangulation.triangles(outline: outline, holes: holes).reduce(0.0) { sum, t in
            let (u, v) = (t.1 - t.0, t.2 - t.0)
            let size = (u.x * v.y - u.y * v.x) / 2
            #expect(size >= 0)
            return sum + size
        }
        let expected = Triangulation.area(outline) - holes.map(Triangulation.area).reduce(0, +)
        #expect(abs(area - expected) < 1e-6)
    }

    @Test func `a box gets flat normals, a cylinder smooth ones`() {
        let box = Solid.box(10, 10, 10).mesh()
        #expect(box.positions.count == 24)
        let cylinder = Solid.cylinder(10, from: 0, to: 10, segments: 32).mesh()
        #expect(cylinder.positions.count == 32 * 4 + 2)
    }

    @Test func `meshing gears keep their teeth apart`() {
        let (small, large) = (Gear(teeth: 20, module: 4, width: 10), Gear(teeth: 70, module: 4, width: 10))
        let distance = small.centerDistance(to: large)
        #expect(distance == 180)
        let mate = Outline.turned(large.outline, large.pitchDegrees / 2).map { $0 + Double2(distance, 0) }
        let inside = mate.filter { Self.contains(small.outline, $0) }
        #expect(inside.isEmpty)
    }

    @Test func `chain links join end to end around the sprockets`() {
        let chain = RollerChain.b16
        let links = chain.loop(teeth: 20, strand: 15)
        #expect(links.count == 50)
        for (index, link) in links.enumerated() {
            let d = links[(index + 1) % links.count].position - link.position
            #expect(abs((d * d).sum().squareRoot() - chain.pitch) < 1e-6)
        }
    }

    private static func contains(_ loop: [Double2], _ p: Double2) -> Bool {
        var inside = false
        for i in loop.indices {
            let (a, b) = (loop[i], loop[(i + 1) % loop.count])
            if (a.y > p.y) != (b.y > p.y), p.x < a.x + (p.y - a.y) * (b.x - a.x) / (b.y - a.y) { inside.toggle() }
        }
        return inside
    }
}
