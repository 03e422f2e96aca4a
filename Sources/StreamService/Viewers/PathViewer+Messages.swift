// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import JSONCoding
import Logging
import PathNegotiation
import StreamCore
import Transport

/// What a viewer says.
extension PathViewer {
    mutating func take(_ bytes: [UInt8]) throws(ServiceError) {
        let message: ClientMessage
        do throws(WireError) { message = try ClientMessage(decoding: bytes.rawSpan) } catch {
            throw ServiceError(.malformed, error.description)
        }
        // Pages say the same with every token.
        if let right = message.right, !rights.contains(right) { return }
        switch message {
        case .view(let view): newestView = try view.update()
        case .hello(let hello): try take(hello)
        case .ping(let ping):
            _ = connection.send(.bytes(Wire.Pong(time: ping.time).encode()), priority: .control)
        case .acknowledge, .evicted, .holdings, .budget, .hint, .lost: try takeForChunks(message)
        case .frameReceived, .frameShown, .pick, .visibility: try takeForFrames(message)
        case .facts, .pathWish, .pathShown: try takeForPath(message)
        }
    }

    private mutating func takeForChunks(_ message: ClientMessage) throws(ServiceError) {
        if case .fixed(.server) = request.path {
            throw ServiceError(.malformed, "message of the client path on a connection of the server path")
        }
        // What a viewer holds counts also before it is sent anything.
        makeChunks()
        switch message {
        case .holdings(let holdings):
            try takeNewestView()
            try chunks?.take(holdings)
        case .acknowledge(let message): try chunks?.take(message)
        case .evicted(let evicted): try chunks?.take(evicted)
        case .lost(let lost): try chunks?.take(lost)
        case .budget(let budget): try chunks?.take(budget)
        case .hint(let hint): try chunks?.take(hint)
        default: break
        }
    }

    private mutating func takeForFrames(_ message: ClientMessage) throws(ServiceError) {
        if case .fixed(.client) = request.path {
            throw ServiceError(.malformed, "message of the server path on a connection of the client path")
        }
        // Those of a path that has ended are late.
        switch message {
        case .frameReceived(let message): frames?.take(FrameEvent(message))
        case .frameShown(let message): frames?.take(FrameEvent(message))
        case .visibility(let message):
            isVisible = message.isVisible
            frames?.take(FrameEvent(message))
            negotiate(.visible(isVisible))
        case .pick(let pick): frames?.take(pick)
        default: break
        }
    }

    private mutating func takeForPath(_ message: ClientMessage) throws(ServiceError) {
        guard negotiation != nil else {
            throw ServiceError(.malformed, "message of a negotiated path on a connection of a fixed one")
        }
        switch message {
        case .facts(let facts): takeFacts(try object(facts.json, "Facts.json"))
        case .pathWish(let wish): negotiate(.wish(PathWish(wish.choice)))
        case .pathShown(let message):
            let reason = try object(message.json, "PathShown.json")["reason"]?.text ?? ""
            takeShown(number: Int(message.number), isShown: message.isShown, reason: String(reason.prefix(200)))
        default: break
        }
    }

    private mutating func take(_ message: Wire.Hello) throws(ServiceError) {
        let hello = try object(message.json, "Hello.json")
        log.debug("hello", metadata: ["client": "\(hello["client"]?.text?.prefix(80) ?? "")"])
        self.hello = hello
        try chunks?.take(hello)
        frames?.take(hello)
        takeDevice(hello)
    }

    /// What a message says in JSON. So much of it comes at once when a page opens, and then little.
    ///
    /// - Throws: `malformed`, naming the place, or `flooding`.
    private mutating func object(_ bytes: [UInt8], _ name: String) throws(ServiceError) -> JSONValue {
        guard factsBucket.take(1, now: services.clock.now) else {
            throw ServiceError(.flooding, "\(name): Hello and Facts come faster than anything changes")
        }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(decoding: bytes, limits: .message) } catch {
            throw ServiceError(.malformed, "\(name): \(error)")
        }
        guard case .object = json else { throw ServiceError(.malformed, "\(name): not a JSON object") }
        return json
    }

    mutating func takeNewestView() throws(ServiceError) {
        guard let view = newestView else { return }
        newestView = nil
        self.view = view
        pauseChunks()
        chunks?.take(view)
        try frames?.take(view)
    }
}

extension PathWish {
    init(_ choice: Wire.PathChoice) {
        self =
            switch choice {
            case .auto: .auto
            case .client: .client
            case .server: .server
            case .hybrid: .hybrid
            }
    }
}

extension Wire.RenderPath {
    init(_ path: ViewerPath) {
        self =
            switch path {
            case .client: .client
            case .server: .server
            case .hybrid: .hybrid
            }
    }
}
