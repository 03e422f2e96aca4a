// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
package import StreamCore

/// A small decoded colour texture for previews and for baking colours into vertices.
package struct RasterizerTexture: Sendable {
    package let width: Int
    package let height: Int
    /// RGBA, sRGB-encoded, straight alpha; `width` × `height` × 4 bytes, rows top-down.
    package let pixels: [UInt8]
    package let sampler: TextureSampler

    package init(width: Int, height: Int, pixels: [UInt8], sampler: TextureSampler) {
        precondition(width > 0 && height > 0 && pixels.count == width * height * 4, "RGBA pixels")
        self.width = width
        self.height = height
        self.pixels = pixels
        self.sampler = sampler
    }

    /// RGBA in linear light, filtered between the four nearest texels (the nearest one only where the sampler says so).
    ///
    /// - Parameters u, v: 0...1 across the picture, v downwards; wrapped as the sampler says. Coordinates that are not
    ///   finite count as 0.
    package func sample(_ u: Float, _ v: Float) -> Float4 {
        let x = Self.wrapped(u, sampler.wrapU) * Float(width)
        let y = Self.wrapped(v, sampler.wrapV) * Float(height)
        return SRGB.linear.withUnsafeBufferPointer { table in
            if sampler.isNearest { return texel(min(Int(x), width - 1), min(Int(y), height - 1), table) }
            let (left, top) = ((x - 0.5).rounded(.down), (y - 0.5).rounded(.down))
            let x0 = neighbour(Int(left), width, sampler.wrapU)
            let x1 = neighbour(Int(left) + 1, width, sampler.wrapU)
            let y0 = neighbour(Int(top), height, sampler.wrapV)
            let y1 = neighbour(Int(top) + 1, height, sampler.wrapV)
            let (s, t) = (x - 0.5 - left, y - 0.5 - top)
            let above = texel(x0, y0, table) * (1 - s) + texel(x1, y0, table) * s
            let below = texel(x0, y1, table) * (1 - s) + texel(x1, y1, table) * s
            return above * (1 - t) + below * t
        }
    }

    @inline(__always)
    private func texel(_ x: Int, _ y: Int, _ table: UnsafeBufferPointer<Float>) -> Float4 {
        let start = 4 * (y * width + x)
        return Float4(
            table[Int(pixels[start])], table[Int(pixels[start + 1])], table[Int(pixels[start + 2])],
            Float(pixels[start + 3]) * (1 / 255))
    }

    /// Brings a texel position one outside the picture back onto it.
    private func neighbour(_ position: Int, _ size: Int, _ wrap: TextureSampler.Wrap) -> Int {
        if position >= 0 && position < size { return position }
        return wrap == .repeat ? (position < 0 ? size - 1 : 0) : (position < 0 ? 0 : size - 1)
    }

    private static func wrapped(_ value: Float, _ wrap: TextureSampler.Wrap) -> Float {
        guard value.isFinite else { return 0 }
        switch wrap {
        case .clampToEdge: return max(0, min(1, value))
        case .repeat: return value - value.rounded(.down)
        case .mirroredRepeat:
            let phase = value - 2 * (value * 0.5).rounded(.down)
            return phase > 1 ? 2 - phase : phase
        }
    }
}

extension TextureReference {
    /// Where this reference samples for coordinates (u, v): KHR_texture_transform applied.
    package func transformed(_ u: Float, _ v: Float) -> Float2 {
        let (s, c) = (sin(rotation), cos(rotation))
        let (x, y) = (u * scale[0], v * scale[1])
        return Float2(offset[0] + c * x + s * y, offset[1] - s * x + c * y)
    }
}
