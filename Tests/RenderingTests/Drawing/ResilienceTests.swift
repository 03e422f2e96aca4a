// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore
import Testing

@testable import Rendering

@Suite(.serialized, .disabled(if: Vulkan.isMissing, Vulkan.comment)) struct ResilienceTests {
    @Test func aStormOfSizesLeavesNothingBehind() throws {
        let model = try TestModel.flat.get()
        try withStudio { studio in
            let scene = studio.open(model)
            var pending: [PendingFrame] = []
            for round in 0..<60 {
                var request = FrameRequest.small(
                    model, width: 1 + round * 97 % 400, height: 1 + round * 61 % 300)
                request.sampleCount = round % 3 == 0 ? 1 : 4
                request.accumulation = round % 7 == 0 ? 3 : 1
                request.needsIdentities = round % 5 == 0
                request.depthGrid = round % 2 == 0 ? GridSize(columns: 8, rows: 8) : nil
                if pending.count == FrameRenderer.framesInFlight {
                    studio.renderer.release(try studio.renderer.finish(pending.removeFirst()))
                }
                pending.append(try studio.renderer.begin(request, of: scene))
            }
            for frame in pending { studio.renderer.release(try studio.renderer.finish(frame)) }
        }
    }

    @Test func aSceneMayCloseWhileItsPictureIsDrawn() throws {
        let model = try TestModel.row.get()
        try withStudio { studio in
            let request = FrameRequest.small(model, distance: 50)
            var scene: RenderScene? = studio.open(model)
            var frame: PendingFrame?
            for _ in 0..<3 {
                if let frame { studio.renderer.release(try studio.renderer.finish(frame)) }
                frame = try studio.renderer.begin(request, of: #require(scene))
            }
            scene = nil
            studio.renderer.release(try studio.renderer.finish(#require(frame)))
        }
    }

    @Test func aLostDeviceIsOpenedAgainAndShowsTheSame() throws {
        let model = try TestModel.stone.get()
        try withStudio { studio in
            let request = FrameRequest.small(model)
            let scene = studio.open(model)
            let before = try studio.picture(request, of: scene)
            let lost = try studio.renderer.begin(request, of: scene)
            try studio.renderer.recover()
            #expect(try studio.picture(request, of: scene).pixels == before.pixels)
            #expect {
                try studio.renderer.finish(lost)
            } throws: { ($0 as? RenderingError)?.isDeviceLost == true }
            #expect(try studio.picture(request, of: scene).isComplete)
        }
    }

    @Test(arguments: [1, 2, 5]) func lostSubmissionsAreTold(period: Int) throws {
        let model = try TestModel.flat.get()
        var options = RendererOptions()
        options.failures = FailureInjection(everyNthSubmission: period)
        try withStudio(options) { studio in
            let scene = studio.open(model)
            var errorCount = 0
            for _ in 0..<2 * period {
                do {
                    let frame = try studio.renderer.finish(studio.renderer.begin(.small(model), of: scene))
                    studio.renderer.release(frame)
                } catch let error as RenderingError {
                    #expect(error.isDeviceLost && studio.renderer.isDeviceLost)
                    errorCount += 1
                    try studio.renderer.recover()
                }
            }
            #expect(errorCount == 2)
        }
    }

    /// Every call that can run out of memory does so once, in the first picture or in the opening.
    @Test(arguments: [false, true]) func runningOutOfMemoryIsToldWhereverItHappens(isAllocation: Bool) throws {
        let model = try TestModel.glass.get()
        let objects = ObjectCounter()
        var failedCount = 0
        for period in Array(1...12) + stride(from: 15, through: 300, by: 7) {
            var options = RendererOptions.gpuPaths(true)
            options.objects = objects
            options.failures =
                isAllocation
                ? FailureInjection(everyNthAllocation: period) : FailureInjection(everyNthCreation: period)
            var hasFailed = false
            do {
                let studio = try Studio(options)
                let scene = studio.open(model)
                var request = FrameRequest.small(model, width: 16, height: 16)
                request.needsIdentities = true
                request.needsPlanes = true
                request.accumulation = 2
                let frame = try studio.renderer.finish(studio.renderer.begin(request, of: scene))
                studio.renderer.release(frame)
            } catch let error as RenderingError {
                #expect(error.isOutOfMemory)
                hasFailed = true
            }
            #expect(objects.liveCount == 0)
            failedCount += hasFailed ? 1 : 0
            if !hasFailed { break }
        }
        #expect(failedCount >= (isAllocation ? 10 : 15))
    }

    @Test func aSmallBudgetStillShowsTheModel() throws {
        let model = try TestModel.boulder.get()
        var options = RendererOptions()
        options.budgetByteCount = 40 << 20
        options.sceneByteCount = 2 << 20
        try withStudio(options) { studio in
            let scene = studio.open(model)
            var shown: Picture?
            for _ in 0..<40 {
                let frame = try studio.renderer.finish(
                    studio.renderer.begin(.small(model, width: 320, height: 200, distance: 3), of: scene))
                shown = Picture(frame)
                studio.renderer.release(frame)
            }
            #expect(try #require(shown)[160, 100][3] == 255)
            #expect(studio.renderer.allocatedByteCount <= 40 << 20)
            // What does not fit at all is an error, not a crash, and the next small picture works again.
            var large = FrameRequest.small(model, width: 4096, height: 4096)
            large.accumulation = 2
            #expect {
                try studio.renderer.begin(large, of: scene)
            } throws: { ($0 as? RenderingError)?.isOutOfMemory == true }
            let frame = try studio.renderer.finish(studio.renderer.begin(.small(model), of: scene))
            #expect(frame.triangleCount > 0)
            studio.renderer.release(frame)
        }
    }

    @Test func aPipelineCacheIsTakenBack() throws {
        let model = try TestModel.flat.get()
        var bytes: [UInt8] = []
        for _ in 0..<2 {
            var options = RendererOptions()
            options.pipelineCacheBytes = bytes
            try withStudio(options) { studio in
                _ = try studio.picture(.small(model), of: studio.open(model))
                bytes = studio.renderer.pipelineCacheBytes
            }
        }
        #expect(bytes.count >= 32)
    }
}
