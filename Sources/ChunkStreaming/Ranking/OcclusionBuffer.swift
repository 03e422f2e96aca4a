// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Depths of the stand-in as a camera sees it, in a picture of a few thousand pixels: what is probably hidden.
///
/// Per pixel the farthest depth of its neighbourhood counts, so that nothing is called hidden because the picture is
/// coarse. It only ever lowers a weight: the stand-in is not the model.
struct OcclusionBuffer {
    private(set) var width = 0
    private(set) var height = 0
    /// Rows bottom-up; infinite where nothing hides.
    private var depths: [Float] = []
    private var scratch: [Float] = []
    private var projected: [Float3] = []
    /// Metres behind the stand-in from which on things count as hidden.
    private var margin: Float = 0

    private static let longSide = 112
    /// What remains of the weight of something entirely hidden, because the stand-in may be wrong.
    static let hiddenWeight: Float = 0.05
    /// A stand-in is on average much nearer to the surface than its error says.
    private static let errorShare: Float = 0.75

    var isEmpty: Bool { width == 0 }

    mutating func clear() { width = 0 }

    /// O(triangles + pixels); 0.1 to 0.3 ms.
    mutating func draw(_ standIn: OcclusionStandIn, _ camera: RankingCamera) {
        clear()
        if standIn.isEmpty { return }
        let aspect = min(max(camera.halfWidth / camera.halfHeight, 0.25), 4)
        width = aspect >= 1 ? OcclusionBuffer.longSide : Int(Float(OcclusionBuffer.longSide) * aspect)
        height = aspect >= 1 ? Int(Float(OcclusionBuffer.longSide) / aspect) : OcclusionBuffer.longSide
        margin = standIn.error * OcclusionBuffer.errorShare + 1e-6
        depths.removeAll(keepingCapacity: true)
        depths.append(contentsOf: repeatElement(.infinity, count: width * height))
        project(standIn, camera)
        for first in stride(from: 0, to: standIn.indices.count, by: 3) {
            draw(
                projected[Int(standIn.indices[first])], projected[Int(standIn.indices[first + 1])],
                projected[Int(standIn.indices[first + 2])], camera.isPerspective)
        }
        spread()
    }

    /// Pixels from the lower left corner, and depth; a depth that is not positive: leave the triangle out.
    private mutating func project(_ standIn: OcclusionStandIn, _ camera: RankingCamera) {
        projected.removeAll(keepingCapacity: true)
        let (xScale, yScale) = (Float(width) * 0.5, Float(height) * 0.5)
        // What is so near may well lie behind the true surface.
        let nearest = camera.isPerspective ? max(3 * margin, RankingCamera.nearestDistance) : 0
        for position in standIn.positions {
            let p = position - camera.eye
            let depth = dot(camera.forward, p)
            guard depth > nearest else {
                projected.append(Float3(0, 0, -1))
                continue
            }
            let scale = camera.isPerspective ? 1 / depth : 1
            projected.append(
                Float3(
                    (dot(camera.right, p) * scale / camera.halfWidth + 1) * xScale,
                    (dot(camera.up, p) * scale / camera.halfHeight + 1) * yScale, depth))
        }
    }

    private mutating func draw(_ a: Float3, _ b: Float3, _ c: Float3, _ isPerspective: Bool) {
        guard a.z > 0, b.z > 0, c.z > 0 else { return }
        let low = pointwiseMin(pointwiseMin(a, b), c)
        let high = pointwiseMax(pointwiseMax(a, b), c)
        guard high.x > 0, high.y > 0, low.x < Float(width), low.y < Float(height) else { return }
        let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
        guard area != 0, area.isFinite else { return }
        // Perspective: the inverse of the depth is linear in the picture.
        let (da, db, dc) = isPerspective ? (1 / a.z, 1 / b.z, 1 / c.z) : (a.z, b.z, c.z)
        let dx = ((db - da) * (c.y - a.y) - (dc - da) * (b.y - a.y)) / area
        let dy = ((dc - da) * (b.x - a.x) - (db - da) * (c.x - a.x)) / area
        let inverse = 1 / area
        let (x0, x1) = (pixel(low.x, width), pixel(high.x, width))
        let (y0, y1) = (pixel(low.y, height), pixel(high.y, height))
        for row in y0...max(y0, y1) {
            let y = Float(row) + 0.5
            for column in x0...max(x0, x1) {
                let x = Float(column) + 0.5
                let u = ((b.x - x) * (c.y - y) - (b.y - y) * (c.x - x)) * inverse
                let v = ((c.x - x) * (a.y - y) - (c.y - y) * (a.x - x)) * inverse
                // A little too large, so that neighbours leave no gap.
                guard u >= -1e-4, v >= -1e-4, u + v <= 1.0001 else { continue }
                let value = da + dx * (x - a.x) + dy * (y - a.y)
                let depth = isPerspective ? 1 / max(value, 1e-20) : value
                let pixel = row * width + column
                if depth < depths[pixel] { depths[pixel] = depth }
            }
        }
    }

    /// Replaces each depth by the farthest of the 3 × 3 pixels around it.
    private mutating func spread() {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: depths)
        for row in 0..<height {
            let first = row * width
            for column in 0..<width {
                let before = depths[first + max(column - 1, 0)]
                let after = depths[first + min(column + 1, width - 1)]
                scratch[first + column] = max(max(before, depths[first + column]), after)
            }
        }
        for row in 0..<height {
            let (first, below, above) = (row * width, max(row - 1, 0) * width, min(row + 1, height - 1) * width)
            for column in 0..<width {
                depths[first + column] = max(
                    max(scratch[below + column], scratch[first + column]), scratch[above + column])
            }
        }
    }

    /// How much of a box is probably seen: 1 all of it, `hiddenWeight` none.
    @inline(__always)
    func weight(_ footprint: Footprint) -> Float {
        if width == 0 { return 1 }
        let (xScale, yScale) = (Float(width) * 0.5, Float(height) * 0.5)
        let (x0, x1) = (pixel((footprint.x0 + 1) * xScale, width), pixel((footprint.x1 + 1) * xScale, width))
        let (y0, y1) = (pixel((footprint.y0 + 1) * yScale, height), pixel((footprint.y1 + 1) * yScale, height))
        let (xStep, yStep) = ((x1 - x0) / 8 + 1, (y1 - y0) / 8 + 1)
        // A surface is rarely where its box is nearest; halfway to the middle separates best.
        let limit = (footprint.near + footprint.middle) * 0.5 - margin
        var (seen, count) = (0, 0)
        var y = y0
        while y <= y1 {
            var pixel = y * width + x0
            let end = y * width + x1
            while pixel <= end {
                if depths[pixel] >= limit { seen += 1 }
                count += 1
                pixel += xStep
            }
            y += yStep
        }
        let share = Float(seen) / Float(max(count, 1))
        return OcclusionBuffer.hiddenWeight + (1 - OcclusionBuffer.hiddenWeight) * share
    }

    @inline(__always)
    private func pixel(_ place: Float, _ size: Int) -> Int {
        // Constants first: they win over what is not a number.
        Int(min(Float(size - 1), max(0, place)))
    }
}
