// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Synchronization

/// From a promise to a model, and how imports end.
extension ImportQueue {
    /// Lists what an earlier run of the server promised, and removes what it only began. Before anything is uploaded.
    func takeUp() {
        guard library.ownsFolder else { return }
        let records = ImportRecord.takeUp(in: library.store.folder) { path in
            log.error("the record of an upload cannot be read; it is left alone", metadata: ["file": "\(path)"])
        }
        if !records.isEmpty { log.notice("uploads of an earlier run go on", metadata: ["count": "\(records.count)"]) }
        state.withLock { $0.jobs = records.map(ImportJob.init) + $0.jobs }
    }

    /// Imports begin once it is known which models there are.
    func open() {
        lanes[0].start { [self] in
            if !library.store.isReady { library.store.scan() }
            state.withLock { $0.isOpen = true }
            startNext()
        }
    }

    /// Gives free lanes work.
    func startNext() {
        while let (lane, record) = state.withLock({ takeNext(&$0) }) {
            lane.start { [self] in
                run(record)
                state.withLock { $0.freeLanes.append(lane) }
                startNext()
            }
        }
    }

    private func takeNext(_ state: inout State) -> (WorkQueue, ImportRecord)? {
        guard state.isOpen, !state.isStopping, let lane = state.freeLanes.last else { return nil }
        let waiting = state.jobs.indices.filter { state.jobs[$0].status.state == .queued }
        let running = state.jobs.filter { $0.status.state == .importing }.map(\.item)
        let choice = state.order.next(waiting: waiting.map { state.jobs[$0].item }, running: running)
        guard let choice, let record = state.jobs[waiting[choice]].record else { return nil }
        state.freeLanes.removeLast()
        state.jobs[waiting[choice]].update(at: clock.now) { $0.state = .importing }
        return (lane, record)
    }

    private func run(_ record: ImportRecord) {
        let id = record.id
        do throws(ModelConversion.Failure) {
            let imported = try library.carryOut(
                record,
                progress: { [self] phase, fraction in
                    update(id) {
                        $0.phase = phase
                        $0.fraction = fraction
                    }
                }, isCancelled: { [self] in isCancelled(id) })
            end(record, .success(imported))
        } catch {
            switch error {
            // A server that stops keeps its promises for the next run.
            case .cancelled where state.withLock({ $0.isStopping && !isCancelled(id, $0) }): break
            case .cancelled: end(record, .failure(ImportQueue.cancelled))
            case .failed(let reason): end(record, .failure(reason))
            }
        }
    }

    /// Ends a job, and those that wait with the same file: what became of one became of all. Cancelling is of one.
    private func end(_ record: ImportRecord, _ result: Result<ModelLibrary.Imported, ServiceError>) {
        var ended = [record]
        if result.error != ImportQueue.cancelled {
            ended += state.withLock { state in
                state.jobs.filter { $0.status.state == .queued && $0.item.fingerprint == record.fingerprint }
                    .compactMap(\.record)
            }
        }
        for record in ended {
            record.remove(in: library.store.folder)
            finish(record.id, result)
        }
    }

    /// Stops an upload or import; one that is done is only forgotten.
    package func cancel(_ id: String) throws(ServiceError) {
        let job: ImportJob? = try state.withLock { state throws(ServiceError) in
            guard let index = state.index(id) else { throw ImportQueue.unknown(id) }
            if state.jobs[index].status.isFinished {
                state.jobs.remove(at: index)
                return nil
            }
            state.jobs[index].isCancelled = true
            return state.jobs[index]
        }
        guard let job else { return }
        if job.status.state == .uploading { job.upload?.abort(ImportQueue.cancelled) }
        guard job.status.state == .queued, let record = job.record else { return }
        finish(id, .failure(ImportQueue.cancelled))
        disk.start { [self] in record.remove(in: library.store.folder) }
    }

    /// Ends uploads, and imports at their next safe point; what was promised stays on disk for the next run. Returns when
    /// all is quiet.
    func stop() async {
        let jobs = state.withLock { state in
            state.isStopping = true
            defer { for index in state.jobs.indices { state.jobs[index].observers = [:] } }
            return state.jobs
        }
        for job in jobs {
            for observer in job.observers.values { observer.finish() }
            job.upload?.abort(ServiceError(.draining, "the server is stopping"))
        }
        for queue in lanes + [disk, checks] { await queue.run {} }
    }

    private func isCancelled(_ id: String) -> Bool { state.withLock { $0.isStopping || isCancelled(id, $0) } }

    private func isCancelled(_ id: String, _ state: State) -> Bool {
        state.index(id).map { state.jobs[$0].isCancelled } ?? true
    }

    private func update(_ id: String, _ change: (inout ImportStatus) -> Void) {
        state.withLock { state in
            if let index = state.index(id) { state.jobs[index].update(at: clock.now, change) }
        }
    }

    func finish(_ id: String, _ result: Result<ModelLibrary.Imported, ServiceError>) {
        typealias Ended = (status: ImportStatus, observers: [AsyncStream<ImportStatus>.Continuation])
        let ended: Ended? = state.withLock { state in
            guard let index = state.index(id), !state.jobs[index].status.isFinished else { return nil }
            let observers = state.jobs[index].finish(result, at: clock.now)
            return (state.jobs[index].status, observers)
        }
        guard let ended else { return }
        // Ending a stream calls `onTermination`, which takes the lock.
        for observer in ended.observers {
            observer.yield(ended.status)
            observer.finish()
        }
        report(ended.status)
    }

    private func report(_ status: ImportStatus) {
        var metadata: Logger.Metadata = ["import": "\(status.id)", "name": "\(status.name)"]
        if let error = status.error {
            metadata["reason"] = "\(error)"
            log.warning("import failed", metadata: metadata)
        } else {
            metadata["model"] = "\(status.model ?? "")"
            log.info("import done", metadata: metadata)
        }
    }
}

extension Result {
    fileprivate var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
