// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import Glibc
import StreamCore
import Testing

@testable import Rendering

@Suite(.serialized, .disabled(if: Vulkan.isMissing, Vulkan.comment)) struct TiledPictureTests {
    /// Draws all pieces, each as long as `milliseconds` allow.
    private func draw(
        _ request: FrameRequest, of scene: RenderScene, _ studio: Studio, milliseconds: Double,
        between: () throws -> Void = {}
    ) throws -> (pixels: [UInt8], pieceCount: Int) {
        let picture = try studio.renderer.compose(request, of: scene)
        var pieceCount = 0
        while !picture.isFinished {
            let pending = try studio.renderer.beginPiece(of: picture, milliseconds: milliseconds)
            try between()
            try studio.renderer.finishPiece(pending, of: picture)
            pieceCount += 1
        }
        return (picture.pixels, pieceCount)
    }

    private func largestDifference(_ a: [UInt8], _ b: [UInt8]) -> Int {
        zip(a, b).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    }

    private func request(_ model: TestModel, width: Int, height: Int, distance: Double = 4) -> FrameRequest {
        var request = FrameRequest.small(
            model, width: width, height: height, distance: distance, direction: Double3(0.3, 0.4, 1))
        request.thresholdPixels = 0.5
        return request
    }

    @Test(arguments: [(false, 1, 1), (false, 4, 4), (true, 4, 2)])
    func `pieces make the picture that is drawn at once`(
        usesGPUPaths: Bool, sampleCount: Int, accumulation: Int
    ) throws {
        for model in [try TestModel.stone.get(), try TestModel.glass.get()] {
            try withStudio(.gpuPaths(usesGPUPaths)) { studio in
                let scene = studio.open(model)
                var request = request(model, width: 701, height: 270)
                request.sampleCount = sampleCount
                request.accumulation = accumulation
                let whole = try studio.picture(request, of: scene)
                // So short that every tile is as small as tiles are, and every pass is a piece of its own.
                for milliseconds in [1e6, 1e-3] {
                    let (pixels, pieceCount) = try draw(request, of: scene, studio, milliseconds: milliseconds)
                    #expect(pieceCount >= (milliseconds < 1 ? 40 * accumulation : 2))
                    #expect(pixels.count == whole.pixels.count)
                    #expect(largestDifference(pixels, whole.pixels) <= 1, "no seam shows")
                }
            }
        }
    }

    @Test func `many instances are cut without loss, from far and among them`() throws {
        let model = try TestModel.row.get()
        try withStudio { studio in
            let scene = studio.open(model)
            for distance in [2.0, 30, 400] {
                for isOrthographic in [false, true] {
                    var request = request(model, width: 520, height: 300, distance: distance)
                    if isOrthographic { request.view.projection = .orthographic(halfHeight: distance / 3) }
                    request.background = .transparent
                    let whole = try studio.picture(request, of: scene)
                    let (pixels, _) = try draw(request, of: scene, studio, milliseconds: 1e-3)
                    #expect(largestDifference(pixels, whole.pixels) <= 1, "\(distance) m")
                }
            }
        }
    }

    @Test func `others' pictures in between change nothing, also when its data leaves`() throws {
        let model = try TestModel.row.get()
        try withStudio { studio in
            let scene = studio.open(model)
            var request = request(model, width: 530, height: 270, distance: 12)
            request.accumulation = 2
            let whole = try studio.picture(request, of: scene)
            var other = FrameRequest.small(model, width: 100, height: 100, distance: 3)
            other.viewer = 7
            var round = 0
            let (pixels, _) = try draw(request, of: scene, studio, milliseconds: 1e-3) {
                round += 1
                if round == 10 { scene.shrink() }
                if round == 30 { scene.reset() }
                studio.renderer.release(try studio.renderer.finish(studio.renderer.begin(other, of: scene)))
            }
            #expect(largestDifference(pixels, whole.pixels) <= 1)
        }
    }

    @Test func `a picture that nobody wants any more gives back what it held`() throws {
        let model = try TestModel.stone.get()
        try withStudio { studio in
            let scene = studio.open(model)
            var request = request(model, width: 600, height: 600)
            request.accumulation = 4
            for pieceCount in 0..<6 {
                let picture = try studio.renderer.compose(request, of: scene)
                for _ in 0..<pieceCount {
                    try studio.renderer.finishPiece(
                        studio.renderer.beginPiece(of: picture, milliseconds: 1e-3), of: picture)
                }
                studio.renderer.discard(picture)
            }
            let used = studio.renderer.usedByteCount
            studio.renderer.rest()
            // Targets of four samples, the sum of passes and what is read back take 60 bytes a pixel.
            #expect(studio.renderer.usedByteCount <= used - 40 * 512 * 512)
        }
    }

    @Test func `a lost device ends it with an error, and the next one is drawn`() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let scene = studio.open(model)
            let request = request(model, width: 600, height: 300)
            let picture = try studio.renderer.compose(request, of: scene)
            try studio.renderer.finishPiece(studio.renderer.beginPiece(of: picture, milliseconds: 1e-3), of: picture)
            let pending = try studio.renderer.beginPiece(of: picture, milliseconds: 1e-3)
            try studio.renderer.recover()
            #expect {
                try studio.renderer.finishPiece(pending, of: picture)
            } throws: { ($0 as? RenderingError)?.isDeviceLost == true }
            #expect {
                _ = try studio.renderer.beginPiece(of: picture, milliseconds: 1e-3)
            } throws: { ($0 as? RenderingError)?.isDeviceLost == true }
            let whole = try studio.picture(request, of: scene)
            #expect(largestDifference(try draw(request, of: scene, studio, milliseconds: 5).pixels, whole.pixels) <= 1)
        }
    }

    @Test func `what a piece cannot give is refused`() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let scene = studio.open(model)
            let changes: [(inout FrameRequest) -> Void] = [
                { $0.needsIdentities = true }, { $0.needsPlanes = true },
                { $0.depthGrid = GridSize(columns: 2, rows: 2) }, { $0.view.width = 20_000 },
            ]
            for change in changes {
                var request = FrameRequest.small(model)
                change(&request)
                #expect(throws: RenderingError.self) { _ = try studio.renderer.compose(request, of: scene) }
            }
        }
    }
}
