// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// Closed loops in a plane, millimetres, counter-clockwise.
enum Outline {
    static func circle(_ radius: Double, _ count: Int, at center: Double2 = .zero, phase: Double = 0) -> [Double2] {
        (0..<count).map { i in
            let (s, c) = sineAndCosine(degrees: phase + 360 * Double(i) / Double(count))
            return center + Double2(radius * c, radius * s)
        }
    }

    /// `count` circles on a pitch circle.
    static func holeCircle(
        pitchRadius: Double, holeRadius: Double, count: Int, phase: Double = 0, points: Int = 16
    ) -> [[Double2]] {
        circle(pitchRadius, count, phase: phase).map { circle(holeRadius, points, at: $0) }
    }

    static func rectangle(_ width: Double, _ height: Double, at center: Double2 = .zero) -> [Double2] {
        let (x, y) = (width / 2, height / 2)
        return [Double2(-x, -y), Double2(x, -y), Double2(x, y), Double2(-x, y)].map { $0 + center }
    }

    static func rounded(
        _ width: Double, _ height: Double, radius: Double, at center: Double2 = .zero, steps: Int = 6
    ) -> [Double2] {
        let (x, y) = (width / 2 - radius, height / 2 - radius)
        let corners = [Double2(x, -y), Double2(x, y), Double2(-x, y), Double2(-x, -y)]
        return corners.enumerated().flatMap { quarter, corner in
            (0...steps).map { i in
                let angle = Double(quarter - 1) * 90 + 90 * Double(i) / Double(steps)
                let (s, c) = sineAndCosine(degrees: angle)
                return center + corner + Double2(c, s) * radius
            }
        }
    }

    /// A slot of overall `length` (along x) and `width`, with round ends.
    static func slot(_ length: Double, _ width: Double, at center: Double2 = .zero, steps: Int = 8) -> [Double2] {
        [1.0, -1.0].flatMap { side in
            (0...steps).map { i in
                let (s, c) = sineAndCosine(degrees: -90 + 180 * Double(i) / Double(steps))
                return center + Double2((length - width) / 2 + c * width / 2, s * width / 2) * side
            }
        }
    }

    /// A round bore with a keyway at the top (+y): DIN 6885 shape, `depth` measured from the bore's top.
    static func keyedBore(_ radius: Double, keyWidth: Double, depth: Double, _ count: Int = 48) -> [Double2] {
        let half = asin(keyWidth / 2 / radius) * 180 / .pi
        let arc = (0...count).map { i in
            let (s, c) = sineAndCosine(degrees: 90 + half + (360 - 2 * half) * Double(i) / Double(count))
            return Double2(radius * c, radius * s)
        }
        return arc + [Double2(keyWidth / 2, radius + depth), Double2(-keyWidth / 2, radius + depth)]
    }

    static func moved(_ loop: [Double2], _ x: Double, _ y: Double) -> [Double2] { loop.map { $0 + Double2(x, y) } }

    static func turned(_ loop: [Double2], _ degrees: Double) -> [Double2] {
        let (s, c) = sineAndCosine(degrees: degrees)
        return loop.map { Double2(c * $0.x - s * $0.y, s * $0.x + c * $0.y) }
    }

    /// Every point moved inwards so that each edge moves by `distance`; for loops without narrow places.
    static func inset(_ loop: [Double2], _ distance: Double) -> [Double2] {
        let n = loop.count
        return loop.indices.map { i in
            let before = direction(loop[(i + n - 1) % n], loop[i])
            let after = direction(loop[i], loop[(i + 1) % n])
            let sum = before + after
            let bisector = Double2(-sum.y, sum.x)
            let scale = max(0.2, (bisector * Double2(-before.y, before.x)).sum())
            return loop[i] + bisector * (distance / scale)
        }
    }

    private static func direction(_ a: Double2, _ b: Double2) -> Double2 {
        let d = b - a
        return d / max((d * d).sum().squareRoot(), 1e-12)
    }
}
