// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Foundation
import GPU
import Glibc
import ImageCoding
import JSONCoding
import ModelStorage
import StreamCore
import StreamService
import Synchronization
import TestSupport
import Testing
import Transport

/// A viewer of the server path that takes frames as the thin viewer does: acknowledges and assembles them.
final class FrameWatcher: Sendable {
    struct Shown: Sendable {
        var header: Wire.Frame
        var payload: [UInt8]
    }

    let bench: ViewerBench
    /// It says that it shows nothing of what comes.
    let isSkipping = Atomic(false)
    let connection: InMemoryConnection
    let mailbox: ViewerMailbox
    private let progress = Mutex((messages: 0, open: [UInt32: Shown](), shown: [Shown](), cancelled: Set<UInt32>()))

    init(_ bench: ViewerBench, _ query: String = "model=m&path=server&viewport=320x240") throws {
        self.bench = bench
        (connection, mailbox) = try bench.connect(query)
    }

    deinit { mailbox.post(.closed(code: 1001)) }

    var shown: [Shown] { progress.withLock { $0.shown } }

    func say(_ message: ClientMessage) { mailbox.post(.message(message.encode())) }

    /// Takes in what has arrived, and says what was received and shown.
    func take() {
        let messages = connection.messages
        var complete: [UInt32] = []
        progress.withLock { progress in
            for message in messages[progress.messages...] {
                switch message {
                case .frame(let header):
                    progress.open[header.frame] = Shown(header: header, payload: [])
                    if header.byteCount == 0 { complete.append(header.frame) }
                case .framePart(let part):
                    guard progress.open[part.frame]?.payload.count == Int(part.offset) else { continue }
                    progress.open[part.frame]!.payload += part.payload
                    let frame = progress.open[part.frame]!
                    if frame.payload.count == Int(frame.header.byteCount) { complete.append(part.frame) }
                case .frameCancelled(let message):
                    progress.open[message.frame] = nil
                    progress.cancelled.insert(message.frame)
                default: break
                }
            }
            progress.messages = messages.count
            for frame in complete { progress.shown.append(progress.open.removeValue(forKey: frame)!) }
        }
        for frame in complete {
            say(.frameReceived(Wire.FrameReceived(frame: frame, gapMicroseconds: 400)))
            say(
                .frameShown(
                    Wire.FrameShown(
                        frame: frame, isSkipped: isSkipping.load(ordering: .relaxed), decodeMicroseconds: 2000,
                        latencyMicroseconds: 30_000)))
        }
    }

    /// Waits until a frame is shown that `isWanted` wants.
    @discardableResult
    func wait(_ what: Comment, _ isWanted: (Shown) -> Bool) async throws -> Shown {
        try await eventually(what) {
            take()
            return shown.contains(where: isWanted)
        }
        let found = shown.first(where: isWanted)
        return try #require(found)
    }
}

/// The tests' device and the server around it: made once, because that takes a while.
enum TestRenderer {
    static func service(
        _ changes: (inout RendererConfiguration) -> Void = { _ in }, failures: FailureInjection = FailureInjection(),
        cacheFile: PipelineCacheFile? = nil, usesGPUPaths: Bool? = nil
    ) -> FrameService {
        var configuration = RendererConfiguration()
        changes(&configuration)
        let service = FrameService(
            configuration: configuration, metrics: Metrics(), clock: MachineClock(), log: LogLines().logger(),
            failures: failures, cacheFile: cacheFile, usesGPUPaths: usesGPUPaths)
        // Before what the driver takes down as the program ends, for which it has to be there.
        service.waitUntilStarted()
        _ = stopsAtExit
        alive.withLock { $0.append(WeakService(service: service)) }
        return service
    }

    private struct WeakService { weak var service: FrameService? }
    private static let alive = Mutex<[WeakService]>([])
    private static let stopsAtExit: Void = {
        atexit { for entry in TestRenderer.alive.withLock({ $0 }) { entry.service?.stop() } }
    }()

    static let shared = service()
    static let bench = Result { try ViewerBench(frames: shared) }
}

@Suite(.serialized) struct FrameTests {
    private func view(_ sequence: UInt32, isMoving: Bool, width: UInt16 = 320, height: UInt16 = 240) -> ClientMessage {
        let home = ViewState.home(
            of: Bounds(minimum: .zero, maximum: Double3(100, 1, 100)), width: Double(width), height: Double(height))
        return .view(
            Wire.View(
                sequence: sequence, eye: home.eye + Double3(Double(sequence), 0, 0),
                orientation: Float4(home.orientation), projection: .perspective, scale: Float(ViewState.defaultTangent),
                width: width, height: height, thresholdPixels: 1, velocity: .zero, angularVelocity: .zero,
                focus: .zero, isMoving: isMoving))
    }

    @Test func `a viewer is shown the model unasked, and then ever better`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        let first = try await watcher.wait("a picture comes") { $0.header.byteCount > 0 }
        let welcome = try #require(watcher.connection.welcome)
        #expect(welcome["path"] == "server")
        #expect(welcome["reason"]?.text?.isEmpty == false)
        #expect(first.header.view == 0 && first.header.isWhole)
        let lossless = try await watcher.wait("it ends lossless") { $0.header.kind == .lossless }
        #expect(lossless.header.codec == .png && lossless.header.width == 320 && lossless.header.height == 240)
        for frame in watcher.shown where frame.header.byteCount > 0 {
            let image = try ImageDecoding.decode(frame.payload.rawSpan, maximumPixels: 1 << 20, channelCount: 3)
            #expect(image.width == Int(frame.header.imageWidth) && image.height == Int(frame.header.imageHeight))
            #expect(frame.header.left + frame.header.imageWidth <= frame.header.width)
            #expect(frame.header.top + frame.header.imageHeight <= frame.header.height)
        }
        #expect(watcher.shown.map(\.header.frame) == watcher.shown.map(\.header.frame).sorted())
        #expect(watcher.connection.messages.contains { if case .identityMap = $0 { true } else { false } })
    }

    @Test func `frames follow the camera, and the last one shows where it stopped`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        // A busy machine draws the first late.
        var last: UInt32 = 0
        try await eventually("it is drawn while it moves") {
            last += 1
            watcher.say(view(last, isMoving: true))
            try await Task.sleep(for: .milliseconds(10))
            watcher.take()
            return last >= 20 && watcher.shown.contains { $0.header.kind == .moving && $0.header.view > 0 }
        }
        last += 1
        watcher.say(view(last, isMoving: false))
        let still = try await watcher.wait("a still comes") { $0.header.kind == .still && $0.header.view == last }
        guard case .view(let asked) = view(last, isMoving: false) else { return }
        #expect(still.header.eye == asked.eye, "at rest nothing is predicted")
        let moving = watcher.shown.filter { $0.header.kind == .moving && $0.header.view > 0 }
        #expect(!moving.isEmpty)
        #expect(moving.allSatisfy { $0.header.depthColumns > 0 })
    }

    @Test func `stills are refined where the processor draws, and stop when their viewer moves`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        watcher.say(view(1, isMoving: false, width: 640, height: 480))
        let refined = try await watcher.wait("it is refined") { $0.header.kind == .refined && $0.header.view == 1 }
        try await watcher.wait("it ends lossless") { $0.header.kind == .lossless && $0.header.view == 1 }
        let still = try #require(watcher.shown.first { $0.header.kind == .still && $0.header.view == 1 })
        #expect(refined.header.quality == 95 && refined.payload != still.payload)
        for sequence in 2...6 {
            watcher.say(view(UInt32(sequence), isMoving: false, width: 640, height: 480))
            // Some passes are drawn by then.
            try await Task.sleep(for: .milliseconds(260))
            watcher.take()
        }
        try await watcher.wait("the last one ends lossless") { $0.header.kind == .lossless && $0.header.view == 6 }
        let report = await withCheckedContinuation { continuation in
            watcher.mailbox.post(.inspect { continuation.resume(returning: $0) })
        }
        #expect(report["openFrameCount"] == 0)
    }

    @Test func `what is pointed at is found and named`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        let frame = try await watcher.wait("a picture comes") { $0.header.byteCount > 0 }
        watcher.say(.pick(Wire.Pick(request: 7, frame: frame.header.frame, place: .zero)))
        watcher.say(.pick(Wire.Pick(request: 8, frame: 0, place: Float2(-1, 1))))
        var answers: [UInt32: Wire.Picked] = [:]
        try await eventually("both are answered") {
            for case .picked(let picked) in watcher.connection.messages { answers[picked.request] = picked }
            return answers.count == 2
        }
        let hit = try #require(answers[7])
        #expect(hit.isHit && answers[8]?.isHit == false)
        #expect(abs(hit.position.x - 50) < 30 && abs(hit.position.z - 50) < 30)
        #expect(abs(length(hit.position - frame.header.eye) - hit.distance) < 1e-6)
        #expect(try JSONValue(decoding: hit.json)["path"] != nil)
    }

    @Test func `a hidden viewer gets nothing until it is seen again`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        try await watcher.wait("it ends lossless") { $0.header.kind == .lossless }
        watcher.say(.visibility(Wire.Visibility(isVisible: false)))
        watcher.say(view(1, isMoving: false))
        try await Task.sleep(for: .milliseconds(300))
        watcher.take()
        #expect(!watcher.shown.contains { $0.header.view == 1 })
        watcher.say(.visibility(Wire.Visibility(isVisible: true)))
        try await watcher.wait("it is drawn then") { $0.header.view == 1 }
    }

    @Test func `a viewer that says nothing is not sent ever more`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        for sequence in 1...60 {
            watcher.say(view(UInt32(sequence), isMoving: true))
            try await Task.sleep(for: .milliseconds(15))
        }
        let frames = watcher.connection.messages.count { if case .frame = $0 { true } else { false } }
        #expect(frames < 12)
    }

    @Test func `lies about frames change nothing`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        for frame in [0, 5, 1_000_000, UInt32.max] {
            watcher.say(.frameReceived(Wire.FrameReceived(frame: frame, gapMicroseconds: .max)))
            watcher.say(
                .frameShown(
                    Wire.FrameShown(
                        frame: frame, isSkipped: false, decodeMicroseconds: .max, latencyMicroseconds: .max)))
        }
        try await watcher.wait("it ends lossless") { $0.header.kind == .lossless }
        #expect(watcher.connection.closed == nil)
    }

    @Test func `a storm of sizes ends with the last one`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        var sequence: UInt32 = 0
        for (width, height) in [(1, 1), (640, 2), (3, 500), (511, 257), (64, 64), (1, 900), (200, 100)] {
            for isMoving in [true, false] {
                sequence += 1
                watcher.say(view(sequence, isMoving: isMoving, width: UInt16(width), height: UInt16(height)))
                try await Task.sleep(for: .milliseconds(20))
                watcher.take()
            }
        }
        let last = try await watcher.wait("the last size comes") {
            $0.header.kind == .lossless && $0.header.view == sequence
        }
        #expect(last.header.width == 200 && last.header.height == 100)
    }

    @Test func `pictures larger than the server draws are refused with the limit`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        watcher.say(view(1, isMoving: false, width: 65_535, height: 65_535))
        try await eventually("it is closed") { watcher.connection.closed != nil }
        #expect(watcher.connection.closed?.code == Wire.CloseCode.malformed.rawValue)
        #expect(watcher.connection.closed?.reason.contains("renderer.pixelLimit") == true)
    }

    @Test func `a hundred viewers come and go and leave nothing`() async throws {
        let bench = try TestRenderer.bench.get()
        try await eventually("the others are gone") { TestRenderer.shared.viewerCount == 0 }
        for _ in 0..<10 {
            let watchers = try (0..<10).map { _ in try FrameWatcher(bench) }
            try await Task.sleep(for: .milliseconds(10))
            for watcher in watchers { watcher.mailbox.post(.closed(code: 1001)) }
        }
        try await eventually("all have left") {
            TestRenderer.shared.viewerCount == 0 && bench.services.hub.viewerCount == 0
        }
        let watcher = try FrameWatcher(bench)
        try await watcher.wait("the next is served") { $0.header.byteCount > 0 }
    }

    @Test func `where nothing draws, the reason is said and the other path is open`() async throws {
        let bench = try ViewerBench()
        let watcher = try FrameWatcher(bench)
        try await eventually("it is closed") { watcher.connection.closed != nil }
        #expect(watcher.connection.closed?.code == Wire.CloseCode.noRenderer.rawValue)
        #expect(watcher.connection.closed?.reason.contains("renderer.mode") == true)
        let (connection, _) = try bench.connect("model=m")
        try await eventually("chunks come") { !connection.chunks.isEmpty }
    }

    @Test func `an unknown device is a reason, not a failure`() async throws {
        let service = TestRenderer.service { $0.device = "no such device" }
        defer { service.stop() }
        service.waitUntilStarted()
        guard case .unavailable(let reason, _) = service.availability else {
            Issue.record("it is \(service.availability)")
            return
        }
        #expect(reason.contains("asked for"))
    }

    @Test func `a lost device comes back, and viewers are told`() async throws {
        let service = TestRenderer.service(failures: FailureInjection(everyNthSubmission: 12))
        defer { service.stop() }
        let watcher = try FrameWatcher(ViewerBench(frames: service))
        for sequence in 1...UInt32.max {
            watcher.say(view(sequence, isMoving: true))
            try await Task.sleep(for: .milliseconds(20))
            watcher.take()
            if service.facts.lossCount > 0 { break }
        }
        let lost = watcher.shown.count
        try await eventually("they are told") {
            let codes = watcher.connection.notices.map { $0["code"] }
            return codes.contains("rendererLost") && codes.contains("rendererBack")
        }
        watcher.say(view(.max, isMoving: false))
        try await eventually("frames come again") {
            watcher.take()
            return watcher.shown.count > lost
        }
        #expect(watcher.connection.closed == nil)
    }

    @Test func `stills that somebody interrupts leave nothing behind`() async throws {
        let watcher = try FrameWatcher(TestRenderer.bench.get())
        for sequence in 1...12 {
            watcher.say(view(UInt32(sequence), isMoving: false))
            // Long enough that a still is begun, too short for all of them.
            try await Task.sleep(for: .milliseconds(20 * (sequence % 4) + 130))
            watcher.take()
        }
        try await watcher.wait("it ends lossless") { $0.header.kind == .lossless && $0.header.view == 12 }
        let report = await withCheckedContinuation { continuation in
            watcher.mailbox.post(.inspect { continuation.resume(returning: $0) })
        }
        #expect(report["openFrameCount"] == 0)
    }

    @Test func `a GPU converts what moves, and the pictures are the same`() async throws {
        let service = TestRenderer.service(usesGPUPaths: true)
        defer { service.stop() }
        let watchers = try [ViewerBench(frames: service), ViewerBench(frames: TestRenderer.service())].map {
            try FrameWatcher($0)
        }
        func picture(_ watcher: FrameWatcher, _ sequence: UInt32) async throws -> FrameWatcher.Shown {
            watcher.say(view(sequence, isMoving: true))
            return try await watcher.wait("a moving frame comes") {
                $0.header.view == sequence && $0.header.kind == .moving
            }
        }
        for watcher in watchers { try await watcher.wait("it is loaded") { $0.header.kind == .lossless } }
        // A busy machine draws less of the model while it moves: until both draw all of it.
        var (sequence, shown): (UInt32, [FrameWatcher.Shown]) = (0, [])
        try await eventually("both draw all of it") {
            sequence += 1
            shown = [try await picture(watchers[0], sequence), try await picture(watchers[1], sequence)]
            return zip(shown, watchers).allSatisfy { shown, watcher in
                shown.header.width == 320
                    && shown.header.triangleCount == watcher.shown.map(\.header.triangleCount).max()
            }
        }
        let (planes, plain) = (shown[0].header, shown[1].header)
        let pixels = try shown.map {
            try ImageDecoding.decode($0.payload.rawSpan, maximumPixels: 1 << 20, channelCount: 3).pixels
        }
        #expect(service.facts.planesFrameCount > 0)
        #expect(planes.left == plain.left && planes.imageWidth == plain.imageWidth)
        try #require(pixels[0].count == pixels[1].count)
        let difference = zip(pixels[0], pixels[1]).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(pixels[1].count) < 1.5)
        let last = sequence + 1
        watchers[0].say(view(last, isMoving: false))
        try await watchers[0].wait("it ends lossless") { $0.header.kind == .lossless && $0.header.view == last }
    }

    @Test func `what the driver compiled is kept for the next start`() async throws {
        let folder = TestFolder()
        let file = PipelineCacheFile(folder: folder.file("new/folder"))
        #expect(file.load().isEmpty)
        let model = try ServedModel(path: TestModels.small)
        for _ in 0..<2 {
            let service = TestRenderer.service(cacheFile: file)
            _ = try await service.picture(PictureRequest(), of: model)
            service.stop()
            #expect(file.load().count >= 32)
        }
        // What is damaged is as good as nothing, also what cannot be written.
        let path = folder.file("new/folder/pipelines.bin")
        let bytes = try TestModels.bytes(path)
        for damaged in [[], Array(bytes.dropLast()), bytes.map { $0 ^ 1 }, Array(bytes.prefix(40))] {
            try folder.write("new/folder/pipelines.bin", damaged)
            #expect(file.load().isEmpty)
        }
        let nowhere = PipelineCacheFile(folder: "/proc/nowhere")
        #expect(!nowhere.save([1, 2, 3]) && nowhere.load().isEmpty)
        let service = TestRenderer.service(cacheFile: nowhere)
        _ = try await service.picture(PictureRequest(), of: model)
        service.stop()
    }

    @Test func `who waits for a picture is answered when the device is lost`() async throws {
        let service = TestRenderer.service(failures: FailureInjection(everyNthSubmission: 1))
        defer { service.stop() }
        let model = try ServedModel(path: TestModels.archive)
        await #expect(throws: ServiceError.self) { try await service.picture(PictureRequest(), of: model) }
    }

    @Test func `who asks for a picture of a service that has stopped is answered`() async throws {
        let service = TestRenderer.service()
        service.stop()
        let model = try ServedModel(path: TestModels.archive)
        await #expect(throws: ServiceError.self) { try await service.picture(PictureRequest(), of: model) }
    }

    @Test func `memory that runs out costs detail and nothing else`() async throws {
        let service = TestRenderer.service(failures: FailureInjection(everyNthAllocation: 13))
        defer { service.stop() }
        let watcher = try FrameWatcher(ViewerBench(frames: service))
        for sequence in 1...20 {
            watcher.say(view(UInt32(sequence), isMoving: true))
            try await Task.sleep(for: .milliseconds(20))
            watcher.take()
        }
        watcher.say(view(21, isMoving: false))
        try await watcher.wait("the picture at rest comes") { $0.header.view == 21 && $0.header.byteCount > 0 }
        #expect(watcher.connection.closed == nil)
    }

    @Test func `single pictures are drawn as asked`() async throws {
        let model = try ServedModel(path: TestModels.archive)
        var request = PictureRequest()
        (request.width, request.height, request.format) = (200, 120, .png)
        let picture = try await TestRenderer.shared.picture(request, of: model)
        let image = try ImageDecoding.decode(picture.bytes.rawSpan, maximumPixels: 1 << 20, channelCount: 4)
        #expect(image.width == 200 && image.height == 120 && picture.isComplete && picture.triangleCount > 1000)
        request.background = .transparent
        let clear = try await TestRenderer.shared.picture(request, of: model)
        let pixels = try ImageDecoding.decode(clear.bytes.rawSpan, maximumPixels: 1 << 20, channelCount: 4).pixels
        #expect(pixels[3] == 0, "the corner shows nothing")
        #expect(pixels[4 * (60 * 200 + 100) + 3] == 255, "the middle shows the model")
        let again = try await TestRenderer.shared.picture(request, of: model)
        #expect(again.bytes == clear.bytes)
    }
}

@Suite struct PictureRequestTests {
    private func request(_ query: [String: String]) throws -> PictureRequest { try PictureRequest { query[$0] } }

    @Test func `what is not said has its default`() throws { #expect(try request([:]) == PictureRequest()) }

    @Test func `everything can be said`() throws {
        let request = try request([
            "camera": "top", "width": "1", "height": "16384", "format": "png", "quality": "100", "error": "0.5",
            "background": "transparent",
        ])
        #expect(request.camera == .side(.top) && request.width == 1 && request.height == 16384)
        #expect(request.format == .png && request.quality == 100 && request.thresholdPixels == 0.5)
        #expect(request.background == .transparent)
    }

    @Test(arguments: [
        ["width": "0"], ["width": "16385"], ["height": "-1"], ["height": "ten"], ["quality": "0"], ["error": "0"],
        ["error": "nan"], ["error": "inf"], ["format": "gif"], ["background": "pink"], ["camera": "side"],
        ["background": "transparent"],
    ])
    func `mistakes are named`(query: [String: String]) {
        #expect {
            try request(query)
        } throws: {
            ($0 as? ServiceError)?.code == .badRequest && "\($0)".contains(query.keys.first!.prefix(5))
        }
    }

    @Test func `too many pixels are refused with the limit`() {
        var request = PictureRequest()
        (request.width, request.height) = (16384, 16384)
        #expect { try request.check(pixelLimit: 1000) } throws: { "\($0)".contains("1000") }
    }

    @Test func `equal requests have equal tags, others do not`() throws {
        let tag = PictureRequest().tag(of: "a")
        #expect(tag == PictureRequest().tag(of: "a"))
        #expect(tag != PictureRequest().tag(of: "b"))
        #expect(tag != (try request(["width": "1279"])).tag(of: "a"))
    }
}
