// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Sockets
import StreamCore

/// Which path a viewer asks for.
package enum RequestedPath: String, CaseIterable, Codable, Sendable { case client, server, hybrid }

/// A viewer's WebSocket. For its loop's thread.
final class ViewerConnection {
    enum Event {
        case message(ServerMessage)
        /// It is over, for this reason.
        case ended(BenchmarkError)
    }

    /// Hears everything; `now` is when the bytes that completed it arrived.
    var onEvent: (Event, _ now: Double) -> Void = { _, _ in }
    private(set) var receivedByteCount = 0
    private(set) var receivedMessageCount = 0
    /// Messages that this program does not know, of servers that are newer.
    private(set) var unknownMessageCount = 0
    let openedAt = SocketLoop.now
    private var socket: Socket
    private var protocolState = WebSocketClient()
    private var isOver = false
    /// Where it is negotiated who draws, it is for a device that draws anything with ease.
    private static let hello = """
        {"client": "vantage bench", "webgl": {"version": 2, "isSoftware": false, "maximumTextureSize": 16384}, \
        "hasWebAssembly": true, "speed": {"trianglesPerSecond": 1e9, "pixelsPerSecond": 1e10, "imagePixelsPerSecond": 1e8}, \
        "memoryGiB": 8, "cores": 8}
        """

    /// - Throws: `SocketError`.
    init(
        _ loop: SocketLoop, _ address: SocketAddress, host: String, target: String
    ) throws(SocketError) {
        socket = try loop.connect(to: address)
        socket.onOpen = { [unowned self] in socket.send(WebSocketClient.request(target, host: host)) }
        socket.onBytes = { [unowned self] bytes, now in receive(bytes, now) }
        socket.onEnd = { [unowned self] error in end(BenchmarkError("the connection broke: \(error)"), SocketLoop.now) }
    }

    deinit { socket.close() }

    /// Where a viewer of a model connects.
    static func target(
        _ server: ServerURL, model: String, path: RequestedPath, width: Int, height: Int
    ) -> String {
        server.target(
            "/api/v1/stream",
            [
                ("protocol", "\(Wire.major).\(Wire.minor)"), ("path", path.rawValue), ("model", model),
                ("viewport", "\(width)x\(height)"),
            ])
    }

    var isOpen: Bool { !isOver }
    /// That the kernel has not taken yet.
    var queuedByteCount: Int { socket.queuedByteCount }

    func send(_ message: [UInt8]) { if !isOver { socket.send(WebSocketClient.frame(message)) } }

    /// Says good-bye and hangs up.
    func close() {
        guard !isOver else { return }
        isOver = true
        socket.send(WebSocketClient.frame([0x03, 0xe8], opcode: 8))
        socket.close()
    }

    private func receive(_ bytes: [UInt8], _ now: Double) {
        receivedByteCount += bytes.count
        for event in protocolState.receive(bytes) where !isOver {
            switch event {
            case .opened: send(Wire.Hello(json: Array(ViewerConnection.hello.utf8)).encode())
            case .message(let message): take(message, now)
            case .ping(let payload): socket.send(WebSocketClient.frame(payload, opcode: 10))
            case .closed(let code, let reason):
                let name = Wire.CloseCode(rawValue: UInt16(clamping: code)).map { "\($0)" } ?? "\(code)"
                end(BenchmarkError("the server closed the connection: \(reason.isEmpty ? name : reason)"), now)
            case .refused(let status, let text):
                end(BenchmarkError("this is no server of Vantage's, or it is busy: it answers \(status) \(text)"), now)
            case .broken(let reason): end(BenchmarkError("this is no server of Vantage's: \(reason)"), now)
            }
        }
    }

    private func take(_ bytes: [UInt8], _ now: Double) {
        receivedMessageCount += 1
        do throws(WireError) {
            onEvent(.message(try ServerMessage(decoding: bytes.rawSpan)), now)
        } catch {
            // A newer minor version may say more.
            if case .unknownType = error.problem {
                unknownMessageCount += 1
            } else {
                end(BenchmarkError("the server's message cannot be read: \(error)"), now)
            }
        }
    }

    private func end(_ error: BenchmarkError, _ now: Double) {
        guard !isOver else { return }
        isOver = true
        socket.close()
        onEvent(.ended(error), now)
    }
}
