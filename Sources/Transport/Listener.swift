// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An HTTP and WebSocket server on one port, served by one thread that only moves bytes.
package final class Listener: Sendable {
    private let mailbox = Mailbox()
    private let counters = Counters()
    private let thread: LoopThread
    /// The port in use, also if 0 was asked for.
    package let port: Int

    /// Listens and starts the loop thread. Raises the process's soft limit of open files, within the hard one, if it is
    /// too low for the configured number of connections.
    package init(configuration: ListenerConfiguration, service: any TransportService) throws(TransportError) {
        Self.allowOpenFiles(configuration.limits.connectionCount + Self.otherFileCount)
        let sockets = try ListeningSockets.open(host: configuration.host, port: configuration.port)
        port = sockets.port
        let loop = try Loop(
            configuration: configuration, service: service, mailbox: mailbox, counters: counters,
            descriptors: sockets.descriptors)
        thread = LoopThread(loop)
    }

    deinit { stop() }

    package var statistics: TransportStatistics { counters.snapshot }

    /// Stops accepting, finishes answers that have begun, lets WebSockets send what is queued and closes them with 1001,
    /// then stops. What is not done after `duration` is cut off.
    package func drain(within duration: Duration) async {
        let deadline = ContinuousClock.now + duration
        await withCheckedContinuation { continuation in
            if !mailbox.post(.drain(deadline: deadline, whenEmpty: continuation)) { continuation.resume() }
        }
        stop()
    }

    /// Closes all connections at once and ends the thread. May be called repeatedly, from any thread; called from the
    /// loop thread it returns before the thread has ended.
    package func stop() {
        mailbox.post(.stop)
        thread.join()
    }

    /// Files that are open besides connections: archives, logs, and what the process needs.
    private static let otherFileCount = 512

    private static func allowOpenFiles(_ count: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < rlim_t(count)
        else { return }
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
