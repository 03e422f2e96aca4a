// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// An HTTP and WebSocket server on one port, served by one thread that only moves bytes.
package final class Listener: Sendable {
    private let mailbox = Mailbox()
    private let counters = Counters()
    private let thread: LoopThread
    private let certificates: CertificateStore?
    private let report: @Sendable (ListenerNotice) -> Void
    /// The port in use, also if 0 was asked for.
    package let port: Int
    /// Connections that are served at the same time; fewer than configured where the process may not open as many.
    package let connectionLimit: Int

    /// Listens and starts the loop thread. Raises the process's soft limit of open files to the hard one; where that does
    /// not suffice for the configured number of connections, there are fewer.
    package init(configuration: ListenerConfiguration, service: any TransportService) throws(TransportError) {
        let wanted = configuration.limits.connectionCount
        let budget = DescriptorBudget(
            descriptorCount: DescriptorBudget.raisedLimit(), wanted: wanted,
            reserved: configuration.reservedDescriptorCount)
        connectionLimit = budget.connectionCount
        if budget.connectionCount < wanted {
            configuration.report(
                .connectionsCut(
                    configured: wanted, allowed: budget.connectionCount, descriptorCount: budget.descriptorCount,
                    reservedCount: budget.reservedCount))
        }
        certificates = if let tls = configuration.tls { try CertificateStore(tls) } else { nil }
        report = configuration.report
        let sockets = try ListeningSockets.open(host: configuration.host, port: configuration.port)
        port = sockets.port
        let loop = try Loop(
            configuration: configuration, budget: budget, certificates: certificates, service: service,
            mailbox: mailbox, counters: counters, descriptors: sockets.descriptors)
        thread = LoopThread(loop)
    }

    deinit { stop() }

    package var statistics: TransportStatistics { counters.snapshot }

    /// Has new connections get the certificate that lies in the configured files now, if they have changed and fit each
    /// other. Reads files: not for Swift's pool.
    package func renewCertificate() {
        if let notice = certificates?.renew() { report(notice) }
    }

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
}
