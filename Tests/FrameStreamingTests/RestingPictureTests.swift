// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import FrameStreaming

/// Which part of a picture at rest is sent, and what a viewer shows in the end.
@Suite struct RestingPictureTests {
    private static let (width, height) = (200, 140)
    private static let background: UInt32 = 0x0012_3456

    /// A scene of a number for each pixel, 0 where nothing is, and how its stages look.
    private struct Scene {
        var numbers = Array(repeating: UInt32(0), count: width * height)

        mutating func fill(_ rectangle: PixelRectangle, with number: UInt32) {
            for y in rectangle.top..<rectangle.bottom {
                for x in rectangle.left..<rectangle.right { numbers[y * width + x] = number }
            }
        }

        func pixels(_ kind: RestingPicture.Kind) -> [UInt32] {
            numbers.map { number in
                if number == 0 { return background }
                // Lossless frames repeat refined ones.
                return 0xFF00_0000 | number &* (kind == .still ? 3 : 5) & 0xFF_FFFF
            }
        }

        var content: PixelRectangle {
            var result = PixelRectangle.empty
            for (index, number) in numbers.enumerated() where number != 0 {
                result = result.union(PixelRectangle(left: index % width, top: index / width, width: 1, height: 1))
            }
            return result.aligned(to: 16, width: width, height: height)
        }
    }

    /// What a viewer has on its screen. JPEG never gives the exact pixel.
    private struct Screen {
        var pixels = Array(repeating: UInt32(0xDEAD), count: width * height)

        mutating func show(_ picture: [UInt32], _ image: PixelRectangle, isWhole: Bool, isExact: Bool) {
            if isWhole { pixels = Array(repeating: background, count: pixels.count) }
            for y in image.top..<image.bottom {
                for x in image.left..<image.right {
                    let index = y * width + x
                    pixels[index] = isExact ? picture[index] : picture[index] ^ 1
                }
            }
        }
    }

    @Test(arguments: 1...6) func `A lossless frame leaves every pixel exact, whatever came before`(seed: Int) {
        var random = TestRandom(seed: UInt64(seed))
        func rectangle(_ most: Int) -> PixelRectangle {
            let left = random.below(Self.width - 1), top = random.below(Self.height - 1)
            return PixelRectangle(
                left: left, top: top, width: 1 + random.below(min(most, Self.width - left)),
                height: 1 + random.below(min(most, Self.height - top)))
        }
        var (scene, screen) = (Scene(), Screen())
        scene.fill(PixelRectangle(left: 20, top: 10, width: 170, height: 120), with: 7)
        var shown = ShownPicture()
        var partCount = 0
        for frame in 1...80 {
            if random.below(3) == 0 { scene.fill(rectangle(40), with: UInt32(random.below(4))) }
            let kind: RestingPicture.Kind = [.still, .refined, .lossless][random.below(3)]
            let (picture, content) = (scene.pixels(kind), scene.content)
            let prints = TilePrints(picture.span, width: Self.width, height: Self.height)
            let previous = shown.previous(of: .test)
            let change =
                previous.map { $0.isShown ? $0.picture.change(to: prints, as: kind, content: content) : .whole }
                ?? .whole
            var (image, isWhole) = (content, true)
            if case .rectangle(let changed) = change { (image, isWhole) = (changed, false) }
            if change != .nothing {
                partCount += isWhole ? 0 : 1
                let next = RestingPicture.after(previous?.picture, prints, as: kind, image: image, isWhole: isWhole)
                shown.sent(frame: UInt32(frame), view: .test, picture: next)
                // Some are not shown; only whole ones may be passed over.
                let isSkipped = isWhole && random.below(6) == 0
                if !isSkipped { screen.show(picture, image, isWhole: isWhole, isExact: kind == .lossless) }
                shown.acknowledged(frame: UInt32(frame), isSkipped: isSkipped)
                if isSkipped { continue }
            }
            guard kind == .lossless else { continue }
            #expect(screen.pixels == picture)
        }
        #expect(partCount > 3)
    }

    private func stage(
        _ scene: Scene, _ kind: RestingPicture.Kind, after previous: RestingPicture?
    ) -> (change: RestingPicture.Change, picture: RestingPicture) {
        let prints = TilePrints(scene.pixels(kind).span, width: Self.width, height: Self.height)
        let change = previous?.change(to: prints, as: kind, content: scene.content) ?? .whole
        var image = (scene.content, true)
        if case .rectangle(let changed) = change { image = (changed, false) }
        let next = RestingPicture.after(previous, prints, as: kind, image: image.0, isWhole: image.1)
        return (change, change == .nothing ? previous! : next)
    }

    @Test func `What did not change keeps its lossless pixels`() {
        var scene = Scene()
        scene.fill(PixelRectangle(left: 0, top: 0, width: 200, height: 140), with: 9)
        var picture: RestingPicture?
        for kind in [RestingPicture.Kind.still, .refined, .lossless] {
            let (change, next) = stage(scene, kind, after: picture)
            #expect(change == .whole)
            picture = next
        }
        // The same again is nothing, for each stage.
        for kind in [RestingPicture.Kind.still, .refined, .lossless] {
            #expect(stage(scene, kind, after: picture).change == .nothing)
        }
        scene.fill(PixelRectangle(left: 70, top: 70, width: 3, height: 3), with: 4)
        let tile = PixelRectangle(left: 64, top: 64, width: 64, height: 64)
        for kind in [RestingPicture.Kind.still, .refined, .lossless] {
            let (change, next) = stage(scene, kind, after: picture)
            #expect(change == .rectangle(tile))
            picture = next
        }
        #expect(stage(scene, .lossless, after: picture).change == .nothing)
    }

    @Test func `What leaves the picture is painted over`() {
        var scene = Scene()
        scene.fill(PixelRectangle(left: 0, top: 0, width: 180, height: 140), with: 9)
        let (_, picture) = stage(scene, .still, after: nil)
        scene.fill(PixelRectangle(left: 150, top: 70, width: 30, height: 70), with: 0)
        let (change, next) = stage(scene, .still, after: picture)
        #expect(change == .rectangle(PixelRectangle(left: 128, top: 64, width: 64, height: 76)))
        #expect(next.covered == PixelRectangle(left: 0, top: 0, width: 192, height: 140))
    }

    @Test func `Pictures of another size or camera are whole`() {
        var scene = Scene()
        scene.fill(PixelRectangle(left: 10, top: 10, width: 20, height: 20), with: 1)
        let (_, picture) = stage(scene, .still, after: nil)
        let other = TilePrints(Array(repeating: UInt32(1), count: 64).span, width: 8, height: 8)
        #expect(picture.change(to: other, as: .still, content: .empty) == .whole)
        var shown = ShownPicture()
        shown.sent(frame: 3, view: .test, picture: picture)
        #expect(shown.previous(of: .test)?.isShown == false)
        shown.acknowledged(frame: 2, isSkipped: false)
        #expect(shown.previous(of: .test)?.isShown == false)
        shown.acknowledged(frame: 3, isSkipped: false)
        #expect(shown.previous(of: .test)?.isShown == true)
        var moved = ViewState.test
        moved.eye.x += 1e-9
        #expect(shown.previous(of: moved) == nil)
        moved = .test
        moved.width += 1
        #expect(shown.previous(of: moved) == nil)
        // A frame that moves shows something else, and one that is skipped shows nothing.
        var moving = shown
        moving.sent(frame: 4, view: .test, picture: nil)
        moving.acknowledged(frame: 4, isSkipped: false)
        #expect(moving.previous(of: .test) == nil)
        shown.sent(frame: 4, view: .test, picture: picture)
        shown.acknowledged(frame: 4, isSkipped: true)
        #expect(shown.previous(of: .test) == nil)
    }

    @Test func `Prints tell pictures apart by one pixel, and odd sizes have all their pixels`() {
        var random = TestRandom(seed: 5)
        for (width, height) in [(1, 1), (63, 65), (129, 3), (64, 64)] {
            var pixels = (0..<width * height).map { _ in UInt32(random.below(1 << 24)) | 0xFF00_0000 }
            let before = TilePrints(pixels.span, width: width, height: height)
            #expect(before.values.count == ((width + 63) / 64) * ((height + 63) / 64))
            for _ in 0..<20 {
                let place = random.below(pixels.count)
                let original = pixels[place]
                pixels[place] ^= 1 << UInt32(random.below(24))
                let after = TilePrints(pixels.span, width: width, height: height)
                let tile = place / width / 64 * ((width + 63) / 64) + place % width / 64
                for index in after.values.indices {
                    #expect((after.values[index] == before.values[index]) == (index != tile))
                }
                pixels[place] = original
            }
        }
    }

    @Test func `What is shown already ends a stage without a frame`() {
        var stills = StillSchedule()
        stills.changed(isMoving: false, at: 0)
        var frame: UInt32 = 0
        func send(_ stage: StillSchedule.Stage, at now: Double) {
            frame += 1
            stills.began(stage, frame: frame, at: now)
            stills.drew(frame: frame, isComplete: true)
            _ = stills.encoded(frame: frame, byteCount: 10, linkRate: 1e6, at: now)
            _ = stills.takePiece(linkRate: 1e6, at: now)
        }
        send(.still, at: 0)
        send(.refined, at: 0.3)
        send(.lossless, at: 0.7)
        #expect(stills.next(linkRate: 1e6) == nil)
        stills.dataImproved(isFinal: true, at: 2)
        #expect(stills.next(linkRate: 1e6)?.stage == .still)
        stills.began(.still, frame: 9, at: 2)
        stills.unchanged(frame: 8)
        #expect(stills.unfinishedFrame == 9)
        stills.unchanged(frame: 9)
        #expect(stills.unfinishedFrame == nil && stills.next(linkRate: 1e6) == nil)
        stills.dataImproved(isFinal: true, at: 3)
        send(.still, at: 3)
        #expect(stills.next(linkRate: 1e6)?.stage == .refined)
        stills.began(.refined, frame: 11, at: 3.2)
        stills.unchanged(frame: 11)
        #expect(stills.next(linkRate: 1e6)?.stage == .lossless)
    }
}
