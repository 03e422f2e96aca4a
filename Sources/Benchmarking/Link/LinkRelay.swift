// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets
import Synchronization

/// A link on loopback: a relay that passes on what connections say as a `LinkProfile` allows. All its connections share
/// the link, as they share an access line. It runs on a thread of its own and touches nothing of the system's network.
package final class LinkRelay: Sendable {
    /// Of 127.0.0.1: connect here instead of to the server.
    package let port: Int
    private let state: RelayState
    private let waker: Waker

    /// - Throws: `BenchmarkError` when no port is free, or the server's name is unknown.
    package init(_ profile: LinkProfile, to server: ServerURL, seed: UInt64 = 1) throws(BenchmarkError) {
        let address = try server.address()
        let started = Mailbox<Result<(port: Int, waker: Waker), BenchmarkError>>()
        let state = RelayState()
        Thread.detachNewThread {
            let loop = SocketLoop()
            let worker = RelayWorker(loop, profile, address, seed: seed, state)
            do throws(SocketError) {
                started.put(.success((try loop.listen { worker.accept($0) }, loop.waker)))
            } catch {
                return started.put(.failure(BenchmarkError("the link cannot be made: \(error)")))
            }
            loop.run { state.isStopping.load(ordering: .relaxed) }
        }
        (port, waker) = try started.wait().get()
        self.state = state
    }

    deinit { stop() }

    /// Breaks all connections and ends the thread soon.
    package func stop() {
        state.isStopping.store(true, ordering: .relaxed)
        waker.wake()
    }

    /// The time of the profile's drop counts from here.
    package func startClock() { state.startedAt.withLock { $0 = SocketLoop.now } }

    /// What it passed towards the viewers so far: bytes, and the seconds that they took.
    package var down: (byteCount: Int, busySeconds: Double) { state.down.withLock { $0 } }
}

private final class RelayState: Sendable {
    let isStopping = Atomic<Bool>(false)
    let startedAt = Mutex<Double?>(nil)
    let down = Mutex<(byteCount: Int, busySeconds: Double)>((0, 0))
}

/// The relay's side of its loop.
private final class RelayWorker {
    /// Small, so that the server feels the link and not the loopback's megabytes.
    private static let receiveByteCount = 16_384

    private let loop: SocketLoop
    private let address: SocketAddress
    private let state: RelayState
    private let down: RelayDirection
    private let up: RelayDirection
    private var pairs: [(client: Socket, server: Socket)] = []

    init(_ loop: SocketLoop, _ profile: LinkProfile, _ address: SocketAddress, seed: UInt64, _ state: RelayState) {
        (self.loop, self.address, self.state) = (loop, address, state)
        down = RelayDirection(loop, ShapedDirection(profile, isDown: true, seed: seed), state)
        up = RelayDirection(loop, ShapedDirection(profile, isDown: false, seed: seed &+ 1), nil)
    }

    func accept(_ client: Socket) {
        pairs.removeAll { $0.client.isClosed && $0.server.isClosed }
        guard let server = try? loop.connect(to: address, receiveByteCount: RelayWorker.receiveByteCount) else {
            return client.close()
        }
        pairs.append((client, server))
        up.join(client, to: server)
        down.join(server, to: client)
    }
}

/// A `ShapedDirection` with its sockets: one queue for all of them.
private final class RelayDirection {
    private struct Piece {
        var arrival: Double
        var target: Socket
        /// nil: the end.
        var bytes: ArraySlice<UInt8>?
    }

    private let loop: SocketLoop
    private let state: RelayState?
    private var shape: ShapedDirection
    private var pieces: [Piece] = []
    private var first = 0
    private var isTimed = false

    init(_ loop: SocketLoop, _ shape: ShapedDirection, _ state: RelayState?) {
        (self.loop, self.shape, self.state) = (loop, shape, state)
    }

    func join(_ source: Socket, to target: Socket) {
        source.onBytes = { [unowned self] bytes, now in pass(bytes, from: source, to: target, now) }
        source.onEnd = { [unowned self] _ in
            pieces.append(Piece(arrival: pieces.last?.arrival ?? SocketLoop.now, target: target, bytes: nil))
            deliverLater()
        }
    }

    private func pass(_ bytes: [UInt8], from source: Socket, to target: Socket, _ now: Double) {
        if let startedAt = state?.startedAt.withLock({ $0 }) { shape.start(at: startedAt) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(ShapedDirection.pieceByteCount)
            rest = rest.dropFirst(piece.count)
            pieces.append(
                Piece(arrival: shape.take(byteCount: piece.count, at: now), target: target, bytes: piece))
        }
        state?.down.withLock { $0 = (shape.servedByteCount, shape.busySeconds) }
        deliverLater()
        let room = shape.roomAt(now)
        guard room > now else { return }
        source.isReading = false
        loop.at(room) { source.isReading = true }
    }

    private func deliverLater() {
        guard !isTimed, first < pieces.count else { return }
        isTimed = true
        loop.at(pieces[first].arrival) { [unowned self] in
            isTimed = false
            deliver()
        }
    }

    private func deliver() {
        let now = SocketLoop.now
        while first < pieces.count, pieces[first].arrival <= now {
            let piece = pieces[first]
            if let bytes = piece.bytes { piece.target.send(Array(bytes)) } else { piece.target.close() }
            first += 1
        }
        if first > 1024 || first == pieces.count {
            pieces.removeFirst(first)
            first = 0
        }
        deliverLater()
    }
}
