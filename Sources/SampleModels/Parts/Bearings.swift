// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// A deep-groove ball bearing about z, centred on z = 0; millimetres. Its pieces are separate parts.
///
/// - Source: ISO 15 (boundary dimensions); internal proportions are the usual ones of catalogues.
struct BallBearing {
    var name: String
    var bore: Double
    var outside: Double
    var width: Double
    var balls: Int

    var pitchRadius: Double { (bore + outside) / 4 }
    var ballRadius: Double { (outside - bore) / 2 * 0.3 }

    var outerRing: Solid { ring(wall: outside / 2, shoulder: pitchRadius + ballRadius * 0.55, groove: 1) }
    var innerRing: Solid { ring(wall: bore / 2, shoulder: pitchRadius - ballRadius * 0.55, groove: -1) }
    var ball: Solid { .sphere(ballRadius, segments: 24, rings: 14) }

    /// Two thin rings joined by a post between each pair of balls.
    var cage: Solid {
        let thickness = ballRadius * 0.24
        let side = ballRadius + thickness * 1.3
        let band = Solid.tube(
            pitchRadius + thickness, pitchRadius - thickness, from: side - thickness, to: side, segments: 48)
        let post = Solid.box(2 * thickness, max(1, ballRadius * 0.3), 2 * side - thickness)
        let posts = (0..<balls).map { i in
            post.moved(pitchRadius, 0, 0).turned(.z, 360 * (Double(i) + 0.5) / Double(balls))
        }
        return .joined([band, band.moved(0, 0, thickness - 2 * side)] + posts)
    }

    /// Where ball `index` sits.
    func ballPosition(_ index: Int) -> Double3 {
        let (s, c) = sineAndCosine(degrees: 360 * Double(index) / Double(balls))
        return Double3(pitchRadius * c, pitchRadius * s, 0)
    }

    /// `groove` +1: the race opens inwards (outer ring); −1: outwards.
    private func ring(wall: Double, shoulder: Double, groove: Double) -> Solid {
        let half = width / 2
        let chamfer = width * 0.06
        let race = ballRadius * 1.03
        let reach = asin(min(1, abs(shoulder - pitchRadius) / race)) * 180 / .pi
        let arc = (0...8).map { i -> Double2 in
            let (s, c) = sineAndCosine(degrees: reach + (180 - 2 * reach) * Double(i) / 8)
            return Double2(pitchRadius + groove * race * s, race * c)
        }
        let outside = [
            Double2(wall - groove * chamfer, -half), Double2(wall, -half + chamfer), Double2(wall, half - chamfer),
            Double2(wall - groove * chamfer, half),
        ]
        let inside = [Double2(shoulder, half)] + arc + [Double2(shoulder, -half)]
        return .revolve(outside + inside, segments: 72)
    }
}
