// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

@Suite struct PictureTests {
    private func difference(
        width: Int = 640, height: Int = 360, changed: [(x: Int, y: Int)]
    ) -> DirtyTiles.Difference {
        let before = (0..<width * height).map { UInt32($0 & 0xFFFF) | 0xFF00_0000 }
        var after = before
        for place in changed { after[place.y * width + place.x] ^= 0x0080_0000 }
        let prints = [before, after].map { TilePrints($0.span, width: width, height: height).values }
        return DirtyTiles.difference(zip(prints[0], prints[1]).map { $0 != $1 }, width: width, height: height)
    }

    @Test func `Equal pictures differ in nothing`() { #expect(difference(changed: []) == .nothing) }

    @Test func `One pixel makes its tile dirty, also at the edge`() {
        #expect(
            difference(changed: [(639, 359)])
                == .rectangles([PixelRectangle(left: 576, top: 320, width: 64, height: 40)]))
        #expect(
            difference(width: 70, height: 70, changed: [(69, 0)])
                == .rectangles([PixelRectangle(left: 64, top: 0, width: 6, height: 64)]))
    }

    @Test func `Tiles that touch become one rectangle`() {
        let places = [(100, 100), (130, 100), (100, 130), (130, 130)]
        #expect(
            difference(changed: places)
                == .rectangles([PixelRectangle(left: 64, top: 64, width: 128, height: 128)]))
    }

    @Test func `There are at most four rectangles, and they cover what changed`() throws {
        var random = TestRandom(seed: 4)
        for _ in 0..<20 {
            let places = (0..<2 + random.below(8)).map { _ in (x: random.below(640), y: random.below(360)) }
            guard case .rectangles(let rectangles) = difference(changed: places) else {
                Issue.record("few tiles are no whole picture")
                continue
            }
            #expect(rectangles.count <= DirtyTiles.largestCount)
            for place in places {
                let isCovered = rectangles.contains {
                    ($0.left..<$0.right).contains(place.x) && ($0.top..<$0.bottom).contains(place.y)
                }
                #expect(isCovered)
            }
        }
    }

    @Test func `Distant rectangles stay apart while there are few`() {
        guard case .rectangles(let rectangles) = difference(changed: [(10, 10), (600, 10), (10, 350), (600, 350)])
        else {
            Issue.record("not whole")
            return
        }
        #expect(rectangles.count == 4)
        #expect(rectangles.reduce(0) { $0 + $1.area } < 4 * 64 * 64 + 1)
    }

    @Test func `A mostly different picture is sent whole`() {
        var places: [(x: Int, y: Int)] = []
        for y in stride(from: 0, to: 360, by: 64) {
            for x in stride(from: 0, to: 330, by: 64) { places.append((x, y)) }
        }
        #expect(difference(changed: places) == .whole)
    }

    @Test func `The content is cropped to blocks, and what it leaves is painted over`() {
        var content = ContentRectangle()
        let first = PixelRectangle(left: 100, top: 50, width: 200, height: 100)
        #expect(
            content.next(first, isWhole: true, width: 640, height: 360)
                == PixelRectangle(left: 96, top: 48, width: 208, height: 112))
        let second = PixelRectangle(left: 400, top: 300, width: 100, height: 59)
        #expect(
            content.next(second, isWhole: false, width: 640, height: 360)
                == PixelRectangle(left: 96, top: 48, width: 416, height: 312))
        #expect(
            content.next(second, isWhole: true, width: 640, height: 360)
                == PixelRectangle(left: 400, top: 288, width: 112, height: 72))
    }

    @Test func `A picture without content is nothing, once the old content is gone`() {
        var content = ContentRectangle()
        #expect(content.next(nil, isWhole: true, width: 64, height: 64) == nil)
        let all = PixelRectangle(left: 0, top: 0, width: 64, height: 64)
        #expect(content.next(all, isWhole: true, width: 64, height: 64) == all)
        #expect(content.next(nil, isWhole: false, width: 64, height: 64) == all)
        #expect(content.next(nil, isWhole: false, width: 64, height: 64) == nil)
        // Of another size there is nothing to paint over.
        #expect(content.next(all, isWhole: true, width: 64, height: 64) == all)
        #expect(content.next(nil, isWhole: false, width: 32, height: 32) == nil)
    }

    @Test func `Scaled pictures keep the aspect ratio and come in blocks`() {
        let size = PictureSize.scaled(width: 1280, height: 720, by: 0.35, pixelLimit: 1 << 24)
        #expect(size == (448, 252))
        #expect(PictureSize.scaled(width: 1279, height: 719, by: 1, pixelLimit: 1 << 24) == (1279, 719))
        for width in stride(from: 1.0, through: 5000, by: 37) {
            for scale in [0.35, 0.5, 0.75] {
                let size = PictureSize.scaled(width: width, height: 700, by: scale, pixelLimit: 1 << 24)
                #expect(size.width % 16 == 0 && size.width >= 16 && size.height >= 1)
                if width > 100 { #expect(abs(Double(size.height) * width / Double(size.width) - 700) < 16) }
            }
        }
        let limited = PictureSize.scaled(width: 7680, height: 4320, by: 1, pixelLimit: 3840 * 2160)
        #expect(limited == (3840, 2160))
        #expect(PictureSize.scaled(width: 65535, height: 1, by: 1, pixelLimit: 1 << 24).width <= 16384)
    }

    @Test func `A moving camera is drawn where it will be, a resting one where it is`() {
        var camera = CameraUpdate(
            sequence: 1, view: .test, velocity: Double3(1, 0, 0), angularVelocity: Double3(0, 1, 0), isMoving: true)
        let near = PosePrediction.view(of: camera, after: 0.05)
        #expect(abs(near.eye.x - 0.035) < 1e-12)
        #expect(abs(near.orientation.y - 0.0175) < 1e-5)
        let far = PosePrediction.view(of: camera, after: 3)
        #expect(abs(far.eye.x - 0.07) < 1e-12)
        camera.isMoving = false
        #expect(PosePrediction.view(of: camera, after: 0.05) == camera.view)
        camera.isMoving = true
        camera.velocity = Double3(1e300, 0, 0)
        #expect(PosePrediction.view(of: camera, after: 0.05) == camera.view)
    }
}
