// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Glibc

/// What a connection speaks: HTTP first, perhaps WebSocket later. Called on the loop thread only.
protocol ConnectionDriver: AnyObject {
    /// New bytes, when all earlier ones were dealt with as far as `budget` reaches; what it does not reach is kept.
    func received(_ bytes: UnsafeRawBufferPointer, _ budget: inout TurnBudget)
    /// Whether there is input that a budget did not reach.
    var hasInput: Bool { get }
    /// Goes on with that input.
    func resume(_ budget: inout TurnBudget)

    /// Whether `fill` would give bytes.
    var hasOutput: Bool { get }
    /// Fills `target` from the front with what goes out next.
    ///
    /// - Returns: How many bytes.
    func fill(_ target: UnsafeMutableRawBufferPointer) -> Int
    /// All output was handed over.
    ///
    /// - Returns: Whether there may be more now.
    func advance() -> Bool

    /// Looks at deadlines; called a few times per shortest deadline.
    func tick(now: ContinuousClock.Instant)
    /// The listener stops: end soon.
    func drain()
    /// The connection is gone; the last call.
    func lost()

    func respond(exchange: UInt64, _ response: HTTPResponse)
    func hold(exchange: UInt64, _ isHeld: Bool)
}

extension ConnectionDriver {
    func respond(exchange: UInt64, _ response: HTTPResponse) {}
    func hold(exchange: UInt64, _ isHeld: Bool) {}
}

/// One socket. Lives on the loop thread; other threads name it by its id.
///
/// Bytes are written only while the socket takes them, in pieces of the loop's scratch buffer, so that next to nothing
/// waits where it cannot be overtaken: the kernel holds what it has on the wire plus 16 KiB (`TCP_NOTSENT_LOWAT`).
final class Connection {
    private enum Ending: Equatable {
        case open
        /// Ends when all output was written. A lingering end lets the peer read an answer it did not wait for.
        case flushing(isLingering: Bool)
        /// Our side is shut; what the peer still sends is dropped, so that no reset overtakes the answer.
        case lingering(until: ContinuousClock.Instant)
        case dead
    }

    /// Pieces written before other connections get their turn.
    private static let piecesPerTurn = 16
    private static let lingerDuration = Duration.seconds(2)

    let id: UInt64
    let peer: SocketAddress
    let peerText: String
    /// Set if a limit on connections was passed: every request is answered with 503.
    let refusal: Refusal?
    unowned let loop: Loop
    var driver: (any ConnectionDriver)?
    private var wsi: OpaquePointer?
    private var ending = Ending.open
    private var hasReceived = false
    /// Whether input is left for another turn; nothing is read until then.
    private var isUnfinished = false
    /// Whether the driver wants nothing to be read.
    private var isHeld = false
    private var isReading = true
    /// Since when output waits for the socket.
    private var waitingSince: ContinuousClock.Instant?
    /// What the socket did not take of the last piece.
    private var unsent: [UInt8] = []

    init(id: UInt64, peer: SocketAddress, refusal: Refusal?, loop: Loop) {
        self.id = id
        self.peer = peer
        peerText = peer.textWithPort
        self.refusal = refusal
        self.loop = loop
    }

    var isDead: Bool { ending == .dead }

    func adopted(_ wsi: OpaquePointer) { self.wsi = wsi }

    /// The socket is closed; called once.
    func closed() {
        ending = .dead
        wsi = nil
        driver?.lost()
        driver = nil
    }

    // MARK: Reading

    func received(_ bytes: UnsafeRawBufferPointer) {
        if !hasReceived, let wsi {
            // After a TLS handshake libwebsockets waits for a role of its own to begin.
            lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0)
            hasReceived = true
        }
        loop.counters.update { $0.receivedByteCount += bytes.count }
        guard ending == .open else { return }
        var budget = TurnBudget()
        driver?.received(bytes, &budget)
        pump()
    }

    /// Another turn, for input that was left.
    func resumed() {
        isUnfinished = false
        if ending == .open {
            var budget = TurnBudget()
            driver?.resume(&budget)
        }
        pump()
    }

    private func scheduleInput() {
        if ending == .open, !isUnfinished, driver?.hasInput == true {
            isUnfinished = true
            loop.resumeLater(self)
        }
        setReading()
    }

    /// Stops reading, so that the peer's window closes, or goes on.
    func hold(_ isHeld: Bool) {
        self.isHeld = isHeld
        setReading()
    }

    private func setReading() {
        // What a peer sends at the end is read and dropped.
        let reads = ending == .open ? !isHeld && !isUnfinished : true
        guard let wsi, reads != isReading else { return }
        isReading = reads
        lws_rx_flow_control(wsi, reads ? 1 : 0)
    }

    // MARK: Writing

    /// Writes as much as the socket takes, and sees to input that can be dealt with after that.
    func pump() {
        writePieces()
        scheduleInput()
    }

    private func writePieces() {
        var pieceCount = 0
        while let driver, let wsi, ending == .open || isFlushing {
            guard !unsent.isEmpty || driver.hasOutput else {
                if ending == .open, driver.advance() { continue }
                break
            }
            guard pieceCount < Self.piecesPerTurn, lws_send_pipe_choked(wsi) == 0, writePiece(driver, wsi) else {
                if waitingSince == nil { waitingSince = loop.now }
                lws_callback_on_writable(wsi)
                return
            }
            pieceCount += 1
        }
        finishIfFlushed()
    }

    private var isFlushing: Bool { if case .flushing = ending { true } else { false } }

    /// - Returns: False if the socket takes no more for now.
    private func writePiece(_ driver: any ConnectionDriver, _ wsi: OpaquePointer) -> Bool {
        if unsent.isEmpty {
            let count = driver.fill(loop.scratch)
            return write(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]), wsi)
        }
        let bytes = unsent
        unsent = []
        return bytes.withUnsafeBytes { write($0, wsi) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ wsi: OpaquePointer) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard let count = SocketWriting.write(bytes, to: wsi) else {
            kill()
            return true
        }
        if count > 0 { waitingSince = nil }
        loop.counters.update { $0.sentByteCount += count }
        unsent = Array(bytes.dropFirst(count))
        return unsent.isEmpty
    }

    // MARK: Ending

    /// Ends when the driver has no more output.
    func finish(isLingering: Bool) {
        if ending == .open { ending = .flushing(isLingering: isLingering) }
    }

    private func finishIfFlushed() {
        guard case .flushing(let isLingering) = ending, driver?.hasOutput == false, let wsi, unsent.isEmpty
        else { return }
        // libwebsockets drops raw sockets without the message that ends a TLS session.
        if loop.isSecure, let session = lws_get_ssl(wsi) { SSL_shutdown(session) }
        guard isLingering else { return kill() }
        ending = .lingering(until: loop.now + Self.lingerDuration)
        setReading()
        shutdown(lws_get_socket_fd(wsi), Int32(SHUT_WR))
    }

    /// Ends now. Inside a callback of libwebsockets about this socket, the callback's result does it.
    func kill() {
        guard ending != .dead else { return }
        ending = .dead
        if let wsi, !loop.isInCallback(of: self) {
            lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
        }
    }

    func tick(now: ContinuousClock.Instant) {
        if case .lingering(let end) = ending, now >= end { return kill() }
        if let waitingSince, waitingSince.duration(to: now) > loop.configuration.limits.stuckDuration {
            loop.counters.refuse(.stuck)
            return kill()
        }
        guard ending == .open else { return }
        driver?.tick(now: now)
        pump()
    }
}
