// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import Testing

@testable import Benchmarking

@Suite struct ImageComparisonTests {
    func image(_ width: Int = 32, _ height: Int = 24, _ value: (Int, Int) -> UInt8) -> Image {
        let pixels = (0..<height).flatMap { y in (0..<width).flatMap { x in [UInt8](repeating: value(x, y), count: 3) }
        }
        return Image(width: width, height: height, channelCount: 3, pixels: pixels)
    }

    @Test func `equal pictures are as alike as can be`() {
        let a = image { UInt8(($0 * 7 + $1 * 3) & 255) }
        #expect(ImageComparison.psnr(a, a) == ImageComparison.largest)
        #expect(abs(ImageComparison.ssim(a, a) - 1) < 1e-6)
    }

    @Test func `a constant difference has the PSNR of the formula`() {
        let (a, b) = (image { _, _ in 100 }, image { _, _ in 110 })
        // 10 log10 (255² / 10²)
        #expect(abs(ImageComparison.psnr(a, b) - 28.1308) < 0.001)
    }

    @Test func `structure counts more than brightness`() {
        let a = image { x, y in UInt8((x / 4 + y / 4) % 2 * 100 + 50) }
        let brighter = image { x, y in UInt8((x / 4 + y / 4) % 2 * 100 + 60) }
        let shifted = image { x, y in UInt8(((x + 4) / 4 + y / 4) % 2 * 100 + 50) }
        #expect(ImageComparison.ssim(a, brighter) > 0.9)
        #expect(ImageComparison.ssim(a, shifted) < 0.2)
    }

    @Test func `a cropped frame is put in its place, and a small one is scaled`() {
        let background = image { _, _ in 10 }
        let content = image(8, 8) { _, _ in 200 }
        let placed = ImageComparison.shown(content, left: 4, top: 2, width: 32, height: 24, on: background)
        #expect(placed.pixels[3 * (2 * 32 + 4)] == 200)
        #expect(placed.pixels[3 * (2 * 32 + 3)] == 10)
        #expect(placed.pixels[3 * (9 * 32 + 11)] == 200)
        #expect(placed.pixels[3 * (10 * 32 + 11)] == 10)
        let scaled = ImageComparison.shown(content, left: 0, top: 0, width: 8, height: 8, on: background)
        #expect(scaled.pixels.allSatisfy { $0 == 200 })
        #expect(ImageComparison.shown(nil, left: 0, top: 0, width: 32, height: 24, on: background) == background)
    }
}
