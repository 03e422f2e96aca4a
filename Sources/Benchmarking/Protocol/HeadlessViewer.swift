// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Sockets
import StreamCore

/// A viewer without a window: its connection, its camera, and what it does with chunks and frames. For its loop's thread.
final class HeadlessViewer {
    struct Options {
        var path = RequestedPath.client
        var width = 1280
        var height = 720
        var thresholdPixels = 1.0
        /// Whether chunks are decoded and drawn.
        var decodesChunks = true
    }

    let number: Int
    let options: Options
    let connection: ViewerConnection
    let mesh: MeshIntake
    let frames = FrameIntake()
    private(set) var welcome: Welcome?
    private(set) var welcomedAt: Double?
    private(set) var failure: BenchmarkError?
    private(set) var notices: [String] = []
    /// Seconds from pings to their pongs, with when they came.
    private(set) var roundTrips: [(at: Double, seconds: Double)] = []
    /// When the newest view was sent.
    private(set) var lastInputAt: Double?
    private(set) var view: ViewState?
    /// Who draws, where that is negotiated; nil: not decided.
    private(set) var shownPath: Wire.RenderPath?
    /// The change that is to be answered when there is something to show.
    private var openPath: Wire.Path?
    private let decoders: DecodeQueue
    private var viewSequence: UInt32 = 0

    /// - Throws: `BenchmarkError`.
    init(
        _ number: Int, _ loop: SocketLoop, _ address: SocketAddress, server: ServerURL, model: String,
        options: Options, decoders: DecodeQueue
    ) throws(BenchmarkError) {
        (self.number, self.options, self.decoders) = (number, options, decoders)
        mesh = MeshIntake(decodes: options.decodesChunks)
        let target = ViewerConnection.target(
            server, model: model, path: options.path, width: options.width, height: options.height)
        do throws(SocketError) {
            connection = try ViewerConnection(loop, address, host: server.host, target: target)
        } catch {
            throw BenchmarkError("\(server.text) cannot be reached: \(error)")
        }
        connection.onEvent = { [unowned self] event, now in take(event, now) }
        frames.wanted = { [unowned self] in view }
    }

    private func take(_ event: ViewerConnection.Event, _ now: Double) {
        switch event {
        case .ended(let error): failure = failure ?? error
        case .message(.welcome(let message)):
            do throws(BenchmarkError) {
                welcome = try Welcome(message)
                welcomedAt = now
            } catch {
                failure = error
                connection.close()
            }
        case .message(.pong(let pong)): roundTrips.append((now, now - pong.time))
        case .message(.notice(let notice)): notices.append(String(decoding: notice.json.prefix(300), as: UTF8.self))
        case .message(let message): take(message, now)
        }
    }

    private func take(_ message: ServerMessage, _ now: Double) {
        switch message {
        case .geometry, .material, .chunk, .recall, .settled:
            let job = mesh.take(message, connectionByteCount: connection.receivedByteCount, at: now)
            if let job { decoders.decode(viewer: number, job) }
            acknowledge(now)
        case .frame, .framePart, .frameCancelled: perform(frames.take(message, at: now))
        case .path(let path):
            openPath = path
            show()
        default: break
        }
    }

    private func perform(_ actions: FrameIntake.Actions) {
        for message in actions.messages { connection.send(message) }
        if let job = actions.job { decoders.decode(viewer: number, lane: number, job) }
    }

    /// A decoder is done with something of this viewer's.
    func take(_ result: DecodeQueue.Result) {
        let now = SocketLoop.now
        switch result.content {
        case .picture: perform(frames.take(result.content, seconds: result.seconds, at: now))
        case .damaged(_, .some, _): perform(frames.take(result.content, seconds: result.seconds, at: now))
        default:
            mesh.take(result.content, seconds: result.seconds, at: now)
            // When the first picture is there is to be known to the chunk.
            if mesh.firstPicture == nil { draw(now) }
        }
    }

    private func acknowledge(_ now: Double) {
        if let message = mesh.acknowledgement(at: now) { connection.send(message) }
    }

    /// To be called every 20 ms or so: acknowledges the rest, and draws.
    func tick(_ now: Double) {
        acknowledge(now)
        draw(now)
        show()
    }

    /// Answers a change of paths, as pages do: what they draw has to be there first, the server's pictures are already.
    private func show() {
        guard let path = openPath, path.path == .server || !mesh.arrivals.isEmpty else { return }
        openPath = nil
        shownPath = path.path
        connection.send(Wire.PathShown(number: path.number, isShown: true, json: Array("{}".utf8)).encode())
    }

    private func draw(_ now: Double) {
        guard let view, let message = mesh.draw(view, thresholdPixels: options.thresholdPixels, at: now) else { return }
        connection.send(message)
    }

    func ping(_ now: Double) { connection.send(Wire.Ping(time: now).encode()) }

    /// Looks somewhere.
    ///
    /// - Parameters:
    ///   - velocity: metres per second.
    ///   - angularVelocity: world axis times radians per second.
    func look(_ view: ViewState, velocity: Double3 = .zero, angularVelocity: Double3 = .zero, isMoving: Bool) {
        let now = SocketLoop.now
        viewSequence += 1
        self.view = view
        lastInputAt = now
        mesh.viewChanged(to: viewSequence)
        frames.sent(view: viewSequence, at: now)
        let (projection, scale): (Wire.ProjectionKind, Double) =
            switch view.projection {
            case .perspective(let tangent): (.perspective, tangent)
            case .orthographic(let halfHeight): (.orthographic, halfHeight)
            }
        connection.send(
            Wire.View(
                sequence: viewSequence, eye: view.eye, orientation: Float4(view.orientation), projection: projection,
                scale: Float(scale), width: UInt16(clamping: Int(view.width)),
                height: UInt16(clamping: Int(view.height)), thresholdPixels: Float(options.thresholdPixels),
                velocity: Float3(velocity), angularVelocity: Float3(angularVelocity), focus: .zero, isMoving: isMoving
            ).encode())
    }

    /// Nothing is missing: everything that was sent is in the scene.
    var isSettled: Bool { mesh.settledAt != nil && mesh.backlogByteCount == 0 }
}
