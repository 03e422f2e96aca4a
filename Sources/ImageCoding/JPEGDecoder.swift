// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CTurboJPEG

/// TurboJPEG's decompressor, one handle per image.
enum JPEGDecoder {
    static func decode(
        _ bytes: RawSpan, _ header: ImageHeader, channelCount: Int, warning: inout String?
    ) throws(ImageError) -> Image {
        guard let handle = tjInitDecompress() else { throw .decodingFailed(.jpeg, reason: "out of memory") }
        defer { tjDestroy(handle) }
        // Inks are decoded as they are and turned into light afterwards: TurboJPEG refuses to convert them.
        let storedChannels = header.isCMYK ? 4 : channelCount
        let format = header.isCMYK ? TJPF_CMYK : channelCount == 4 ? TJPF_RGBA : TJPF_RGB
        var pixels = [UInt8](repeating: 0, count: header.width * header.height * storedChannels)
        let isComplete = fill(&pixels, bytes, handle, header, format)
        if !isComplete {
            let reason = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown reason"
            let isWarning = tjGetErrorCode(handle) == TJERR_WARNING.rawValue
            guard isWarning, fillsLastPixel(&pixels, bytes, handle, header, format) else {
                throw .decodingFailed(.jpeg, reason: reason)
            }
            warning = reason
        }
        if header.isCMYK { pixels = light(fromInks: pixels, channelCount: channelCount) }
        return Image(width: header.width, height: header.height, channelCount: channelCount, pixels: pixels)
    }

    /// False after an error or a warning.
    private static func fill(
        _ pixels: inout [UInt8], _ bytes: RawSpan, _ handle: tjhandle, _ header: ImageHeader, _ format: TJPF
    ) -> Bool {
        let rowBytes = pixels.count / header.height
        return pixels.withUnsafeMutableBufferPointer { target in
            bytes.withUnsafeBytes { source in
                tjDecompress2(
                    handle, source.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(source.count),
                    target.baseAddress, Int32(header.width), Int32(rowBytes), Int32(header.height), format.rawValue,
                    TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
            }
        } == 0
    }

    /// Whether decoding gets to the end. TurboJPEG 2 reports an error that follows a warning as a warning, so a damaged
    /// image is decoded again over a changed last pixel, which only a complete pass restores.
    private static func fillsLastPixel(
        _ pixels: inout [UInt8], _ bytes: RawSpan, _ handle: tjhandle, _ header: ImageHeader, _ format: TJPF
    ) -> Bool {
        let last = pixels.count - 2
        let change = ~pixels[last]
        pixels[last] = change
        _ = fill(&pixels, bytes, handle, header, format)
        return pixels[last] != change
    }

    /// Files of inks hold inverted values (Adobe's convention, which practically every writer follows): 255 is no ink,
    /// so light is the product of a colour and black.
    private static func light(fromInks inks: [UInt8], channelCount: Int) -> [UInt8] {
        let pixelCount = inks.count / 4
        var pixels = [UInt8](repeating: 255, count: pixelCount * channelCount)
        for pixel in 0..<pixelCount {
            let black = UInt32(inks[4 * pixel + 3])
            for channel in 0..<3 {
                pixels[channelCount * pixel + channel] = UInt8((UInt32(inks[4 * pixel + channel]) * black + 127) / 255)
            }
        }
        return pixels
    }
}
