// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Rendering
import Testing

@Suite struct TriangleBudgetTests {
    /// A device that needs this many nanoseconds a pixel and a triangle.
    private struct Machine {
        var perPixel: Double
        var perTriangle: Double

        func milliseconds(pixels: Int, triangles: Int) -> Double {
            (perPixel * Double(pixels) + perTriangle * Double(triangles)) * 1e-6
        }
    }

    private let pixels = 1280 * 720

    @Test(arguments: [(5.0, 100.0), (14, 230), (40, 900), (10, 3000), (0.3, 0.5)])
    func picturesSettleWithinTheTarget(perPixel: Double, perTriangle: Double) {
        let machine = Machine(perPixel: perPixel, perTriangle: perTriangle)
        var budget = TriangleBudget(isCPU: true)
        var times: [Double] = []
        for _ in 0..<40 {
            let limit = budget.triangleLimit(milliseconds: 45, pixels: pixels, sampleCount: 1)
            let triangles = min(limit, 1_000_000_000)
            let milliseconds = machine.milliseconds(pixels: pixels, triangles: triangles)
            times.append(milliseconds)
            budget.note(milliseconds: milliseconds, pixels: pixels, triangles: triangles, sampleCount: 1)
        }
        #expect(times.suffix(10).allSatisfy { $0 < 45 * 1.02 })
        // And the time is used.
        #expect(times.suffix(10).allSatisfy { $0 > 30 })
    }

    @Test func aSlowDeviceStillShowsSomething() {
        var budget = TriangleBudget(isCPU: true)
        for _ in 0..<50 { budget.note(milliseconds: 5000, pixels: pixels, triangles: 10_000, sampleCount: 4) }
        #expect(
            budget.triangleLimit(milliseconds: 10, pixels: pixels, sampleCount: 4) == TriangleBudget.smallest)
        // Other numbers of samples were not measured.
        #expect(budget.triangleLimit(milliseconds: 45, pixels: pixels, sampleCount: 1) > TriangleBudget.smallest)
    }

    /// An assembly's parts take the place of its stand-in all together.
    @Test func whatFewTrianglesTakeSaysNothingAboutMany() {
        let machine = Machine(perPixel: 20, perTriangle: 120)
        var budget = TriangleBudget(isCPU: true)
        func draw(_ triangles: Int) -> Int {
            let milliseconds = machine.milliseconds(pixels: pixels, triangles: triangles)
            budget.note(milliseconds: milliseconds, pixels: pixels, triangles: triangles, sampleCount: 1)
            return budget.triangleLimit(milliseconds: 36, pixels: pixels, sampleCount: 1)
        }
        var limit = 0
        for _ in 0..<40 { limit = draw(67_000) }
        #expect(limit > 70_000)
        for _ in 0..<400 { limit = draw(2_000) }
        #expect(limit > 70_000)
    }

    /// Where textures make pixels dear, nothing is gained from fewer triangles.
    @Test func dearPixelsDoNotTakeTheTrianglesAway() {
        let machine = Machine(perPixel: 60, perTriangle: 150)
        var budget = TriangleBudget(isCPU: true)
        var limit = 0
        for _ in 0..<40 {
            let milliseconds = machine.milliseconds(pixels: pixels, triangles: 15_000)
            budget.note(milliseconds: milliseconds, pixels: pixels, triangles: 15_000, sampleCount: 1)
            limit = budget.triangleLimit(milliseconds: 36, pixels: pixels, sampleCount: 1)
        }
        #expect(limit > 15_000)
    }

    @Test func oneSlowPictureDoesNotChangeEverything() {
        var budget = TriangleBudget(isCPU: true)
        let before = budget.triangleLimit(milliseconds: 45, pixels: pixels, sampleCount: 1)
        budget.note(milliseconds: 1e6, pixels: pixels, triangles: 100_000, sampleCount: 1)
        budget.note(milliseconds: .nan, pixels: pixels, triangles: 100_000, sampleCount: 1)
        budget.note(milliseconds: 0, pixels: pixels, triangles: 100_000, sampleCount: 1)
        #expect(budget.triangleLimit(milliseconds: 45, pixels: pixels, sampleCount: 1) == before)
    }
}
