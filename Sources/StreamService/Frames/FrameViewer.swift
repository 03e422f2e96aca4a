// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import FrameStreaming
import Logging
import ModelStorage
import StreamCore
import Transport

/// A viewer that the server draws for: checks its messages and passes them on to the `FrameService`, which sends the
/// frames.
struct FrameViewer: ServedViewer {
    let model: ServedModel
    let session: SessionDirectory.Session
    let number: Int
    let connection: any ViewerConnection
    let services: ViewerServices
    let log: Logger
    private let request: ViewerRequest
    private var lastView: UInt32 = 0

    init(
        _ request: ViewerRequest, model: ServedModel, session: SessionDirectory.Session, number: Int,
        connection: any ViewerConnection, services: ViewerServices
    ) {
        self.request = request
        self.model = model
        self.session = session
        self.number = number
        self.connection = connection
        self.services = services
        var log = services.log
        log[metadataKey: "session"] = "\(session.id)"
        log[metadataKey: "viewer"] = "\(number)"
        self.log = log
    }

    var nextDeadline: ContinuousClock.Instant? { nil }

    var summary: Logger.Metadata { ["views": "\(lastView)"] }

    mutating func begin() {
        let home = ViewState.home(
            of: model.archive.bounds, width: Double(request.width), height: Double(request.height))
        let welcome = ViewerWelcome(
            model: model, session: session.id, viewer: number, path: .server,
            reason: "The viewer asked for pictures; \(services.frames.description) draws them.",
            isResumed: request.isResumed, home: home)
        let message = Wire.Welcome(json: welcome.json(services.configuration).encoded()).encode()
        _ = connection.send(.bytes(message), priority: .control)
        services.frames.enter(
            FrameMember(viewer: number, model: model, connection: connection, log: log),
            view: ViewUpdate(sequence: 0, view: home))
    }

    mutating func end() { services.frames.leave(number) }

    mutating func handle(_ events: [ViewerEvent]) -> ViewerEnding? {
        for event in events {
            switch event {
            case .message(let bytes):
                do throws(ServiceError) { try take(bytes) } catch { return .close(error) }
            case .text: return .close(ServiceError(.malformed, "text message: the protocol is binary"))
            case .closed: return .gone
            case .notice(let notice): _ = connection.send(notice.payload, priority: .control)
            case .end(let code, let reason): return .close(ServiceError(code, reason))
            case .inspect(let answer): services.frames.inspect(number, answer)
            case .wake: break
            }
        }
        return nil
    }

    private mutating func take(_ bytes: [UInt8]) throws(ServiceError) {
        let message: ClientMessage
        do throws(WireError) { message = try ClientMessage(decoding: bytes.rawSpan) } catch {
            throw ServiceError(.malformed, error.description)
        }
        switch message {
        case .view(let view):
            let update = try view.update()
            try checkSize(update.view)
            lastView = update.sequence
            services.frames.post(.view(update), of: number)
        case .hello(let hello):
            guard let json = try? JSONValue(decoding: hello.json), case .object = json else {
                throw ServiceError(.malformed, "Hello.json: not a JSON object")
            }
            services.frames.post(.hello(FrameHello(json)), of: number)
        case .ping(let ping):
            _ = connection.send(.bytes(Wire.Pong(time: ping.time).encode()), priority: .control)
        case .frameReceived(let message): services.frames.post(.event(FrameEvent(message)), of: number)
        case .frameShown(let message): services.frames.post(.event(FrameEvent(message)), of: number)
        case .visibility(let message): services.frames.post(.event(FrameEvent(message)), of: number)
        case .pick(let pick): services.frames.post(.pick(pick), of: number)
        case .acknowledge, .evicted, .holdings, .budget, .hint, .lost:
            throw ServiceError(.malformed, "message of the client path on a connection of the server path")
        }
    }

    private func checkSize(_ view: ViewState) throws(ServiceError) {
        let limit = services.frames.configuration.pixelLimit
        guard Int(view.width) * Int(view.height) <= limit else {
            throw ServiceError(
                .malformed,
                "View.width, height: \(Int(view.width)) × \(Int(view.height)) pixels are more than this server draws "
                    + "(\(limit), renderer.pixelLimit)")
        }
    }
}
