// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Glibc

/// The loop thread's world: one context of libwebsockets, its sockets, and the timer. Everything here runs on the loop
/// thread, except `init`, which ends before that thread starts.
///
/// libwebsockets polls, reads, does TLS and keeps the timer; sockets have its `raw-skt` role.
final class Loop: @unchecked Sendable {  // confined to the loop thread
    private static let acceptsPerTurn = 64
    /// Connections that go on in one turn with input of an earlier one.
    private static let resumedPerTurn = 8

    let configuration: ListenerConfiguration
    let budget: DescriptorBudget
    let service: any TransportService
    let mailbox: Mailbox
    let counters: Counters
    var isSecure: Bool { certificates != nil }
    private let certificates: CertificateStore?
    /// What goes to a socket is gathered here: one TLS record.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    private let timer: UnsafeMutablePointer<cwebsockets_timer>
    private var library: LibraryContext?
    private var listeners: [OpaquePointer] = []
    private var connections: [UInt64: Connection] = [:]
    private var connectionCounts: [String: Int] = [:]
    private var lastID: UInt64 = 0
    private var connectionInCallback: UInt64?
    private var areListenersHeld = false
    private var isShortOfDescriptors = false
    /// Connections with input that their turn did not suffice for, first come, first served.
    private var unfinished: [UInt64] = []
    private var clock = LoopClock()
    private var isStopping = false
    private var isTimerSet = false
    private var drainDeadline: ContinuousClock.Instant?
    private var drainWaiters: [CheckedContinuation<Void, Never>] = []

    /// - Parameter descriptors: Listening sockets; owned from here on.
    init(
        configuration: ListenerConfiguration, budget: DescriptorBudget, certificates: CertificateStore?,
        service: any TransportService, mailbox: Mailbox, counters: Counters, descriptors: [Int32]
    ) throws(TransportError) {
        self.configuration = configuration
        self.budget = budget
        self.certificates = certificates
        self.service = service
        self.mailbox = mailbox
        self.counters = counters
        timer = .allocate(capacity: 1)
        timer.initialize(to: cwebsockets_timer())
        do {
            library = try LibraryContext(
                owner: Unmanaged.passUnretained(self).toOpaque(), isSecure: certificates != nil,
                callback: Self.callback)
        } catch {
            descriptors.forEach { Glibc.close($0) }
            throw error
        }
        timer.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        listeners = descriptors.compactMap { library?.adopt(listener: $0) }
        guard listeners.count == descriptors.count else {
            throw .library(message: "it does not take the listening sockets")
        }
        if let context = library?.context { mailbox.open(context: context) }
    }

    deinit {
        scratch.deallocate()
        timer.deallocate()
    }

    /// The loop thread's life.
    func run() {
        guard let context = library?.context else { return }
        // A negative time does not wait.
        while !isStopping, lws_service(context, unfinished.isEmpty ? 0 : -1) >= 0 { resumeUnfinished() }
        for case .drain(_, let waiter) in mailbox.close() { waiter.resume() }
        library = nil
        drainWaiters.forEach { $0.resume() }
        drainWaiters = []
    }

    /// The time by which peers are judged; see `LoopClock`.
    var now: ContinuousClock.Instant { clock.time(at: .now) }
    /// How long the loop has stalled since it began.
    var stalledDuration: Duration { clock.lag }

    // MARK: Turns

    /// Goes on with the input of `connection` after others had their turn.
    func resumeLater(_ connection: Connection) { unfinished.append(connection.id) }

    private func resumeUnfinished() {
        guard !unfinished.isEmpty else { return }
        let turn = unfinished.prefix(Self.resumedPerTurn)
        unfinished.removeFirst(turn.count)
        for id in turn { connections[id]?.resumed() }
    }

    // MARK: Callbacks of libwebsockets

    private typealias Callback =
        @convention(c) (
            OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int
        ) -> Int32

    private static let callback: Callback = { wsi, reason, user, input, count in
        guard let wsi, let owner = lws_context_user(lws_get_context(wsi)) else { return 0 }
        let loop = Unmanaged<Loop>.fromOpaque(owner).takeUnretainedValue()
        if reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS {
            guard let certificates = loop.certificates, let user else { return 1 }
            certificates.serve(OpaquePointer(user))
            return TLSRules.apply(to: OpaquePointer(user)) ? 0 : 1
        }
        return loop.handle(wsi, reason, UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count))
    }

    /// - Returns: Non-zero to close the socket.
    private func handle(
        _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ input: UnsafeRawBufferPointer
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
            deliver()
        case LWS_CALLBACK_RAW_RX_FILE:
            accept(on: wsi)
        case LWS_CALLBACK_RAW_RX:
            return inCallback(of: wsi) { $0.received(input) }
        case LWS_CALLBACK_RAW_WRITEABLE:
            return inCallback(of: wsi) { $0.pump() }
        case LWS_CALLBACK_WSI_DESTROY:
            destroyed(wsi)
        default: break
        }
        return 0
    }

    private func connection(_ wsi: OpaquePointer) -> Connection? {
        lws_get_opaque_user_data(wsi).map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
    }

    private func inCallback(of wsi: OpaquePointer, _ body: (Connection) -> Void) -> Int32 {
        guard let connection = connection(wsi), !connection.isDead else { return -1 }
        connectionInCallback = connection.id
        body(connection)
        connectionInCallback = nil
        return connection.isDead ? -1 : 0
    }

    func isInCallback(of connection: Connection) -> Bool { connectionInCallback == connection.id }

    private func destroyed(_ wsi: OpaquePointer) {
        guard let connection = connection(wsi) else { return listeners.removeAll { $0 == wsi } }
        lws_set_opaque_user_data(wsi, nil)
        forget(connection)
    }

    private func forget(_ connection: Connection) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        let address = connection.peer.text
        let count = connectionCounts[address, default: 1] - 1
        connectionCounts[address] = count == 0 ? nil : count
        counters.update { $0.connectionCount -= 1 }
        connection.closed()
        releaseListeners()
        finishDrainIfEmpty()
    }

    // MARK: Accepting

    private func accept(on listener: OpaquePointer) {
        for _ in 0..<Self.acceptsPerTurn {
            let (descriptor, peer) = SocketAddress.accept(on: lws_get_socket_fd(listener))
            guard descriptor >= 0 else {
                // Out of descriptors: the queue of the listening socket has to wait.
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { holdListeners() }
                return
            }
            guard Int(descriptor) < budget.firstReservedNumber else {
                counters.refuse(.tooManyConnections)
                Glibc.close(descriptor)
                return holdListeners()
            }
            isShortOfDescriptors = false
            add(descriptor, peer)
        }
    }

    private func add(_ descriptor: Int32, _ peer: SocketAddress) {
        let refusal = refusal(of: peer)
        guard connections.count < budget.connectionCount + budget.refusedCount else {
            counters.refuse(.tooManyConnections)
            Glibc.close(descriptor)
            return
        }
        ListeningSockets.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        ListeningSockets.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, 16 << 10)
        lastID += 1
        let connection = Connection(id: lastID, peer: peer, refusal: refusal, loop: self)
        connection.driver = HTTPDriver(connection)
        connections[lastID] = connection
        connectionCounts[peer.text, default: 0] += 1
        counters.update { statistics in
            statistics.connectionCount += 1
            statistics.acceptedConnectionCount += 1
        }
        setTimer()
        guard let wsi = library?.adopt(descriptor, Unmanaged.passUnretained(connection).toOpaque()) else {
            return forget(connection)
        }
        connection.adopted(wsi)
    }

    private func refusal(of peer: SocketAddress) -> Refusal? {
        let limits = configuration.limits
        if connections.count >= budget.connectionCount { return .tooManyConnections }
        let count = connectionCounts[peer.text, default: 0]
        return !peer.isLoopback && count >= limits.connectionCountPerAddress ? .tooManyConnectionsFromAddress : nil
    }

    /// Until a connection ends, or the next look at the deadlines.
    private func holdListeners() {
        if !isShortOfDescriptors { configuration.report(.descriptorsShort) }
        isShortOfDescriptors = true
        areListenersHeld = true
        listeners.forEach { lws_rx_flow_control($0, 0) }
        setTimer()
    }

    private func releaseListeners() {
        guard areListenersHeld else { return }
        areListenersHeld = false
        listeners.forEach { lws_rx_flow_control($0, 1) }
    }

    // MARK: Timer

    /// The timer runs only while there is something to time.
    private func setTimer() {
        guard !isTimerSet, let context = library?.context else { return }
        isTimerSet = true
        let duration = drainDeadline == nil ? configuration.limits.tickDuration : .milliseconds(20)
        let delay = duration / .microseconds(1)
        clock.planned(for: .now + duration)
        timer.withMemoryRebound(to: lws_sorted_usec_list_t.self, capacity: 1) { timer in
            lws_sul_schedule(context, 0, timer, Self.timerCallback, lws_usec_t(delay))
        }
    }

    private static let timerCallback: TimerCallback = { timer in
        guard let timer else { return }
        let owner = UnsafeMutableRawPointer(timer).assumingMemoryBound(to: cwebsockets_timer.self).pointee.owner
        guard let owner else { return }
        Unmanaged<Loop>.fromOpaque(owner).takeUnretainedValue().tick()
    }

    private typealias TimerCallback = @convention(c) (UnsafeMutablePointer<lws_sorted_usec_list_t>?) -> Void

    private func tick() {
        isTimerSet = false
        clock.looked(at: .now)
        let now = now
        for connection in Array(connections.values) { connection.tick(now: now) }
        releaseListeners()
        if let drainDeadline, ContinuousClock.now >= drainDeadline { connections.values.forEach { $0.kill() } }
        finishDrainIfEmpty()
        if !connections.isEmpty || drainDeadline != nil { setTimer() }
    }

    // MARK: Letters

    private func deliver() {
        for letter in mailbox.take() {
            switch letter {
            case .pump(let id):
                connections[id]?.pump()
            case .respond(let id, let exchange, let response):
                connections[id]?.driver?.respond(exchange: exchange, response)
                connections[id]?.pump()
            case .hold(let id, let exchange, let isHeld):
                connections[id]?.driver?.hold(exchange: exchange, isHeld)
            case .drain(let deadline, let waiter):
                drain(deadline, waiter)
            case .stop:
                isStopping = true
            }
        }
    }

    private func drain(_ deadline: ContinuousClock.Instant, _ waiter: CheckedContinuation<Void, Never>) {
        drainWaiters.append(waiter)
        drainDeadline = min(drainDeadline ?? deadline, deadline)
        listeners.forEach { lws_set_timeout($0, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC) }
        for connection in Array(connections.values) {
            connection.driver?.drain()
            connection.pump()
        }
        // The deadline may be nearer than the next tick.
        isTimerSet = false
        setTimer()
        finishDrainIfEmpty()
    }

    private func finishDrainIfEmpty() {
        guard drainDeadline != nil, connections.isEmpty else { return }
        drainWaiters.forEach { $0.resume() }
        drainWaiters = []
        drainDeadline = nil
    }
}
