// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Glibc
import ImageCoding
import JSONCoding
import ModelStorage
import Rendering
import StreamCore
import StreamService
import Synchronization
import TestSupport
import Testing

/// What a viewer shows at rest, put together from the messages it was sent, and the renderer's own pixels.
@Suite(.serialized) struct RestingFrameTests {
    private static let (width, height) = (640, 480)

    /// A quiet plate, and in one corner of it bumps that need more triangles when they may be less wrong.
    private static let archive: String = {
        var lines = ["o plate", "v -60 -8 -60", "v 160 -8 -60", "v 160 -8 160", "v -60 -8 160", "f 1 4 3", "f 1 3 2"]
        let size = 70
        lines.append("o bumps")
        for y in 0...size {
            for x in 0...size {
                let bump = (x * x * 7 + y * y * 13 + x * y * 3) % 101
                lines.append("v \(60 + Double(x) * 0.4) \(Double(bump) * 0.03 - 5) \(60 + Double(y) * 0.4)")
            }
        }
        for y in 0..<size {
            for x in 0..<size {
                let a = y * (size + 1) + x + 5
                lines.append("f \(a) \(a + size + 1) \(a + 1)")
                lines.append("f \(a + 1) \(a + size + 1) \(a + size + 2)")
            }
        }
        return TestModels.make("plate", Array((lines.joined(separator: "\n") + "\n").utf8))
    }()

    /// A service of its own: two benches number their viewers alike.
    private static let service = TestRenderer.service()
    private static let bench = Result { try ViewerBench(archive: archive, frames: service) }

    private static let view: ViewState = {
        var home = ViewState.home(
            of: Bounds(minimum: Double3(-60, -8, -60), maximum: Double3(160, 0, 160)), width: Double(width),
            height: Double(height))
        // As the protocol carries it.
        home.orientation = Double4(Float4(home.orientation))
        if case .perspective(let tangent) = home.projection {
            home.projection = .perspective(tangent: Double(Float(tangent)))
        }
        return home
    }()

    private func message(_ sequence: UInt32, threshold: Float, shift: Double = 0) -> ClientMessage {
        let view = RestingFrameTests.view
        guard case .perspective(let tangent) = view.projection else { preconditionFailure("home is perspective") }
        return .view(
            Wire.View(
                sequence: sequence, eye: view.eye + Double3(shift, 0, 0), orientation: Float4(view.orientation),
                projection: .perspective, scale: Float(tangent), width: UInt16(view.width),
                height: UInt16(view.height), thresholdPixels: threshold, velocity: .zero, angularVelocity: .zero,
                focus: .zero, isMoving: false))
    }

    private func watcher() throws -> FrameWatcher {
        try FrameWatcher(RestingFrameTests.bench.get(), "model=m&path=server&viewport=640x480")
    }

    /// The picture on a screen: RGB, and nothing (nil) where the viewer paints its background.
    private func composed(_ frames: [FrameWatcher.Shown]) throws -> [SIMD3<UInt8>?] {
        let (width, height) = (RestingFrameTests.width, RestingFrameTests.height)
        var screen = [SIMD3<UInt8>?](repeating: nil, count: width * height)
        for frame in frames {
            let header = frame.header
            if header.isWhole { screen = Array(repeating: nil, count: width * height) }
            // Moving frames may be smaller where the machine is busy.
            let isFull = Int(header.width) == width && Int(header.height) == height
            #expect(isFull || header.isWhole)
            guard header.byteCount > 0, isFull else { continue }
            let image = try ImageDecoding.decode(frame.payload.rawSpan, maximumPixels: 1 << 20, channelCount: 3)
            for y in 0..<image.height {
                for x in 0..<image.width {
                    let source = 3 * (y * image.width + x)
                    screen[(y + Int(header.top)) * width + x + Int(header.left)] = SIMD3(
                        image.pixels[source], image.pixels[source + 1], image.pixels[source + 2])
                }
            }
        }
        return screen
    }

    /// What the renderer draws for a refined still.
    private func drawn(threshold: Double, passes: Int) throws -> [SIMD4<UInt8>] {
        let renderer = try FrameRenderer(RendererOptions())
        let decoders = DecodePool(threadCount: 1)
        defer { decoders.shutDown() }
        let model = try ServedModel(path: RestingFrameTests.archive)
        let scene = renderer.open(model.archive, plan: model.plan, decoders: decoders)
        var request = FrameRequest(view: RestingFrameTests.view)
        request.thresholdPixels = threshold
        request.accumulation = passes
        request.background = .light
        while true {
            let frame = try renderer.finish(renderer.begin(request, of: scene))
            defer { renderer.release(frame) }
            guard frame.isComplete, scene.status.isSettled else {
                usleep(500)
                continue
            }
            let bytes = Array(frame.pixels)
            return stride(from: 0, to: bytes.count, by: 4).map {
                SIMD4(bytes[$0], bytes[$0 + 1], bytes[$0 + 2], bytes[$0 + 3])
            }
        }
    }

    /// Each pixel is the renderer's, with as many passes as a busy machine has taken.
    private func expectExact(_ screen: [SIMD3<UInt8>?], threshold: Double) throws {
        let wrongCounts = try [8, 4, 1].map { wrongCount(screen, try drawn(threshold: threshold, passes: $0)) }
        #expect(wrongCounts.contains(0), "pixels that differ: \(wrongCounts)")
    }

    private func wrongCount(_ screen: [SIMD3<UInt8>?], _ drawn: [SIMD4<UInt8>]) -> Int {
        zip(screen, drawn).count { shown, pixel in
            !(shown.map { $0 == SIMD3(pixel.x, pixel.y, pixel.z) } ?? (pixel.w == 0))
        }
    }

    private func settle(_ watcher: FrameWatcher, _ sequence: UInt32) async throws {
        try await watcher.wait("view \(sequence) ends lossless") {
            $0.header.kind == .lossless && $0.header.view == sequence
        }
    }

    @Test func `only what has changed is sent again, and every pixel is exact in the end`() async throws {
        let watcher = try watcher()
        watcher.say(message(1, threshold: 3))
        try await settle(watcher, 1)
        let coarse = watcher.shown
        try expectExact(composed(coarse), threshold: 3)
        watcher.say(message(2, threshold: 0.5))
        try await settle(watcher, 2)
        let fine = watcher.shown.filter { $0.header.view == 2 }
        #expect(fine.map(\.header.kind).allSatisfy { $0 != .moving })
        #expect(fine.contains { $0.header.kind == .still && !$0.header.isWhole })
        for frame in fine where !frame.header.isWhole {
            let area = Int(frame.header.imageWidth) * Int(frame.header.imageHeight)
            #expect(area < RestingFrameTests.width * RestingFrameTests.height / 3)
        }
        // A busy machine may have taken more or fewer passes than before, or none: then all pixels differ.
        if fine.contains(where: { $0.header.kind == .refined && !$0.header.isWhole }) {
            #expect(fine.last?.header.isWhole == false)
        }
        try expectExact(composed(watcher.shown), threshold: 0.5)
    }

    @Test func `what is shown already is not sent again`() async throws {
        let watcher = try watcher()
        watcher.say(message(1, threshold: 0.5))
        try await settle(watcher, 1)
        let count = watcher.shown.count
        // Finer than the finest there is: the same triangles.
        watcher.say(message(2, threshold: 0.4))
        try await eventually("it is drawn and found equal") {
            watcher.take()
            let report = await withCheckedContinuation { continuation in
                watcher.mailbox.post(.inspect { continuation.resume(returning: $0) })
            }
            return report["statistics"]?["frames"]?["unchanged"] == 1
        }
        try await Task.sleep(for: .milliseconds(300))
        watcher.take()
        #expect(watcher.shown.count == count)
    }

    @Test func `who has skipped a picture gets the next one whole`() async throws {
        let watcher = try watcher()
        watcher.say(message(1, threshold: 3))
        try await watcher.wait("it is refined") { $0.header.kind == .refined && $0.header.view == 1 }
        watcher.isSkipping.store(true, ordering: .relaxed)
        try await settle(watcher, 1)
        watcher.isSkipping.store(false, ordering: .relaxed)
        watcher.say(message(2, threshold: 0.5))
        try await settle(watcher, 2)
        let still = try #require(watcher.shown.first { $0.header.view == 2 })
        #expect(still.header.isWhole)
        try expectExact(composed(watcher.shown.filter { $0.header.view == 2 }), threshold: 0.5)
    }

    @Test func `another camera or background begins with a whole picture`() async throws {
        let watcher = try watcher()
        let hello = { (colors: String) in
            ClientMessage.hello(Wire.Hello(json: Array(#"{"background":\#(colors)}"#.utf8)))
        }
        watcher.say(hello(##"["#202428","#101214"]"##))
        watcher.say(message(1, threshold: 0.5))
        try await settle(watcher, 1)
        watcher.say(message(2, threshold: 0.5, shift: 1))
        try await settle(watcher, 2)
        watcher.say(message(3, threshold: 0.5))
        try await settle(watcher, 3)
        watcher.say(hello(##"["#f1f4f7","#ccd4dd"]"##))
        let count = watcher.shown.count
        try await eventually("it is drawn again") {
            watcher.take()
            return watcher.shown.dropFirst(count).contains { $0.header.kind == .lossless }
        }
        for view in 1...3 {
            let first = try #require(watcher.shown.first { $0.header.view == UInt32(view) })
            #expect(first.header.isWhole)
        }
        let others = watcher.shown.dropFirst(count)
        #expect(others.allSatisfy { $0.header.isWhole && $0.header.kind != .moving }, "it never becomes coarse")
        try expectExact(composed(watcher.shown), threshold: 0.5)
        // Whoever says the same again sees the same.
        watcher.say(hello(##"["#f1f4f7","#ccd4dd"]"##))
        let end = watcher.shown.count
        try await Task.sleep(for: .milliseconds(300))
        watcher.take()
        #expect(watcher.shown.count == end)
    }

    @Test func `interruptions at any time leave every pixel exact`() async throws {
        let watcher = try watcher()
        var sequence: UInt32 = 0
        for pause in [60, 150, 230, 330, 450, 90, 700, 20, 400] {
            sequence += 1
            watcher.say(message(sequence, threshold: sequence % 2 == 0 ? 3 : 0.5))
            try await Task.sleep(for: .milliseconds(pause))
            watcher.take()
        }
        watcher.say(message(20, threshold: 3))
        try await Task.sleep(for: .milliseconds(200))
        watcher.say(message(21, threshold: 0.5))
        // If that is shown already, no frame comes any more.
        let expected = try [8, 4, 1].map { try drawn(threshold: 0.5, passes: $0) }
        try await eventually("every pixel is exact") {
            try await Task.sleep(for: .milliseconds(300))
            watcher.take()
            let screen = try composed(watcher.shown)
            return expected.contains { wrongCount(screen, $0) == 0 }
        }
    }
}
