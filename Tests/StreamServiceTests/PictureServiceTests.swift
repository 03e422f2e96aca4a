// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore
import StreamService
import Synchronization
import Testing

/// Single pictures of a service: one after the other behind frames, bounded, and each answered once.
@Suite(.serialized) struct PictureServiceTests {
    private typealias Answer = Result<StreamService.Picture, ServiceError>

    private func request(_ width: Int, _ height: Int) -> PictureRequest {
        var request = PictureRequest()
        (request.width, request.height) = (width, height)
        return request
    }

    private func ask(_ service: FrameService, _ request: PictureRequest, caller: String = "") -> Task<Answer, Never> {
        Task {
            do throws(ServiceError) {
                let model = try ServedModel(path: TestModels.archive)
                return .success(try await service.picture(request, of: model, caller: caller))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test func `more than may wait are refused with the time to wait, and the others are drawn`() async throws {
        let service = TestRenderer.service { $0.pictureLimit = 3 }
        defer { service.stop() }
        try service.require()
        let tasks = (0..<12).map { ask(service, request(600, 400 + $0), caller: "flood") }
        var refusedCount = 0
        for task in tasks {
            switch await task.value {
            case .success(let picture): #expect(picture.isComplete && !picture.bytes.isEmpty)
            case .failure(let error):
                #expect(error.code == .full && error.code.status == 503 && (error.retrySeconds ?? 0) >= 1)
                refusedCount += 1
            }
        }
        // One is drawn and perhaps another encoded, three wait.
        #expect(refusedCount > 0 && refusedCount <= 9)
    }

    @Test func `a flood does not take another caller's place`() async throws {
        let service = TestRenderer.service { $0.pictureLimit = 3 }
        defer { service.stop() }
        try service.require()
        let flood = (0..<8).map { ask(service, request(600, 400 + $0), caller: "flood") }
        let other = ask(service, request(300, 200), caller: "other")
        _ = try await other.value.get()
        for task in flood { _ = await task.value }
    }

    @Test func `who does not wait any more leaves the queue, drawn or not`() async throws {
        let service = TestRenderer.service()
        defer { service.stop() }
        try service.require()
        let tasks = (0..<5).map { ask(service, request(1500, 1000 + $0), caller: "\($0)") }
        for task in tasks.dropLast() { task.cancel() }
        for task in tasks.dropLast() {
            if case .failure(let error) = await task.value { #expect(error.code == .ended) }
        }
        _ = try await tasks[4].value.get()
    }

    @Test(arguments: [1, 2, 5]) func `a lost device is a reason and no fault of the server's`(period: Int) async throws
    {
        let service = TestRenderer.service(failures: FailureInjection(everyNthSubmission: period))
        defer { service.stop() }
        service.waitUntilStarted()
        for task in (0..<6).map({ ask(service, request(700, 500 + $0)) }) {
            guard case .failure(let error) = await task.value else { continue }
            #expect(error.code == .noRenderer && error.code.status == 503 && (error.retrySeconds ?? 0) >= 1)
            #expect(error.message.count > 30)
        }
    }

    @Test func `memory that runs out is told as such, and the next one is drawn`() async throws {
        let service = TestRenderer.service(failures: FailureInjection(everyNthAllocation: 17))
        defer { service.stop() }
        try service.require()
        var drawnCount = 0
        for number in 0..<10 {
            switch await ask(service, request(500, 300 + number)).value {
            case .success: drawnCount += 1
            case .failure(let error): #expect(error.code == .full)
            }
        }
        #expect(drawnCount > 0)
    }

    @Test func `frames come while a large picture is drawn`() async throws {
        let service = TestRenderer.service()
        defer { service.stop() }
        let watcher = try FrameWatcher(ViewerBench(frames: service))
        try await watcher.wait("it is shown") { $0.header.byteCount > 0 }
        let isDrawn = Atomic(false)
        let picture = ask(service, request(2000, 1500))
        let waiting = Task {
            let answer = await picture.value
            isDrawn.store(true, ordering: .relaxed)
            return answer
        }
        let before = watcher.shown.count
        var sequence: UInt32 = 0
        while !isDrawn.load(ordering: .relaxed) {
            sequence += 1
            watcher.say(moving(sequence))
            try await Task.sleep(for: .milliseconds(10))
            watcher.take()
        }
        _ = try await waiting.value.get()
        #expect(watcher.shown.count - before >= 12, "there are at least as many pieces, and frames go before each")
    }

    private func moving(_ sequence: UInt32) -> ClientMessage {
        let home = ViewState.home(
            of: Bounds(minimum: .zero, maximum: Double3(100, 1, 100)), width: 320, height: 240)
        return .view(
            Wire.View(
                sequence: sequence, eye: home.eye + Double3(Double(sequence % 50), 0, 0),
                orientation: Float4(home.orientation), projection: .perspective,
                scale: Float(ViewState.defaultTangent), width: 320, height: 240, thresholdPixels: 1, velocity: .zero,
                angularVelocity: .zero, focus: .zero, isMoving: true))
    }

    @Test func `over HTTP a full queue is 503 with Retry-After`() async throws {
        let server = try TestServer(archives: ["m": TestModels.archive]) {
            $0.renderer.mode = .auto
            $0.renderer.pictureLimit = 1
        }
        defer { server.parts.frames.stop() }
        try server.parts.frames.require()
        var refusedCount = 0
        let answers = try await withThrowingTaskGroup(of: SocketClient.Response.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await server.request("GET", "/api/v1/render?model=m&width=900&height=\(600 + number)")
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for answer in answers where answer.status != 200 {
            #expect(answer.status == 503 && Int(answer.headers["retry-after"] ?? "").map { $0 >= 1 } == true)
            refusedCount += 1
        }
        #expect(answers.contains { $0.status == 200 } && refusedCount > 0)
    }

    @Test func `a peer that hangs up takes its picture back`() async throws {
        let server = try TestServer(archives: ["m": TestModels.archive]) { $0.renderer.mode = .auto }
        defer { server.parts.frames.stop() }
        try server.parts.frames.require()
        for number in 0..<6 {
            let client = try server.client()
            try await client.send(
                "GET /api/v1/render?model=m&width=3000&height=\(2000 + number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try await client.kill()
        }
        let answer = try await server.request("GET", "/api/v1/render?model=m&width=100&height=100")
        #expect(answer.status == 200)
        // Each may have been begun before its peer was seen to leave, but not drawn to its end and encoded.
        #expect(server.parts.frames.facts.pictureCount <= 3)
    }
}
