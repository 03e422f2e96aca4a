// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The levels below the coarsest stored one, made here: they are small, and a texture seen from far needs them. The
/// same means as render/texture-tail.js.
enum TextureTail {
    struct Level {
        var width: Int
        var height: Int
        /// RGBA8.
        var pixels: [UInt8]
    }

    /// All levels below `level`, down to one texel.
    ///
    /// - Parameter isColor: colours are averaged as light, weighted by alpha; anything else as numbers.
    static func levels(below level: Level, isColor: Bool) -> [Level] {
        var levels: [Level] = []
        var last = level
        while last.width > 1 || last.height > 1 {
            last = halved(last, isColor: isColor)
            levels.append(last)
        }
        return levels
    }

    static func halved(_ level: Level, isColor: Bool) -> Level {
        let (columns, rows) = (max(1, level.width >> 1), max(1, level.height >> 1))
        var result = Level(width: columns, height: rows, pixels: [])
        result.pixels.reserveCapacity(columns * rows * 4)
        for y in 0..<rows {
            for x in 0..<columns {
                let texels = [(2 * x, 2 * y), (2 * x + 1, 2 * y), (2 * x, 2 * y + 1), (2 * x + 1, 2 * y + 1)].map {
                    4 * (min($0.1, level.height - 1) * level.width + min($0.0, level.width - 1))
                }
                result.pixels += mean(level.pixels, texels, isColor: isColor)
            }
        }
        return result
    }

    private static func mean(_ pixels: [UInt8], _ texels: [Int], isColor: Bool) -> [UInt8] {
        let alpha = texels.reduce(0.0) { $0 + Double(pixels[$1 + 3]) }
        let color = (0..<3).map { channel -> UInt8 in
            var sum = 0.0
            var weight = 0.0
            for texel in texels {
                let share = isColor && alpha > 0 ? Double(pixels[texel + 3]) : 1
                let value = pixels[texel + channel]
                sum += share * (isColor ? linear[Int(value)] : Double(value))
                weight += share
            }
            return isColor ? encoded(sum / weight) : UInt8((sum / weight).rounded())
        }
        return color + [UInt8((alpha / 4).rounded())]
    }

    private static let linear: [Double] = (0..<256).map { code in
        let value = Double(code) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    private static func encoded(_ value: Double) -> UInt8 {
        UInt8((255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055)).rounded())
    }
}
