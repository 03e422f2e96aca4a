// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import JSONCoding
import PathNegotiation
import StreamCore
import Testing

@testable import StreamService

/// What a model does to the render thread ends that model's path, and nothing else.
@Suite(.serialized) struct SceneFailureTests {
    @Test func `a model that cannot be drawn loses the server's path with a reason, and the thread goes on`()
        async throws
    {
        // The device opens, but there is no memory for anything on it.
        let service = TestRenderer.service(failures: FailureInjection(everyNthAllocation: 1))
        defer { service.stop() }
        try service.require()
        let watcher = try FrameWatcher(ViewerBench(frames: service))
        let viewer = 1
        try await eventually("its path is taken away") { service.refusal(of: viewer) != nil }
        #expect(service.refusal(of: viewer)?.contains("memory") == true)
        guard
            case .unavailable(reason: let reason, retrySeconds: let retrySeconds) = service.pathFacts(of: viewer).state
        else {
            Issue.record("the path of the viewer is \(service.pathFacts(of: viewer).state)")
            return
        }
        #expect(reason == service.refusal(of: viewer) && (retrySeconds ?? 0) > 0)
        // Others may still be drawn for, and the thread answers.
        #expect(service.pathFacts.state == .ready && service.availability.name == "ready")
        let report = await withCheckedContinuation { continuation in
            watcher.mailbox.post(.inspect { continuation.resume(returning: $0) })
        }
        #expect(report["openFrameCount"] != nil)
        watcher.mailbox.post(.closed(code: 1001))
        try await eventually("it is forgotten with its viewer") { service.refusal(of: viewer) == nil }
    }
}
