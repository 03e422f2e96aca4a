// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import ModelImport
import ModelStorage
import StreamCore
import Testing

@testable import Rendering

@Suite(.serialized, .disabled(if: Vulkan.isMissing, Vulkan.comment)) struct PictureTests {
    /// Encoded sRGB of the flat ball's colour.
    private let flatColor: [UInt8] = [124, 170, 203]

    @Test(arguments: [false, true]) func aBallIsWhereTheCameraSeesIt(usesGPUPaths: Bool) throws {
        let model = try TestModel.flat.get()
        try withStudio(.gpuPaths(usesGPUPaths)) { studio in
            var request = FrameRequest.small(model)
            request.needsIdentities = true
            request.depthGrid = GridSize(columns: 3, rows: 3)
            let picture = try studio.picture(request, of: studio.open(model))
            let middle = picture[48, 32]
            #expect(zip(middle, flatColor + [255]).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
            // The bumps of the ball add up to a tenth of its radius.
            let depth = picture.depthGrid[4]
            #expect(depth > 3.85 && depth < 4.05)
            #expect(picture.depthGrid[0] == .infinity && picture.depthGrid[8] == .infinity)
            #expect(picture.identities[32 * 96 + 48] == 1 && picture.identities[0] == 0)
            // The ball's half width is atan(1 / 5) in a picture whose half height is atan(0.3).
            let rectangle = picture.contentRectangle
            #expect(abs(rectangle.width - 44) <= 4 && abs(rectangle.height - 44) <= 4)
            #expect(abs(2 * rectangle.left + rectangle.width - 96) <= 3)
            for x in [0, 95] { for y in [0, 63] { #expect(picture[x, y][3] == 0) } }
        }
    }

    @Test(arguments: [1, 4]) func planesCutTheModel(sampleCount: Int) throws {
        let model = try TestModel.flat.get()
        let center = model.archive.bounds.center
        try withStudio { studio in
            let scene = studio.open(model)
            var request = FrameRequest.small(model)
            request.sampleCount = sampleCount
            request.needsIdentities = true
            // What is right of the middle, and not far above it.
            request.clipPlanes = [SIMD4(1, 0, 0, -center.x), SIMD4(0, -1, 0, center.y + 0.3)]
            let picture = try studio.picture(request, of: scene)
            let (left, right, above) = (picture[40, 36], picture[56, 36], picture[56, 18])
            #expect(left[3] == 0 && above[3] == 0)
            #expect(zip(right, flatColor + [255]).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
            #expect(picture.identities[36 * 96 + 40] == 0 && picture.identities[36 * 96 + 56] == 1)
            #expect(abs(picture.contentRectangle.left - 48) <= 1)
            request.clipPlanes = []
            #expect(try studio.picture(request, of: scene)[40, 36][3] == 255)
        }
    }

    @Test func theBackgroundIsTheBrowsersGradient() throws {
        let model = try TestModel.empty()
        try withStudio { studio in
            var request = FrameRequest.small(model, width: 64, height: 101)
            let scene = studio.open(model)
            let picture = try studio.picture(request, of: scene)
            #expect(picture.contentRectangle.isEmpty && picture.triangleCount == 0)
            // Halfway up the mean of both colours, at the edges the colours themselves; the sides are a little darker.
            let expected: [(y: Int, color: [Double])] = [
                (0, [0xf1, 0xf4, 0xf7]), (50, [222.5, 228, 234]), (100, [0xcc, 0xd4, 0xdd]),
            ]
            for (y, color) in expected {
                for x in [0, 32, 63] {
                    let aside = (Double(x) + 0.5) / 64 - 0.5
                    let shade = 1 - 0.1 * aside * aside
                    let pixel = picture[x, y]
                    for channel in 0..<3 { #expect(abs(Double(pixel[channel]) - color[channel] * shade) <= 1.5) }
                }
            }
            request.background = .transparent
            #expect(try studio.picture(request, of: scene).pixels.allSatisfy { $0 == 0 })
        }
    }

    @Test func bothWaysOfDrawingGiveTheSamePicture() throws {
        let model = try TestModel.row.get()
        var pictures: [Picture] = []
        for usesGPUPaths in [false, true] {
            try withStudio(.gpuPaths(usesGPUPaths)) { studio in
                var request = FrameRequest.small(
                    model, width: 201, height: 77, distance: 12, direction: Double3(0.3, 0.4, 1))
                request.thresholdPixels = 0.05
                request.needsIdentities = true
                request.depthGrid = GridSize(columns: 16, rows: 9)
                pictures.append(try studio.picture(request, of: studio.open(model)))
            }
        }
        let (host, device) = (pictures[0], pictures[1])
        #expect(host.pixels == device.pixels && host.identities == device.identities)
        #expect(host.contentRectangle == device.contentRectangle && host.depthGrid == device.depthGrid)
        #expect(Set(host.identities).count > 4)
    }

    @Test func everySizeIsDrawn() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let scene = studio.open(model)
            for (width, height) in [(1, 1), (1, 50), (63, 65), (64, 64), (1500, 7), (2049, 1025)] {
                var request = FrameRequest.small(model, width: width, height: height, distance: 3)
                request.depthGrid = GridSize(columns: 64, rows: 36)
                let picture = try studio.picture(request, of: scene)
                #expect(picture.pixels.count == 4 * width * height && picture.depthGrid.count == 64 * 36)
                #expect(picture[width / 2, height / 2][3] > 0, "\(width) × \(height)")
            }
        }
    }

    @Test func requestsThatMakeNoSenseAreRefused() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let scene = studio.open(model)
            let changes: [(inout FrameRequest) -> Void] = [
                { $0.view.width = 20_000 }, { $0.view.eye.x = .nan }, { $0.sampleCount = 3 }, { $0.accumulation = 0 },
                { $0.accumulation = 17 }, { $0.clipPlanes = [SIMD4(1, 1, 0, 0)] },
                { $0.clipPlanes = .init(repeating: SIMD4(1, 0, 0, 0), count: 7) }, { $0.thresholdPixels = 0 },
                { $0.depthGrid = GridSize(columns: 0, rows: 1) },
            ]
            for change in changes {
                var request = FrameRequest.small(model)
                change(&request)
                #expect {
                    try studio.renderer.begin(request, of: scene)
                } throws: { error in
                    guard case RenderingError.invalidRequest = error else { return false }
                    return true
                }
            }
            // Two may be on their way, a third one not.
            let request = FrameRequest.small(model)
            let pending = try (0..<2).map { _ in try studio.renderer.begin(request, of: scene) }
            #expect(throws: RenderingError.self) { try studio.renderer.begin(request, of: scene) }
            for frame in pending { studio.renderer.release(try studio.renderer.finish(frame)) }
        }
    }

    @Test func edgesAreSmoothWithSamplesAndSmootherWithPasses() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let scene = studio.open(model)
            var request = FrameRequest.small(model)
            request.background = .transparent
            func picture(samples: Int, passes: Int) throws -> Picture {
                request.sampleCount = samples
                request.accumulation = passes
                return try studio.picture(request, of: scene)
            }
            let rough = try picture(samples: 1, passes: 1)
            let smooth = try picture(samples: 4, passes: 1)
            let still = try picture(samples: 4, passes: 16)
            #expect(rough.edgeLevels.isEmpty)
            #expect(smooth.edgeLevels.count == 3 && still.edgeLevels.count > 12)
            // Nothing moves: what is inside stays, and the edges stay within a pixel.
            #expect(still[48, 32] == smooth[48, 32])
            #expect(abs(still.contentRectangle.left - rough.contentRectangle.left) <= 1)
            #expect(abs(still.contentRectangle.width - rough.contentRectangle.width) <= 2)
            // As much is covered, whichever way it is counted.
            func area(_ picture: Picture) -> Double {
                stride(from: 3, to: picture.pixels.count, by: 4).reduce(0) { $0 + Double(picture.pixels[$1]) / 255 }
            }
            #expect(abs(area(still) - area(rough)) < 0.01 * area(rough))
        }
    }

    @Test(arguments: [false, true], [1, 4])
    func passesDrawnInPartsGiveTheSamePicture(usesGPUPaths: Bool, sampleCount: Int) throws {
        let model = try TestModel.stone.get()
        try withStudio(.gpuPaths(usesGPUPaths)) { studio in
            let (renderer, scene) = (studio.renderer, studio.open(model))
            var request = FrameRequest.small(model)
            request.sampleCount = sampleCount
            request.accumulation = 5
            request.needsIdentities = true
            request.depthGrid = GridSize(columns: 5, rows: 4)
            let whole = try studio.picture(request, of: scene)
            var other = FrameRequest.small(model)
            other.view.eye += 0.3 * other.view.axes.x
            other.viewer = 1
            var part: RenderedFrame?
            for passes in [0..<1, 1..<3, 3..<5] {
                request.passes = passes
                part = try renderer.finish(renderer.begin(request, of: scene, continuing: part))
                #expect(part?.isPartial == (passes.upperBound < 5))
                #expect(part?.pixels.isEmpty == part?.isPartial)
                // Somebody else's picture comes between.
                let frame = try renderer.finish(renderer.begin(other, of: scene))
                #expect(Array(frame.pixels) != whole.pixels)
                renderer.release(frame)
            }
            let frame = try #require(part)
            defer { renderer.release(frame) }
            let picture = Picture(frame)
            #expect(picture.pixels == whole.pixels && picture.identities == whole.identities)
            #expect(picture.contentRectangle == whole.contentRectangle)
            // The depth of one pass or of another.
            for (a, b) in zip(picture.depthGrid, whole.depthGrid) { #expect(a == b || abs(a - b) < 0.02) }
        }
    }

    @Test func partsThatDoNotFollowAreRefused() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let (renderer, scene) = (studio.renderer, studio.open(model))
            var request = FrameRequest.small(model)
            request.accumulation = 4
            func begin(_ passes: Range<Int>, _ part: RenderedFrame?) throws -> RenderedFrame {
                request.passes = passes
                return try renderer.finish(renderer.begin(request, of: scene, continuing: part))
            }
            #expect(throws: RenderingError.self) { try begin(1..<2, nil) }
            #expect(throws: RenderingError.self) { try begin(0..<0, nil) }
            #expect(throws: RenderingError.self) { try begin(3..<5, nil) }
            for wrong in [0..<1, 2..<4] {
                let part = try begin(0..<1, nil)
                #expect(throws: RenderingError.self) { try begin(wrong, part) }
            }
            let part = try begin(0..<1, nil)
            request.view.width += 64
            #expect(throws: RenderingError.self) { try begin(1..<4, part) }
            request.view.width -= 64
            let last = try begin(0..<4, nil)
            #expect(throws: RenderingError.self) { try begin(1..<4, last) }
        }
    }

    @Test func theSameRequestGivesTheSameBytes() throws {
        let model = try TestModel.stone.get()
        try withStudio { studio in
            let request = FrameRequest.small(model)
            let scene = studio.open(model)
            let first = try studio.picture(request, of: scene)
            _ = try studio.picture(.small(model, width: 33, distance: 3), of: scene)
            #expect(try studio.picture(request, of: scene).pixels == first.pixels)
            // And so does another scene of the same archive.
            #expect(try studio.picture(request, of: studio.open(model)).pixels == first.pixels)
        }
    }

    @Test func mirroredInstancesShowTheirOutside() throws {
        var material = Material()
        material.baseColorFactor = [0.8, 0.3, 0.2, 1]
        var pictures: [Picture] = []
        for mirror in [1.0, -1.0] {
            // Building takes the part's arrays, so each model has its own.
            let part = try Ball(24, material: 0).part("ball")
            var source = TestModel.source([part], [(0, .scale(Double3(mirror, 1, 1)))])
            source.materials = [material]
            let model = try TestModel(source)
            try withStudio { studio in
                var request = FrameRequest.small(model, direction: Double3(mirror * 0.3, 0.5, 1))
                request.sampleCount = 1
                request.depthGrid = GridSize(columns: 24, rows: 16)
                pictures.append(try studio.picture(request, of: studio.open(model)))
            }
        }
        // Seen from the other side the mirrored ball has the mirrored outline, and its near side is as near.
        let (plain, mirrored) = (pictures[0], pictures[1])
        for row in 0..<16 {
            for column in 0..<24 {
                let (a, b) = (plain.depthGrid[24 * row + column], mirrored.depthGrid[24 * row + 23 - column])
                #expect(a == b || abs(a - b) < 0.05)
            }
        }
    }

    @Test func whatIsBehindGlassIsSeen() throws {
        let model = try TestModel.glass.get()
        try withStudio { studio in
            var request = FrameRequest.small(model, width: 160, height: 90, distance: 12, direction: Double3(0, 0.1, 1))
            request.thresholdPixels = 0.05
            request.background = .transparent
            request.needsIdentities = true
            let picture = try studio.picture(request, of: studio.open(model))
            // The globe in its glass hides everything; the second glass is empty and its edge lets light through.
            let alphas = Set(stride(from: 3, to: picture.pixels.count, by: 4).map { picture.pixels[$0] })
            #expect(alphas.contains(255) && alphas.contains(0))
            // Blended surfaces have identities too.
            #expect(Set(picture.identities).count >= 3)
        }
    }

    @Test func picturesOnTheirWayKeepTheirOwnView() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let scene = studio.open(model)
            let requests = [FrameRequest.small(model), .small(model, distance: 9)]
            let alone = try requests.map { try studio.picture($0, of: scene) }
            for _ in 0..<10 {
                let pending = try requests.map { try studio.renderer.begin($0, of: scene) }
                let frames = try pending.map { try studio.renderer.finish($0) }
                #expect(pending.allSatisfy(studio.renderer.isFinished))
                #expect(zip(frames, alone).allSatisfy { Array($0.pixels) == $1.pixels })
                for frame in frames { studio.renderer.release(frame) }
            }
        }
    }
}
