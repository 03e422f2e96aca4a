// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Sockets
import StreamCore

/// What a run goes through, for people who wait.
package typealias BenchProgress = (_ what: String, _ share: Double) -> Void

/// A loop with viewers of one model on it, behind a link or not. Every wait is bounded.
final class ViewerStage {
    let loop = SocketLoop()
    let server: ServerURL
    let model: String
    let relay: LinkRelay?
    private(set) var viewers: [HeadlessViewer] = []
    private let decoders: DecodeQueue
    private let address: SocketAddress
    private let isInterrupted: () -> Bool
    private static let tickSeconds = 0.02
    private static let pingSeconds = 0.1
    private var nextPing = 0.0
    private var nextNumber = 0
    /// Asked at every tick, beside what the stage does itself.
    var onTick: (_ now: Double) -> Void = { _ in }
    /// Viewers that are asked for their round trip at every ping.
    var pingedCount = 1

    /// - Throws: `BenchmarkError`: the server or the link cannot be reached.
    init(
        _ server: ServerURL, model: String, link: LinkProfile?, isInterrupted: @escaping () -> Bool
    ) throws(BenchmarkError) {
        self.server = server
        self.model = model
        self.isInterrupted = isInterrupted
        if let link {
            let relay = try LinkRelay(link, to: server)
            self.relay = relay
            address = try ServerURL(port: relay.port).address()
        } else {
            relay = nil
            address = try server.address()
        }
        decoders = DecodeQueue(threadCount: 2, waker: loop.waker)
        loop.onWake = { [unowned self] in takeDecoded() }
        tickLater()
    }

    func close() {
        for viewer in viewers { viewer.connection.close() }
        relay?.stop()
    }

    /// Connects a viewer.
    ///
    /// - Throws: `BenchmarkError`.
    @discardableResult
    func add(_ options: HeadlessViewer.Options) throws(BenchmarkError) -> HeadlessViewer {
        let viewer = try HeadlessViewer(
            nextNumber, loop, address, server: server, model: model, options: options, decoders: decoders)
        nextNumber += 1
        viewers.append(viewer)
        return viewer
    }

    /// Hangs up the last viewers.
    func removeLast(_ count: Int) {
        for viewer in viewers.suffix(count) { viewer.connection.close() }
        viewers.removeLast(min(count, viewers.count))
    }

    private func takeDecoded() {
        for result in decoders.takeResults() {
            // Viewers that have left are not told; mostly nobody has, and a number is a place.
            let place = viewers.indices.contains(result.viewer) ? result.viewer : 0
            let viewer =
                viewers.indices.contains(place) && viewers[place].number == result.viewer
                ? viewers[place] : viewers.first { $0.number == result.viewer }
            viewer?.take(result)
        }
    }

    private func tickLater() {
        loop.at(SocketLoop.now + ViewerStage.tickSeconds) { [unowned self] in
            let now = SocketLoop.now
            for viewer in viewers { viewer.tick(now) }
            if now >= nextPing {
                nextPing = now + ViewerStage.pingSeconds
                for viewer in viewers.prefix(pingedCount) where viewer.welcome != nil { viewer.ping(now) }
            }
            onTick(now)
            tickLater()
        }
    }

    /// Waits for something.
    ///
    /// - Returns: whether it came in time.
    /// - Throws: `BenchmarkError`: interrupted, or a viewer failed.
    @discardableResult
    func wait(seconds: Double, until isDone: () -> Bool = { false }) throws(BenchmarkError) -> Bool {
        let end = SocketLoop.now + seconds
        loop.at(end) {}
        loop.run { isDone() || SocketLoop.now >= end || isInterrupted() || viewers.contains { $0.failure != nil } }
        if isInterrupted() { throw BenchmarkError("interrupted") }
        if let failure = viewers.lazy.compactMap(\.failure).first { throw failure }
        return isDone()
    }

    /// Waits until all viewers are let in.
    ///
    /// - Throws: `BenchmarkError`.
    func waitForWelcome() throws(BenchmarkError) {
        guard try wait(seconds: 15, until: { viewers.allSatisfy { $0.welcome != nil } }) else {
            throw BenchmarkError("\(server.text) does not greet its viewers: is it a server of Vantage's?")
        }
        if viewers.contains(where: { $0.options.path == .hybrid }) { return try waitForHybrid() }
        for viewer in viewers {
            // Older servers do not know all paths, and choose their own.
            guard let given = viewer.welcome?.path, given != viewer.options.path.rawValue else { continue }
            let spoken = viewer.welcome?.protocol.map(String.init).joined(separator: ".") ?? ""
            throw BenchmarkError(
                "the server, which speaks protocol \(spoken), gives the \(given) path and not the "
                    + "\(viewer.options.path) path: \(viewer.welcome?.reason ?? "")")
        }
    }

    /// The hybrid path is always negotiated: the server draws until it is decided.
    private func waitForHybrid() throws(BenchmarkError) {
        guard try wait(seconds: 15, until: { viewers.allSatisfy { $0.shownPath == .hybrid } }) else {
            let said = viewers.lazy.flatMap(\.notices).first.map { ": \($0)" } ?? ""
            throw BenchmarkError("\(server.text) does not give the hybrid path\(said)")
        }
    }

    /// Moves viewers along a path, each a little further on than the one before.
    ///
    /// - Parameters:
    ///   - seconds: how long; the path is repeated if it is shorter.
    ///   - phase: seconds between one viewer and the next.
    ///   - speed: of the path's own.
    func drive(
        _ viewers: [HeadlessViewer], along path: CameraPath, bounds: Bounds, seconds: Double, hertz: Double,
        phase: Double = 0, speed: Double = 1, progress: (Double) -> Void = { _ in }
    ) throws(BenchmarkError) {
        let driver = PathDriver(path: path, bounds: bounds, speed: speed)
        let began = SocketLoop.now
        var count = 0
        while Double(count) / hertz < seconds {
            // Viewers do not move in step.
            for (index, viewer) in viewers.enumerated() {
                let due = began + (Double(count) + Double(index) / Double(viewers.count)) / hertz
                if due > SocketLoop.now { try wait(seconds: due - SocketLoop.now) }
                driver.move(viewer, at: SocketLoop.now - began + phase * Double(index), isMoving: true)
            }
            count += 1
            progress(min(1, Double(count) / hertz / seconds))
        }
        let rest = began + seconds - SocketLoop.now
        if rest > 0 { try wait(seconds: rest) }
        for (index, viewer) in viewers.enumerated() {
            driver.move(viewer, at: seconds + phase * Double(index), isMoving: false)
        }
    }
}

/// A path for viewers of a model: poses with the speeds that a viewer tells its server.
struct PathDriver {
    let path: CameraPath
    let bounds: Bounds
    /// Of the path's own.
    var speed = 1.0
    /// Over which speeds are measured, as a hand's are.
    private static let speedSeconds = 1.0 / 30

    func pose(at time: Double) -> OrbitPose {
        let length = path.seconds
        let time = time * speed
        return path.pose(at: length > 0 ? time.truncatingRemainder(dividingBy: length) : 0, fittedTo: bounds)
    }

    func move(_ viewer: HeadlessViewer, at time: Double, isMoving: Bool) {
        let (width, height) = (Double(viewer.options.width), Double(viewer.options.height))
        let view = pose(at: time).view(width: width, height: height)
        guard isMoving else { return viewer.look(view, isMoving: false) }
        let before = pose(at: max(0, time - PathDriver.speedSeconds)).view(width: width, height: height)
        let speeds = PathDriver.speeds(from: before, to: view, seconds: PathDriver.speedSeconds)
        viewer.look(view, velocity: speeds.linear, angularVelocity: speeds.angular, isMoving: true)
    }

    /// Zero for what is a jump rather than a movement.
    static func speeds(
        from a: ViewState, to b: ViewState, seconds: Double
    ) -> (linear: Double3, angular: Double3) {
        let (p, q) = (a.orientation, b.orientation)
        // q · conjugate(p): the turn from one to the other.
        let (u, v) = (Double3(q.x, q.y, q.z), Double3(-p.x, -p.y, -p.z))
        var vector = v * q.w + u * p.w + cross(u, v)
        var scalar = q.w * p.w - dot(u, v)
        if scalar < 0 { (vector, scalar) = (-vector, -scalar) }
        let sine = length(vector)
        guard sine < 0.2 else { return (.zero, .zero) }
        return ((b.eye - a.eye) / seconds, vector * (2 / max(scalar, 0.5)) / seconds)
    }
}
