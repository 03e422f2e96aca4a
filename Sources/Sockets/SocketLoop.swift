// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization

/// Sockets and timers of one thread: everything that it calls, it calls from `run`. For the thread that made it.
///
/// Made for measuring: it waits to the nanosecond, not to the millisecond, and reads the clock once for what arrives
/// together. Thousands of sockets are fine, tens of thousands are not: it polls.
package final class SocketLoop {
    private var sockets: [Socket] = []
    private var listeners: [Listener] = []
    /// Descending by time.
    private var timers: [(at: Double, action: () -> Void)] = []
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var polled: [pollfd] = []
    /// Lets other threads end the loop's wait.
    package let waker = Waker()
    /// After somebody woke the loop.
    package var onWake: () -> Void = {}

    private struct Listener {
        var descriptor: Int32
        var accept: (Socket) -> Void
    }

    package init() {}

    deinit {
        for listener in listeners { Glibc.close(listener.descriptor) }
        for socket in sockets { socket.close() }
    }

    /// Seconds of the clock that does not jump.
    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Lets this process, and those it starts, open as many sockets as the system allows.
    package static func raiseSocketLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }

    /// Calls once, at a time of `now`'s clock or soon after.
    package func at(_ time: Double, _ action: @escaping () -> Void) {
        var (low, high) = (0, timers.count)
        while low < high {
            let middle = (low + high) / 2
            if timers[middle].at > time { low = middle + 1 } else { high = middle }
        }
        timers.insert((time, action), at: low)
    }

    /// Begins to connect; the socket tells by `onOpen` or `onEnd`.
    ///
    /// - Parameter receiveByteCount: of the kernel's buffer; a small one lets the peer feel how slowly it is read.
    /// - Throws: `SocketError`.
    package func connect(to address: SocketAddress, receiveByteCount: Int? = nil) throws(SocketError) -> Socket {
        let socket = try Socket(connectingTo: address, receiveByteCount: receiveByteCount)
        sockets.append(socket)
        return socket
    }

    /// Accepts connections on a free port of 127.0.0.1.
    ///
    /// - Returns: the port.
    /// - Throws: `SocketError`.
    package func listen(_ accept: @escaping (Socket) -> Void) throws(SocketError) -> Int {
        let (descriptor, port) = try Socket.listeningDescriptor()
        listeners.append(Listener(descriptor: descriptor, accept: accept))
        return port
    }

    /// Serves sockets and timers until `isDone`, which is asked after whatever happens.
    package func run(until isDone: () -> Bool) {
        while !isDone() {
            callTimers()
            if isDone() { return }
            poll(seconds: timers.last.map { max(0, $0.at - SocketLoop.now) } ?? 1)
        }
    }

    private func callTimers() {
        let now = SocketLoop.now
        while let timer = timers.last, timer.at <= now {
            timers.removeLast()
            timer.action()
        }
    }

    private func poll(seconds: Double) {
        sockets.removeAll { $0.isClosed }
        polled.removeAll(keepingCapacity: true)
        polled.append(pollfd(fd: waker.readingEnd, events: Int16(POLLIN), revents: 0))
        for listener in listeners { polled.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)) }
        for socket in sockets { polled.append(pollfd(fd: socket.descriptor, events: socket.events, revents: 0)) }
        let wait = Int64(min(seconds, 1) * 1e9)
        guard clinux_poll(&polled, polled.count, wait) > 0 else { return }
        if polled[0].revents != 0, waker.drain() { onWake() }
        let served = sockets
        for (index, listener) in listeners.enumerated() where polled[1 + index].revents != 0 { accept(listener) }
        let first = 1 + listeners.count
        for (index, socket) in served.enumerated() where !socket.isClosed {
            let events = polled[first + index].revents
            if events != 0 { socket.serve(events, &buffer) }
        }
    }

    private func accept(_ listener: Listener) {
        while let socket = Socket(accepting: listener.descriptor) {
            sockets.append(socket)
            listener.accept(socket)
        }
    }
}

/// Ends a loop's wait, from any thread.
package final class Waker: Sendable {
    let readingEnd: Int32
    private let writingEnd: Int32
    private let isAwake = Atomic<Bool>(false)

    init() {
        var ends: [Int32] = [-1, -1]
        let status = pipe(&ends)
        precondition(status == 0, "the process has no file descriptors left")
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        (readingEnd, writingEnd) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(readingEnd)
        Glibc.close(writingEnd)
    }

    package func wake() {
        if isAwake.exchange(true, ordering: .acquiringAndReleasing) { return }
        var byte: UInt8 = 0
        _ = write(writingEnd, &byte, 1)
    }

    func drain() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16)
        _ = read(readingEnd, &bytes, bytes.count)
        return isAwake.exchange(false, ordering: .acquiringAndReleasing)
    }
}
