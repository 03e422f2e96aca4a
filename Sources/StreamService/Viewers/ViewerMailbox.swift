// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import JSONCoding
package import PathNegotiation
import StreamCore
import Synchronization
import Transport

/// Something that a viewer's people should know; goes out as a Notice.
package struct ViewerNotice: Equatable, Sendable {
    package enum Code: String, Sendable {
        case draining, damagedChunk, modelReplaced, limit, rendererLost, rendererBack, pathRefused
    }

    package let code: Code
    package let message: String
    package var chunk: Int?
    package var retrySeconds: Int?

    /// As it is sent.
    var payload: Payload { .bytes(Wire.Notice(json: json.encoded()).encode()) }

    private var json: JSONValue {
        var fields: [String: JSONValue] = ["code": .string(code.rawValue), "message": .string(message)]
        if let chunk { fields["chunk"] = .integer(chunk) }
        if let retrySeconds { fields["retryAfterSeconds"] = .integer(retrySeconds) }
        return .object(fields)
    }
}

/// What happens to one viewer, in order: messages of its connection, and what the server tells it.
package enum ViewerEvent: Sendable {
    case message([UInt8])
    /// A text message, which the protocol does not know.
    case text
    /// The connection is gone.
    case closed(code: UInt16)
    case notice(ViewerNotice)
    /// The viewer has to leave.
    case end(ServiceError.Code, String)
    /// Somebody wants to see the queue.
    case inspect(@Sendable (JSONValue) -> Void)
    /// Somebody wants to see who draws, and why.
    case inspectPath(@Sendable (JSONValue) -> Void)
    /// Somebody who embeds or runs the viewer chose who draws.
    case wish(PathWish)
    /// The server can draw, or cannot any more.
    case renderer
    /// A deadline has passed.
    case wake
}

/// The one way in to a viewer: any thread posts, the viewer's task takes everything at once. While nothing comes, the
/// task is suspended and costs nothing but its memory.
package final class ViewerMailbox: Sendable {
    private struct State {
        var events: [ViewerEvent] = []
        var messageCount = 0
        var messageByteCount = 0
        var isWakePosted = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let limit: Int
    private let byteLimit: Int

    /// What may wait: so many messages, and so many bytes of them. The server's own events always find room.
    package init(limit: Int, byteLimit: Int = 8 << 20) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    /// - Returns: false when a message found no room.
    @discardableResult
    package func post(_ event: ViewerEvent) -> Bool {
        let (isTaken, waiter): (Bool, CheckedContinuation<Void, Never>?) = state.withLock { state in
            switch event {
            case .message(let bytes):
                guard state.messageCount < limit, state.messageByteCount + bytes.count <= byteLimit else {
                    return (false, nil)
                }
                state.messageCount += 1
                state.messageByteCount += bytes.count
            case .wake:
                if state.isWakePosted { return (true, nil) }
                state.isWakePosted = true
            default: break
            }
            state.events.append(event)
            defer { state.waiter = nil }
            return (true, state.waiter)
        }
        waiter?.resume()
        return isTaken
    }

    /// Waits until something has come, and takes all of it. For one task.
    package func take() async -> [ViewerEvent] {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.events.isEmpty { state.waiter = continuation }
                return !state.events.isEmpty
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { state in
            defer {
                state.events = []
                state.messageCount = 0
                state.messageByteCount = 0
                state.isWakePosted = false
            }
            return state.events
        }
    }
}
