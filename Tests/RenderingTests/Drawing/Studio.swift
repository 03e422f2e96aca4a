// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import GPU
import Glibc
import ImageCoding
import ModelImport
import ModelStorage
import StreamCore
import TestSupport
import Testing

@testable import Rendering

/// Whether there is any Vulkan to test with.
enum Vulkan {
    static let isMissing: Bool = {
        Lavapipe.pin
        return (try? FrameRenderer.devices().isEmpty) ?? true
    }()

    static let comment: Comment = "there is no Vulkan driver: install mesa-vulkan-drivers"
}

/// A finished picture, copied out of its frame.
struct Picture {
    var width: Int
    var height: Int
    var pixels: [UInt8]
    var identities: [UInt32]
    var depthGrid: [Float]
    var contentRectangle: PixelRectangle
    var planes: (luma: [UInt8], blue: [UInt8], red: [UInt8], lumaStride: Int, chromaStride: Int)?
    var triangleCount: Int
    var isComplete: Bool

    init(_ frame: RenderedFrame) {
        width = frame.width
        height = frame.height
        pixels = Array(frame.pixels)
        identities = Array(frame.identities.bindMemory(to: UInt32.self))
        depthGrid = frame.depthGrid
        contentRectangle = frame.contentRectangle
        planes = frame.planes.map {
            (Array($0.luma), Array($0.blue), Array($0.red), $0.lumaStride, $0.chromaStride)
        }
        triangleCount = frame.triangleCount
        isComplete = frame.isComplete
    }

    subscript(_ x: Int, _ y: Int) -> [UInt8] { Array(pixels[4 * (y * width + x)..<4 * (y * width + x) + 4]) }

    /// Largest difference of a channel, and the mean of all.
    func difference(_ other: Picture) -> (largest: Int, mean: Double) {
        var largest = 0
        var sum = 0
        for (a, b) in zip(pixels, other.pixels) {
            let difference = abs(Int(a) - Int(b))
            largest = max(largest, difference)
            sum += difference
        }
        return (largest, Double(sum) / Double(max(1, pixels.count)))
    }

    /// Alpha values that are neither nothing nor all.
    var edgeLevels: Set<UInt8> {
        Set(stride(from: 3, to: pixels.count, by: 4).map { pixels[$0] }).subtracting([0, 255])
    }
}

/// A renderer with threads that decode for it.
final class Studio {
    let renderer: FrameRenderer
    let decoders = DecodePool(threadCount: 2)

    init(_ options: RendererOptions) throws { renderer = try FrameRenderer(options) }
    deinit { decoders.shutDown() }

    func open(_ model: TestModel) -> RenderScene {
        renderer.open(model.archive, plan: model.plan, decoders: decoders)
    }

    /// Draws until nothing is missing.
    func picture(_ request: FrameRequest, of scene: RenderScene) throws -> Picture {
        for _ in 0..<2000 {
            let frame = try renderer.finish(renderer.begin(request, of: scene))
            defer { renderer.release(frame) }
            if frame.isComplete, scene.status.isSettled { return Picture(frame) }
            // Decoding threads want a turn.
            usleep(500)
        }
        throw RenderingError.invalidRequest("the scene does not settle")
    }
}

/// Runs a test's body with a validated renderer, and checks that the layer has nothing to say and nothing stays behind.
func withStudio(_ options: RendererOptions = RendererOptions(), _ body: (Studio) throws -> Void) throws {
    var options = options
    options.isValidated = true
    options.objects = ObjectCounter()
    var messages: [String] = []
    do {
        let studio = try Studio(options)
        #expect(studio.renderer.isValidated, "install vulkan-validationlayers")
        defer { messages = studio.renderer.validationMessages }
        try body(studio)
    }
    #expect(messages == [])
    #expect(options.objects.liveCount == 0)
}

extension RendererOptions {
    static func gpuPaths(_ isUsed: Bool) -> RendererOptions {
        var options = RendererOptions()
        options.usesGPUPaths = isUsed
        return options
    }
}

extension FrameRequest {
    /// A small picture of everything, from a distance along a direction.
    static func small(
        _ model: TestModel, width: Int = 96, height: Int = 64, distance: Double = 5,
        direction: Double3 = Double3(0, 0, 1)
    ) -> FrameRequest {
        var view = ViewState.at(model.archive.bounds.center, from: distance, direction: direction)
        view.width = Double(width)
        view.height = Double(height)
        var request = FrameRequest(view: view)
        request.triangleLimit = Int.max
        return request
    }
}

extension TestModel {
    /// A ball of radius 1 in one unlit colour: every pixel of it is known.
    static let flat = Result {
        var model = source([try Ball(24, material: 0).part("ball")])
        var material = Material()
        material.isUnlit = true
        material.baseColorFactor = [0.2, 0.4, 0.6, 1]
        model.materials = [material]
        return try TestModel(model)
    }
}
