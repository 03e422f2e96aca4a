// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A picture before encoding: RGB, 8 bits each, rows from the top.
package struct TextureImage: Sendable {
    package let name: String
    package let width: Int
    package let height: Int
    /// `width` × `height` × 3 bytes.
    package let pixels: [UInt8]

    /// Asks for each texel's colour, 0 ... 1; (u, t) is its centre, t growing upwards.
    init(name: String, size: Int, _ color: (Float, Float) -> Float3) {
        var pixels = [UInt8](repeating: 0, count: size * size * 3)
        for y in 0..<size {
            for x in 0..<size {
                let c = color((Float(x) + 0.5) / Float(size), 1 - (Float(y) + 0.5) / Float(size))
                let byte = (c.clamped(lowerBound: .zero, upperBound: .one) * 255 + 0.5)
                for k in 0..<3 { pixels[(y * size + x) * 3 + k] = UInt8(byte[k]) }
            }
        }
        self.name = name
        width = size
        height = size
        self.pixels = pixels
    }
}

/// Heights over a square texture that repeats, and the normal map they make.
struct HeightMap {
    let size: Int
    private let heights: [Float]

    /// Heights in metres.
    init(size: Int, _ height: (Float, Float) -> Float) {
        self.size = size
        var heights: [Float] = []
        heights.reserveCapacity(size * size)
        for y in 0..<size {
            for x in 0..<size {
                heights.append(height((Float(x) + 0.5) / Float(size), 1 - (Float(y) + 0.5) / Float(size)))
            }
        }
        self.heights = heights
    }

    func height(_ u: Float, _ t: Float) -> Float { self[Int(u * Float(size)), size - 1 - Int(t * Float(size))] }

    private subscript(x: Int, y: Int) -> Float { heights[(y + size) % size * size + (x + size) % size] }

    /// How far the texel lies below its surroundings, metres: for dirt and shade in the grooves.
    func cavity(_ u: Float, _ t: Float, reach: Int = 6) -> Float {
        let (x, y) = (Int(u * Float(size)), size - 1 - Int(t * Float(size)))
        var sum: Float = 0
        for (dx, dy) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)] {
            sum += self[x + dx * reach, y + dy * reach]
        }
        return sum / 8 - self[x, y]
    }

    /// Tangent-space normals as glTF wants them: +x along u, +y up the picture. `extent`: metres the texture covers.
    func normal(_ u: Float, _ t: Float, extent: Float2) -> Float3 {
        let (x, y) = (Int(u * Float(size)), size - 1 - Int(t * Float(size)))
        let step = extent / Float(size) * 2
        let slopeX = (self[x + 1, y] - self[x - 1, y]) / step.x
        let slopeY = (self[x, y - 1] - self[x, y + 1]) / step.y
        return normalized(Float3(-slopeX, -slopeY, 1)) * 0.5 + 0.5
    }
}
