// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import ImageCoding

/// How alike two pictures of the same size are.
package enum ImageComparison {
    /// Peak signal-to-noise ratio of all channels, in decibels; equal pictures have `largest`.
    package static func psnr(_ a: Image, _ b: Image) -> Double {
        precondition(a.pixels.count == b.pixels.count, "pictures of one size")
        var sum = 0
        for index in a.pixels.indices {
            let difference = Int(a.pixels[index]) - Int(b.pixels[index])
            sum += difference * difference
        }
        if sum == 0 { return largest }
        return min(largest, 10 * log10(255 * 255 * Double(a.pixels.count) / Double(sum)))
    }

    package static let largest = 99.0

    /// Structural similarity of the luma, the mean over windows of 8 × 8 pixels that overlap by half; 1: equal.
    /// Source: Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004, with
    /// uniform windows.
    package static func ssim(_ a: Image, _ b: Image) -> Double {
        precondition(a.width == b.width && a.height == b.height, "pictures of one size")
        let (x, y) = (luma(a), luma(b))
        let (width, height) = (a.width, a.height)
        let (side, step) = (min(8, width, height), 4)
        var (sum, count) = (0.0, 0)
        for top in stride(from: 0, through: height - side, by: step) {
            for left in stride(from: 0, through: width - side, by: step) {
                sum += window(x, y, width, left, top, side)
                count += 1
            }
        }
        return sum / Double(max(1, count))
    }

    private static func window(
        _ x: [Float], _ y: [Float], _ width: Int, _ left: Int, _ top: Int, _ side: Int
    ) -> Double {
        var (sx, sy, xx, yy, xy) = (Float(0), Float(0), Float(0), Float(0), Float(0))
        for row in top..<top + side {
            for index in row * width + left..<row * width + left + side {
                let (p, q) = (x[index], y[index])
                sx += p
                sy += q
                xx += p * p
                yy += q * q
                xy += p * q
            }
        }
        let n = Float(side * side)
        let (mx, my) = (sx / n, sy / n)
        let (vx, vy, cov) = (xx / n - mx * mx, yy / n - my * my, xy / n - mx * my)
        let (c1, c2): (Float, Float) = (6.5025, 58.5225)
        return Double((2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2)))
    }

    private static func luma(_ image: Image) -> [Float] {
        let channels = image.channelCount
        return (0..<image.width * image.height).map { pixel in
            let at = pixel * channels
            if channels < 3 { return Float(image.pixels[at]) }
            return 0.299 * Float(image.pixels[at]) + 0.587 * Float(image.pixels[at + 1])
                + 0.114 * Float(image.pixels[at + 2])
        }
    }

    /// What a viewer shows of a frame: its image, scaled to the viewer's picture, on the background.
    ///
    /// - Parameters:
    ///   - image: nil: nothing but background.
    ///   - left: where the image goes in the drawn picture, pixels.
    ///   - width: of the drawn picture, which fills the viewer's.
    package static func shown(
        _ image: Image?, left: Int, top: Int, width: Int, height: Int, on background: Image
    ) -> Image {
        guard let image, image.channelCount == 3, background.channelCount == 3, width > 0, height > 0 else {
            return background
        }
        var pixels = background.pixels
        let scaleX = Double(width) / Double(background.width)
        let scaleY = Double(height) / Double(background.height)
        for y in 0..<background.height {
            let v = (Double(y) + 0.5) * scaleY - 0.5 - Double(top)
            guard v > -0.5, v < Double(image.height) - 0.5 else { continue }
            for x in 0..<background.width {
                let u = (Double(x) + 0.5) * scaleX - 0.5 - Double(left)
                guard u > -0.5, u < Double(image.width) - 0.5 else { continue }
                for channel in 0..<3 {
                    pixels[3 * (y * background.width + x) + channel] = image.bilinear(u, v, channel)
                }
            }
        }
        return Image(width: background.width, height: background.height, channelCount: 3, pixels: pixels)
    }
}

extension Image {
    fileprivate func bilinear(_ u: Double, _ v: Double, _ channel: Int) -> UInt8 {
        let (x, y) = (min(max(u, 0), Double(width - 1)), min(max(v, 0), Double(height - 1)))
        let (x0, y0) = (Int(x), Int(y))
        if Double(x0) == x, Double(y0) == y { return pixels[3 * (y0 * width + x0) + channel] }
        let (x1, y1) = (min(x0 + 1, width - 1), min(y0 + 1, height - 1))
        let (fx, fy) = (x - Double(x0), y - Double(y0))
        func at(_ x: Int, _ y: Int) -> Double { Double(pixels[3 * (y * width + x) + channel]) }
        let upper = at(x0, y0) * (1 - fx) + at(x1, y0) * fx
        let lower = at(x0, y1) * (1 - fx) + at(x1, y1) * fx
        return UInt8(min(255, max(0, (upper * (1 - fy) + lower * fy).rounded())))
    }
}
