// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// One upload or import, as the queue knows it.
struct ImportJob {
    var status: ImportStatus
    let caller: String
    /// From when the upload is complete and promised to become a model.
    var record: ImportRecord?
    /// Until then.
    var upload: ModelUpload?
    var isCancelled = false
    var observers: [Int: AsyncStream<ImportStatus>.Continuation] = [:]
    var finishedAt: ContinuousClock.Instant?
    private var lastTold: ContinuousClock.Instant?
    /// Observers are told of progress at most this often; of changes of state always.
    private static let tellingInterval = Duration.milliseconds(100)

    init(status: ImportStatus, caller: String) {
        self.status = status
        self.caller = caller
    }

    /// A job that an earlier run of the server promised.
    init(_ record: ImportRecord) {
        self.init(status: ImportStatus(id: record.id, name: record.name), caller: record.caller)
        self.record = record
        status.state = .queued
    }

    var item: ImportOrder.Item { ImportOrder.Item(caller: caller, fingerprint: record?.fingerprint ?? "") }

    /// Changes the status of a job that is not finished, and tells who watches.
    mutating func update(at now: ContinuousClock.Instant, _ change: (inout ImportStatus) -> Void) {
        if status.isFinished { return }
        let before = status
        change(&status)
        let isDue = lastTold.map { now - $0 >= ImportJob.tellingInterval } ?? true
        guard isDue || status.state != before.state || status.phase != before.phase else { return }
        lastTold = now
        for observer in observers.values { observer.yield(status) }
    }

    /// Ends it.
    ///
    /// - Returns: who watched; each is to be told the last status and closed, without any lock held.
    mutating func finish(
        _ result: Result<ModelLibrary.Imported, ServiceError>, at now: ContinuousClock.Instant
    ) -> [AsyncStream<ImportStatus>.Continuation] {
        switch result {
        case .success(let imported):
            status.state = .done
            status.fraction = 1
            status.model = imported.model
            status.warnings = imported.warnings
        case .failure(let error):
            status.state = .failed
            status.error = error
        }
        finishedAt = now
        upload = nil
        record = nil
        defer { observers = [:] }
        return Array(observers.values)
    }
}

/// An address as the sender of uploads, for whom limits and turns are.
package struct ImportCaller: Equatable, Sendable {
    package let address: String
    /// Loopback's callers are one's own, or stand behind a proxy that is: they have no limits of their own.
    package let isExempt: Bool

    /// - Parameter peer: address and port.
    package init(peer: String) {
        address = String(peer[..<(peer.lastIndex(of: ":") ?? peer.endIndex)])
        isExempt = address.isEmpty || address.hasPrefix("127.") || address.contains("::1]") || address == "::1"
    }
}
