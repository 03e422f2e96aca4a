// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import MeshProcessing
import StreamCore

/// Makes the next smaller level of an image: each pixel is the mean of the 2 × 2 pixels it covers, or of up to 3 × 3,
/// weighted by overlap, where a side is odd (Guthe and Heckbert, "Non-power-of-two mipmap creation", 2005).
///
/// The mean is taken of light, not of its encoding; of normals, it is normalised; of colours with coverage, pixels count
/// by their alpha.
struct TextureFilter {
    enum Rule: Sendable {
        /// sRGB-encoded colour; a fourth channel is averaged on its own.
        case color
        /// sRGB-encoded colour that counts by the fourth channel.
        case coveredColor
        /// Unit vectors, 0...255 for -1...1.
        case normal
        /// Plain numbers.
        case data
    }

    let rule: Rule
    /// What the first three channels' values stand for.
    private let values: [Float]
    private let encoded: [UInt8]
    /// Keeps the colour of pixels of no coverage, which filtering on the screen may still show at edges.
    private static let leastCoverage: Float = 1 / 1024

    init(_ rule: Rule) {
        self.rule = rule
        encoded = SRGB.encoded
        values =
            switch rule {
            case .color, .coveredColor: SRGB.linear
            case .normal: (0..<256).map { Float($0) / 127.5 - 1 }
            case .data: (0..<256).map { Float($0) / 255 }
            }
    }

    /// - Parameter image: RGB or RGBA; the result has as many channels.
    func halved(_ image: Image) -> Image {
        let columns = Taps.halving(image.width)
        let rows = Taps.halving(image.height)
        let channelCount = image.channelCount
        var pixels = [UInt8](repeating: 0, count: columns.count * rows.count * channelCount)
        var sums = [Float4](repeating: .zero, count: image.width)
        for (y, row) in rows.enumerated() {
            addRows(row, of: image, to: &sums)
            var position = y * columns.count * channelCount
            for column in columns {
                var sum = sums[column.start] * column.weights.x
                if column.count > 1 { sum += sums[column.start + 1] * column.weights.y }
                if column.count > 2 { sum += sums[column.start + 2] * column.weights.z }
                store(sum, in: &pixels, at: position, channelCount: channelCount)
                position += channelCount
            }
        }
        return Image(width: columns.count, height: rows.count, channelCount: channelCount, pixels: pixels)
    }

    /// Mean of all pixels, as `TextureLevels.average`.
    func average(_ image: Image) -> Float4 {
        var total = Double4.zero
        var sums = [Float4](repeating: .zero, count: image.width)
        for row in 0..<image.height {
            addRows(Taps(start: row, count: 1, weights: Float3(1, 0, 0)), of: image, to: &sums)
            for sum in sums { total += Double4(sum) }
        }
        var mean = Float4(total / Double(image.width * image.height))
        switch rule {
        case .color, .data: break
        case .coveredColor:
            let alpha = mean.w - Self.leastCoverage
            mean /= mean.w
            mean.w = alpha
        case .normal:
            mean = mean * 0.5 + 0.5
            mean.w = 1
        }
        return mean
    }

    /// Which source pixels make one pixel of the next level, along one side.
    private struct Taps {
        let start: Int
        let count: Int
        let weights: Float3

        static func halving(_ size: Int) -> [Taps] {
            if size == 1 { return [Taps(start: 0, count: 1, weights: Float3(1, 0, 0))] }
            let half = size / 2
            if size % 2 == 0 {
                return (0..<half).map { Taps(start: 2 * $0, count: 2, weights: Float3(0.5, 0.5, 0)) }
            }
            return (0..<half).map { index in
                let weights = Float3(Float(half - index), Float(half), Float(index + 1)) / Float(size)
                return Taps(start: 2 * index, count: 3, weights: weights)
            }
        }
    }

    /// Overwrites `sums` with the weighted sum of the rows.
    private func addRows(_ taps: Taps, of image: Image, to sums: inout [Float4]) {
        let pixels = image.pixels.span
        let table = values.span
        let hasAlpha = image.channelCount == 4
        let isCovered = rule == .coveredColor && hasAlpha
        for tap in 0..<taps.count {
            let weight = taps.weights[tap]
            var position = (taps.start + tap) * image.width * image.channelCount
            for x in 0..<image.width {
                let color = Float3(
                    table[Int(pixels[position])], table[Int(pixels[position + 1])], table[Int(pixels[position + 2])])
                var value = Float4(color, 1)
                if hasAlpha { value.w = Float(pixels[position + 3]) * (1 / 255) }
                if isCovered {
                    let coverage = value.w + Self.leastCoverage
                    value = Float4(color * coverage, coverage)
                }
                sums[x] = tap == 0 ? value * weight : sums[x] + value * weight
                position += image.channelCount
            }
        }
    }

    private func store(_ sum: Float4, in pixels: inout [UInt8], at position: Int, channelCount: Int) {
        var color = Float3(sum.x, sum.y, sum.z)
        var alpha = sum.w
        switch rule {
        case .color, .coveredColor:
            if rule == .coveredColor && channelCount == 4 {
                color /= sum.w
                alpha -= Self.leastCoverage
            }
            for channel in 0..<3 { pixels[position + channel] = encoded[SRGB.index(color[channel])] }
        case .normal:
            color = normalized(color) * 0.5 + 0.5
            for channel in 0..<3 { pixels[position + channel] = Self.byte(color[channel]) }
        case .data:
            for channel in 0..<3 { pixels[position + channel] = Self.byte(color[channel]) }
        }
        if channelCount == 4 { pixels[position + 3] = Self.byte(alpha) }
    }

    private static func byte(_ value: Float) -> UInt8 { UInt8(max(0, min(1, value)) * 255 + 0.5) }
}
