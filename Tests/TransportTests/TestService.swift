// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

@testable import Transport

/// Tests over real sockets, one after the other: each has threads and deadlines of its own.
@Suite(.serialized) enum SocketTests {}

/// A service made of two closures.
struct TestService: TransportService {
    var respond: @Sendable (HTTPRequest) -> HTTPAnswer = { _ in
        .response(HTTPResponse(status: 404, errorCode: "notFound", message: "there is nothing here"))
    }
    var connect: @Sendable (HTTPRequest, WebSocketConnection) -> any WebSocketHandler = { _, connection in
        EchoHandler(connection: connection)
    }

    func respond(to request: HTTPRequest) -> HTTPAnswer { respond(request) }

    func connect(_ request: HTTPRequest, _ connection: WebSocketConnection) -> any WebSocketHandler {
        connect(request, connection)
    }

    /// `/hello` greets; all else is 404.
    static let greeting = TestService(respond: { request in
        request.path == "/hello"
            ? .response(
                HTTPResponse(status: 200, headers: [("content-type", "text/plain")], body: .bytes(Array("hello".utf8))))
            : TestService().respond(request)
    })
}

/// Sends every message back.
struct EchoHandler: WebSocketHandler {
    var connection: WebSocketConnection

    func received(_ bytes: [UInt8], isText: Bool) {
        connection.send(.bytes(bytes), priority: .control, isText: isText)
    }

    func closed(code: UInt16, reason: String) {}
}

enum HandlerEvent: Equatable, Sendable {
    case received([UInt8], isText: Bool)
    case drained
    case draining
    case closed(UInt16, String)
}

/// Tells a test what a handler was told.
final class EventLog: WebSocketHandler {
    private let continuation: AsyncStream<HandlerEvent>.Continuation
    private let stream: AsyncStream<HandlerEvent>

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func received(_ bytes: [UInt8], isText: Bool) { continuation.yield(.received(bytes, isText: isText)) }
    func drained() { continuation.yield(.drained) }
    func draining() { continuation.yield(.draining) }
    func closed(code: UInt16, reason: String) { continuation.yield(.closed(code, reason)) }

    /// The next event that `isWanted`.
    func next(where isWanted: (HandlerEvent) -> Bool = { _ in true }) async -> HandlerEvent? {
        await stream.first(where: isWanted)
    }

    func nextClosed() async -> HandlerEvent? {
        await next { if case .closed = $0 { true } else { false } }
    }
}

/// A value that one thread sets and another waits for.
final class Box<Value: Sendable>: Sendable {
    private let value: Mutex<Value?>

    init() { value = Mutex(nil) }

    func set(_ new: Value) { value.withLock { $0 = new } }

    var current: Value? { value.withLock { $0 } }

    func wait() async throws -> Value {
        try await eventually { current != nil }
        return try #require(current)
    }
}

/// Waits until a condition holds; fails after 30 seconds.
func eventually(
    _ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while !condition() {
        try #require(ContinuousClock.now < deadline, "it never came true", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Bytes in memory that pass for a mapped file.
final class ArraySource: ByteSource {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// `count` bytes that differ from place to place.
    convenience init(count: Int) {
        // A prime length, so that no two pieces of a power of two are alike.
        let block = (0..<4093).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += block.prefix(count - bytes.count) }
        self.init(bytes)
    }

    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}

func makeListener(
    _ service: TestService = .greeting, _ change: (inout ListenerConfiguration) -> Void = { _ in }
) throws -> Listener {
    var configuration = ListenerConfiguration()
    change(&configuration)
    return try Listener(configuration: configuration, service: service)
}
