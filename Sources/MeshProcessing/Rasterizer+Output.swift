// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

extension Rasterizer {
    /// The colours, each `factor` × `factor` block averaged to one pixel in linear light: render larger by this factor
    /// for smooth edges.
    ///
    /// - Parameter factor: 1 ... 8; rows and columns that do not fill a block are left out.
    /// - Returns: RGBA, sRGB-encoded, straight alpha, rows top-down.
    package func downsampled(by factor: Int) -> (width: Int, height: Int, pixels: [UInt8]) {
        precondition((1...8).contains(factor) && width >= factor && height >= factor, "blocks of 1 to 8 pixels")
        precondition(!colors.isEmpty, "the rasterizer was made for colours")
        let (outWidth, outHeight) = (width / factor, height / factor)
        var pixels = [UInt8](repeating: 0, count: outWidth * outHeight * 4)
        let (encoded, linear) = (SRGB.encoded, SRGB.linear)
        encoded.withUnsafeBufferPointer { encoded in
            linear.withUnsafeBufferPointer { linear in
                for y in 0..<outHeight {
                    for x in 0..<outWidth {
                        let color = blockAverage(x * factor, y * factor, factor, linear)
                        let packed = SRGB.packed(color, encoded)
                        let start = 4 * (y * outWidth + x)
                        for byte in 0..<4 { pixels[start + byte] = UInt8(truncatingIfNeeded: packed >> (8 * byte)) }
                    }
                }
            }
        }
        return (outWidth, outHeight, pixels)
    }

    private func blockAverage(_ x: Int, _ y: Int, _ size: Int, _ linear: UnsafeBufferPointer<Float>) -> Float4 {
        var sum = Float4.zero
        for row in y..<y + size {
            for column in x..<x + size {
                let color = SRGB.unpacked(colors[row * width + column], linear)
                sum += Float4(color.x * color.w, color.y * color.w, color.z * color.w, color.w)
            }
        }
        if sum.w <= 0 { return .zero }
        return Float4(sum.x / sum.w, sum.y / sum.w, sum.z / sum.w, sum.w / Float(size * size))
    }
}
