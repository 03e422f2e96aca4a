// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
package import Logging
import Synchronization

/// Uploads and imports: bytes become a file, the file an archive, one at a time and in order. Everyone may watch.
///
/// Safe to use from any thread; nothing here waits for a disk but on its own two threads.
package final class ImportQueue: Sendable {
    /// What became of a finished upload.
    package enum Acceptance: Equatable, Sendable {
        /// The same content was there already.
        case known(model: String)
        /// It waits for its turn.
        case queued
    }

    private struct Job {
        var status: ImportStatus
        var upload: ModelUpload?
        var isCancelled = false
        var observers: [Int: AsyncStream<ImportStatus>.Continuation] = [:]
        var finishedAt: ContinuousClock.Instant?
        var lastTold: ContinuousClock.Instant?
    }

    private struct State {
        /// Oldest first.
        var jobs: [Job] = []
        var nextObserver = 0

        func index(_ id: String) -> Int? { jobs.firstIndex { $0.status.id == id } }
    }

    private let library: ModelLibrary
    private let configuration: ModelConfiguration
    private let clock: any ServiceClock
    private let log: Logger
    private let state = Mutex(State())
    let disk = WorkQueue("uploads")
    private let work = WorkQueue("imports")
    /// Observers are told of progress at most this often; of changes of state always.
    private static let tellingInterval = Duration.milliseconds(100)

    package init(library: ModelLibrary, configuration: ModelConfiguration, clock: any ServiceClock, log: Logger) {
        self.library = library
        self.configuration = configuration
        self.clock = clock
        self.log = log
    }

    /// Makes room for an upload.
    ///
    /// - Parameter name: the file's name as its sender calls it.
    /// - Throws: `forbidden` or `full`.
    package func begin(name: String) throws(ServiceError) -> ModelUpload {
        guard configuration.canUpload else {
            throw ServiceError(.forbidden, "this server takes no uploads (models.canUpload)")
        }
        let id = Identifier.random(length: 8)
        let shown = String(name.filter { !$0.isNewline }.prefix(120))
        try state.withLock { state throws(ServiceError) in
            removeOld(&state)
            guard state.jobs.count(where: { !$0.status.isFinished }) < configuration.importLimit else {
                throw ServiceError(
                    .full, "\(configuration.importLimit) imports are under way; try again when one is done",
                    retrySeconds: 30)
            }
            state.jobs.append(Job(status: ImportStatus(id: id, name: shown.isEmpty ? "model" : shown)))
        }
        let file = UploadFile(modelFolder: library.store.folder, id: id, name: name)
        let upload = ModelUpload(id: id, queue: self, file: file)
        state.withLock { state in
            if let index = state.index(id) { state.jobs[index].upload = upload }
        }
        return upload
    }

    /// Decides on an upload that is complete. Blocks while it is hashed.
    func accept(_ id: String, _ file: UploadFile) -> Result<Acceptance, ServiceError> {
        if isCancelled(id) {
            file.remove()
            return .failure(ImportQueue.cancelled)
        }
        let fingerprint: String
        do throws(FileError) { fingerprint = try SourceFingerprint.hash(ofFile: file.path) } catch {
            file.remove()
            let failure = ServiceError(.failed, "the upload cannot be read back")
            finish(id, .failure(failure))
            return .failure(failure)
        }
        if let model = library.knownModel(fingerprint: fingerprint) {
            file.remove()
            finish(id, .success(model))
            return .success(.known(model: model))
        }
        update(id) {
            $0.state = .queued
            $0.fraction = 0
        }
        work.start { [self] in
            run(id, file, fingerprint)
            file.remove()
        }
        return .success(.queued)
    }

    private func run(_ id: String, _ file: UploadFile, _ fingerprint: String) {
        guard let name = status(id)?.name, !isCancelled(id) else { return finish(id, .failure(ImportQueue.cancelled)) }
        update(id) { $0.state = .importing }
        do throws(ModelConversion.Failure) {
            if ModelLibrary.isArchive(file.path) {
                return finish(id, .success(try library.adopt(archive: file.path, name: name)))
            }
            let model = try library.convert(
                file: file.path, name: name, fingerprint: fingerprint,
                progress: { [self] phase, fraction in
                    update(id) {
                        $0.phase = phase
                        $0.fraction = fraction
                    }
                }, isCancelled: { [self] in isCancelled(id) })
            finish(id, .success(model))
        } catch {
            switch error {
            case .cancelled: finish(id, .failure(ImportQueue.cancelled))
            case .failed(let reason): finish(id, .failure(reason))
            }
        }
    }

    /// Stops an upload or import; one that is done is only forgotten.
    package func cancel(_ id: String) throws(ServiceError) {
        let (upload, wasFinished): (ModelUpload?, Bool) = try state.withLock { state throws(ServiceError) in
            guard let index = state.index(id) else { throw ImportQueue.unknown(id) }
            if state.jobs[index].status.isFinished {
                state.jobs.remove(at: index)
                return (nil, true)
            }
            state.jobs[index].isCancelled = true
            return (state.jobs[index].upload, false)
        }
        if wasFinished { return }
        if let upload, status(id)?.state == .uploading { upload.abort(ImportQueue.cancelled) }
        if status(id)?.state == .queued { finish(id, .failure(ImportQueue.cancelled)) }
    }

    /// Stops everything at its next safe point.
    package func stop() {
        let ids = statuses.filter { !$0.isFinished }.map(\.id)
        for id in ids { try? cancel(id) }
    }

    func uploadFailed(_ id: String, _ reason: ServiceError) { finish(id, .failure(reason)) }

    package var statuses: [ImportStatus] {
        state.withLock {
            removeOld(&$0)
            return $0.jobs.map(\.status)
        }
    }

    package func status(_ id: String) -> ImportStatus? {
        state.withLock { state in state.index(id).map { state.jobs[$0].status } }
    }

    /// The status now and after each change, until the import is finished. Slow readers miss steps, never the last.
    package func updates(_ id: String) throws(ServiceError) -> AsyncStream<ImportStatus> {
        let (stream, continuation) = AsyncStream.makeStream(of: ImportStatus.self, bufferingPolicy: .bufferingNewest(1))
        try state.withLock { state throws(ServiceError) in
            guard let index = state.index(id) else { throw ImportQueue.unknown(id) }
            continuation.yield(state.jobs[index].status)
            if state.jobs[index].status.isFinished { return continuation.finish() }
            state.nextObserver += 1
            let number = state.nextObserver
            state.jobs[index].observers[number] = continuation
            continuation.onTermination = { [weak self] _ in self?.forget(observer: number, of: id) }
        }
        return stream
    }

    private func forget(observer: Int, of id: String) {
        state.withLock { state in
            if let index = state.index(id) { state.jobs[index].observers[observer] = nil }
        }
    }

    private func isCancelled(_ id: String) -> Bool {
        state.withLock { state in state.index(id).map { state.jobs[$0].isCancelled } ?? true }
    }

    private func update(_ id: String, _ change: (inout ImportStatus) -> Void) {
        state.withLock { state in
            guard let index = state.index(id), !state.jobs[index].status.isFinished else { return }
            let before = state.jobs[index].status
            change(&state.jobs[index].status)
            let status = state.jobs[index].status
            let last = state.jobs[index].lastTold
            let isDue = last.map { clock.now - $0 >= ImportQueue.tellingInterval } ?? true
            guard isDue || status.state != before.state || status.phase != before.phase else { return }
            state.jobs[index].lastTold = clock.now
            for observer in state.jobs[index].observers.values { observer.yield(status) }
        }
    }

    private func finish(_ id: String, _ result: Result<String, ServiceError>) {
        typealias Observers = [AsyncStream<ImportStatus>.Continuation]
        let (status, observers): (ImportStatus?, Observers) = state.withLock { state in
            guard let index = state.index(id), !state.jobs[index].status.isFinished else { return (nil, []) }
            switch result {
            case .success(let model):
                state.jobs[index].status.state = .done
                state.jobs[index].status.fraction = 1
                state.jobs[index].status.model = model
            case .failure(let error):
                state.jobs[index].status.state = .failed
                state.jobs[index].status.error = error
            }
            state.jobs[index].finishedAt = clock.now
            state.jobs[index].upload = nil
            defer { state.jobs[index].observers = [:] }
            return (state.jobs[index].status, Array(state.jobs[index].observers.values))
        }
        guard let status else { return }
        // Ending a stream calls `onTermination`, which takes the lock.
        for observer in observers {
            observer.yield(status)
            observer.finish()
        }
        report(status)
    }

    private func report(_ status: ImportStatus) {
        if let error = status.error {
            log.warning(
                "import failed", metadata: ["import": "\(status.id)", "name": "\(status.name)", "reason": "\(error)"])
        } else {
            log.info(
                "import done",
                metadata: ["import": "\(status.id)", "name": "\(status.name)", "model": "\(status.model ?? "")"])
        }
    }

    private func removeOld(_ state: inout State) {
        let now = clock.now
        let kept = Duration.seconds(configuration.importHistorySeconds)
        state.jobs.removeAll { job in job.finishedAt.map { now - $0 > kept } ?? false }
    }

    private static let cancelled = ServiceError(.ended, "the import was cancelled")

    private static func unknown(_ id: String) -> ServiceError {
        ServiceError(.importNotFound, "there is no import \"\(id.prefix(40))\", or it was finished long ago")
    }
}
