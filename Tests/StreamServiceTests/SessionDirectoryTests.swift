// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamService
import Testing

@Suite struct SessionDirectoryTests {
    let start = ContinuousClock.now

    func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    func directory(_ change: (inout SessionConfiguration) -> Void = { _ in }) -> SessionDirectory {
        var configuration = SessionConfiguration()
        configuration.emptySeconds = 60
        configuration.idleSeconds = 600
        change(&configuration)
        return SessionDirectory(configuration: configuration)
    }

    func code(_ body: () throws -> Void) -> ServiceError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ServiceError)?.code
        }
    }

    @Test func `an empty session ends after its grace, and can be started again by its name`() throws {
        var directory = directory()
        _ = try directory.start(model: "m", id: "s", at: at(0))
        let viewer = try directory.enter("s", at: at(10))
        #expect(directory.expire(at: at(100)) == [], "somebody is in it")
        directory.leave(viewer, at: at(100))
        #expect(directory.nextDeadline == at(160))
        #expect(directory.expire(at: at(159)) == [])
        #expect(directory.expire(at: at(160)) == [.init(session: "s", viewers: [], reason: .empty)])
        #expect(directory.sessionCount == 0)
        #expect(code { _ = try directory.find("s") } == .sessionNotFound)
        _ = try directory.start(model: "m", id: "s", at: at(200))
        #expect(try directory.find("s").model == "m")
    }

    @Test func `a viewer that comes back within the grace keeps its session`() throws {
        var directory = directory()
        _ = try directory.start(model: "m", id: "s", at: at(0))
        directory.leave(try directory.enter("s", at: at(1)), at: at(5))
        let second = try directory.enter("s", at: at(30))
        #expect(second == 2, "numbers are never used again")
        #expect(directory.expire(at: at(400)) == [])
    }

    @Test func `a session that nobody uses ends although viewers are in it`() throws {
        var directory = directory()
        _ = try directory.start(model: "m", id: "s", at: at(0))
        let viewer = try directory.enter("s", at: at(0))
        directory.heard(viewer, at: at(500))
        #expect(directory.expire(at: at(1099)) == [])
        #expect(directory.expire(at: at(1100)) == [.init(session: "s", viewers: [viewer], reason: .idle)])
        #expect(directory.viewerCount == 0)
        #expect(code { _ = try directory.enter("s", at: at(1101)) } == .ended)
    }

    @Test func `an ended session names its viewers and stays ended`() throws {
        var directory = directory()
        _ = try directory.start(model: "m", id: "s", at: at(0))
        _ = try directory.start(model: "other", id: "t", at: at(0))
        let viewers = [try directory.enter("s", at: at(0)), try directory.enter("s", at: at(0))]
        #expect(try directory.end("s") == .init(session: "s", viewers: viewers, reason: .asked))
        #expect(code { _ = try directory.end("s") } == .ended)
        #expect(directory.end(model: "other").map(\.session) == ["t"])
        #expect(code { _ = try directory.find("never") } == .sessionNotFound)
    }

    @Test func `limits are kept, and say when to come back`() throws {
        var directory = directory {
            $0.sessionLimit = 2
            $0.viewerLimit = 3
            $0.viewerLimitPerSession = 2
            $0.retrySeconds = 7
        }
        for id in ["a", "b"] { _ = try directory.start(model: "m", id: id, at: at(0)) }
        for _ in 0..<2 { _ = try directory.enter("a", at: at(0)) }
        #expect(code { _ = try directory.enter("a", at: at(0)) } == .full)
        #expect(directory.joinable(model: "m")?.id == "b")
        _ = try directory.enter("b", at: at(0))
        #expect { try directory.enter("b", at: at(0)) } throws: { ($0 as? ServiceError)?.retrySeconds == 7 }
        #expect(code { _ = try directory.start(model: "m", id: "c", at: at(1)) } == .full)
    }

    @Test func `an empty session gives way when all are taken`() throws {
        var directory = directory { $0.sessionLimit = 1 }
        _ = try directory.start(model: "m", id: "a", at: at(0))
        _ = try directory.start(model: "m", id: "b", at: at(1))
        #expect(directory.all.map(\.id) == ["b"])
    }

    @Test func `the version grows with each change of who is there`() throws {
        var directory = directory()
        let first = try directory.start(model: "m", id: "s", at: at(0)).version
        let viewer = try directory.enter("s", at: at(0))
        let second = try directory.find("s").version
        directory.leave(viewer, at: at(1))
        #expect(first < second)
        #expect(try directory.find("s").version > second)
    }
}
