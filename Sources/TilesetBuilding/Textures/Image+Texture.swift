// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ImageCoding
package import MeshProcessing
package import StreamCore

extension Image {
    /// True when there is no alpha channel, or it is 255 everywhere. For RGB and RGBA.
    var isOpaque: Bool {
        guard channelCount == 4 else { return true }
        let bytes = pixels.span
        var position = 3
        while position < bytes.count {
            if bytes[position] != 255 { return false }
            position += 4
        }
        return true
    }

    /// RGB of an RGBA image.
    func withoutAlpha() -> Image {
        var result = [UInt8](repeating: 0, count: width * height * 3)
        let bytes = pixels.span
        for pixel in 0..<width * height {
            for channel in 0..<3 { result[3 * pixel + channel] = bytes[4 * pixel + channel] }
        }
        return Image(width: width, height: height, channelCount: 3, pixels: result)
    }
}

extension RasterizerTexture {
    /// A colour texture to sample on the CPU, from RGB or RGBA: use `TextureLevels.small`.
    package init(_ image: Image, sampler: TextureSampler) {
        var pixels = image.pixels
        if image.channelCount == 3 {
            pixels = [UInt8](repeating: 255, count: image.width * image.height * 4)
            let bytes = image.pixels.span
            for pixel in 0..<image.width * image.height {
                for channel in 0..<3 { pixels[4 * pixel + channel] = bytes[3 * pixel + channel] }
            }
        }
        self.init(width: image.width, height: image.height, pixels: pixels, sampler: sampler)
    }
}
