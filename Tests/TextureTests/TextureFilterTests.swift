// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import MeshProcessing
import StreamCore
import Testing

@testable import TilesetBuilding

@Suite struct TextureFilterTests {
    static func image(_ width: Int, _ height: Int, _ channelCount: Int, _ pixels: [UInt8]) -> Image {
        Image(width: width, height: height, channelCount: channelCount, pixels: pixels)
    }

    @Test("black and white average to half the light, not to half the value") func averagesLight() {
        let pixels: [UInt8] = [0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0]
        let image = Self.image(2, 2, 3, pixels)
        #expect(TextureFilter(.color).halved(image).pixels == [188, 188, 188])
        #expect(TextureFilter(.data).halved(image).pixels == [128, 128, 128])
        #expect(abs(TextureFilter(.color).average(image).x - 0.5) < 1e-5)
    }

    @Test("a constant picture stays constant", arguments: [TextureFilter.Rule.color, .coveredColor, .data])
    func keepsConstant(rule: TextureFilter.Rule) {
        let filter = TextureFilter(rule)
        for value in stride(from: 0, through: 255, by: 5) {
            let pixel = [UInt8(value), UInt8(255 - value), 7, UInt8(value)]
            var image = Self.image(13, 6, 4, (0..<78).flatMap { _ in pixel })
            var sizes: [[Int]] = []
            while image.width * image.height > 1 {
                image = filter.halved(image)
                sizes.append([image.width, image.height])
                for start in stride(from: 0, to: image.pixels.count, by: 4) {
                    #expect(Array(image.pixels[start..<start + 4]) == pixel)
                }
            }
            #expect(sizes == [[6, 3], [3, 1], [1, 1]])
        }
    }

    @Test("odd sides weigh each source pixel equally") func weighsOddSides() {
        for lit in 0..<7 {
            var pixels = [UInt8](repeating: 0, count: 21)
            for channel in 0..<3 { pixels[3 * lit + channel] = 210 }
            let half = TextureFilter(.data).halved(Self.image(7, 1, 3, pixels))
            #expect(half.width == 3)
            let total = (0..<3).reduce(0) { $0 + Int(half.pixels[3 * $1]) }
            #expect(abs(total - 90) <= 1)  // 210 × 3 / 7
        }
    }

    @Test("transparent pixels do not colour their neighbours, and keep their own colour among themselves")
    func weighsByCoverage() {
        let filter = TextureFilter(.coveredColor)
        let mixed: [UInt8] = [200, 0, 0, 255, 0, 255, 0, 0, 200, 0, 0, 255, 0, 255, 0, 0]
        let edge = filter.halved(Self.image(2, 2, 4, mixed)).pixels
        #expect(edge[0] >= 199 && edge[1] <= 14 && edge[2] == 0 && edge[3] == 128)
        let clear = filter.halved(Self.image(2, 1, 4, [10, 20, 30, 0, 10, 20, 30, 0])).pixels
        #expect(clear == [10, 20, 30, 0])
        let average = filter.average(Self.image(2, 2, 4, mixed))
        #expect(average.y < 0.01 && abs(average.w - 0.5) < 0.01)
    }

    @Test("normals stay unit vectors") func normalises() {
        let pixels: [UInt8] = [255, 128, 128, 128, 128, 255]
        let half = TextureFilter(.normal).halved(Self.image(2, 1, 3, pixels)).pixels
        #expect(half == [218, 128, 218])
        let flat = TextureFilter(.normal).halved(Self.image(1, 2, 3, [128, 128, 255, 128, 128, 255])).pixels
        #expect(flat == [128, 128, 255])
    }
}
