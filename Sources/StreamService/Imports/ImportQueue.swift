// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
package import Logging
import Synchronization

/// Uploads and imports: bytes become a file, the file a promise on disk, and then an archive; a few at a time, each caller
/// in turn. Everyone may watch. What was promised is kept over restarts, under the same id.
///
/// Safe to use from any thread; nothing here waits for a disk but on its own threads.
package final class ImportQueue: Sendable {
    /// What became of a finished upload.
    package enum Acceptance: Equatable, Sendable {
        /// The same content was there already.
        case known(model: String)
        /// It waits for its turn, and will have it.
        case queued
    }

    struct State {
        /// Oldest first.
        var jobs: [ImportJob] = []
        var nextObserver = 0
        var order = ImportOrder()
        var freeLanes: [WorkQueue]
        /// Imports run from `open` until `stop`.
        var isOpen = false
        var isStopping = false

        func index(_ id: String) -> Int? { jobs.firstIndex { $0.status.id == id } }
        func count(_ isCounted: (ImportJob) -> Bool) -> Int { jobs.count(where: isCounted) }
    }

    let library: ModelLibrary
    let configuration: ModelConfiguration
    let clock: any ServiceClock
    let log: Logger
    let state: Mutex<State>
    let disk = WorkQueue("uploads")
    let checks = WorkQueue("upload checks")
    let lanes: [WorkQueue]

    package init(library: ModelLibrary, configuration: ModelConfiguration, clock: any ServiceClock, log: Logger) {
        self.library = library
        self.configuration = configuration
        self.clock = clock
        self.log = log
        lanes = (0..<configuration.importsAtOnce).map { WorkQueue("import \($0)") }
        state = Mutex(State(freeLanes: lanes))
    }

    // MARK: Uploads

    /// Makes room for an upload.
    ///
    /// - Parameters:
    ///   - name: the file's name as its sender calls it.
    ///   - caller: who sends it.
    /// - Throws: `forbidden`, `full` or `draining`.
    package func begin(name: String, caller: ImportCaller) throws(ServiceError) -> ModelUpload {
        guard configuration.canUpload else {
            throw ServiceError(.forbidden, "this server takes no uploads (models.canUpload)")
        }
        guard library.ownsFolder else {
            throw ServiceError(.failed, "this server cannot keep uploads; its log says why")
        }
        let id = Identifier.random(length: 8)
        let shown = String(name.filter { !$0.isNewline }.prefix(120))
        let upload = ModelUpload(
            id: id, queue: self, file: UploadFile(modelFolder: library.store.folder, id: id, name: name))
        try state.withLock { state throws(ServiceError) in
            if state.isStopping { throw ServiceError(.draining, "the server is stopping") }
            removeOld(&state)
            try checkRoom(state, caller)
            let status = ImportStatus(id: id, name: shown.isEmpty ? "model" : shown)
            var job = ImportJob(status: status, caller: caller.address)
            job.upload = upload
            state.jobs.append(job)
        }
        return upload
    }

    private func checkRoom(_ state: State, _ caller: ImportCaller) throws(ServiceError) {
        func check(_ limit: Int, _ what: String, _ isCounted: (ImportJob) -> Bool) throws(ServiceError) {
            guard state.count(isCounted) < limit else {
                throw ServiceError(.full, "\(limit) \(what); try again when one is done", retrySeconds: 30)
            }
        }
        let isUpload = { (job: ImportJob) in job.status.state == .uploading }
        let isImport = { (job: ImportJob) in job.record != nil }
        try check(configuration.uploadLimit, "uploads are on their way", isUpload)
        try check(configuration.importLimit, "imports are under way", isImport)
        if caller.isExempt { return }
        try check(configuration.uploadLimitPerAddress, "uploads of yours are on their way") {
            isUpload($0) && $0.caller == caller.address
        }
        try check(configuration.importLimitPerAddress, "imports of yours are under way") {
            isImport($0) && $0.caller == caller.address
        }
    }

    /// Decides on an upload that is complete and on disk. `answer` is called once, from another thread.
    func accept(
        _ id: String, _ file: UploadFile, _ answer: @escaping @Sendable (Result<Acceptance, ServiceError>) -> Void
    ) {
        checks.start { [self] in
            let result = decide(id, file)
            if result != .success(.queued) { file.remove() }
            if case .failure(let error) = result { finish(id, .failure(error)) }
            if case .success(.known(let model)) = result { finish(id, .success(.init(model: model))) }
            answer(result)
            startNext()
        }
    }

    private func decide(_ id: String, _ file: UploadFile) -> Result<Acceptance, ServiceError> {
        let fingerprint: String
        do throws(FileError) { fingerprint = try SourceFingerprint.hash(ofUpload: file.path) } catch {
            return .failure(ServiceError(.failed, "the upload cannot be read back"))
        }
        if let model = library.knownModel(fingerprint: fingerprint) { return .success(.known(model: model)) }
        guard let job = state.withLock({ state in state.index(id).map { state.jobs[$0] } }) else {
            return .failure(ImportQueue.cancelled)
        }
        let record = ImportRecord(
            id: id, name: job.status.name, file: (file.path as NSString).lastPathComponent, caller: job.caller,
            fingerprint: fingerprint, acceptedAt: Date.now.timeIntervalSince1970)
        do throws(FileError) { try record.write(in: library.store.folder) } catch {
            return .failure(ServiceError(.failed, "the upload cannot be stored: \(error.cause)"))
        }
        let isWanted = state.withLock { state in
            guard let index = state.index(id), !state.jobs[index].isCancelled, !state.jobs[index].status.isFinished
            else { return false }
            state.jobs[index].record = record
            state.jobs[index].upload = nil
            state.jobs[index].update(at: clock.now) {
                $0.state = .queued
                $0.fraction = 0
            }
            return true
        }
        if isWanted { return .success(.queued) }
        record.remove(in: library.store.folder)
        return .failure(ImportQueue.cancelled)
    }

    func uploadFailed(_ id: String, _ reason: ServiceError) { finish(id, .failure(reason)) }

    // MARK: Watching

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
            if state.jobs[index].status.isFinished || state.isStopping { return continuation.finish() }
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

    private func removeOld(_ state: inout State) {
        let now = clock.now
        let kept = Duration.seconds(configuration.importHistorySeconds)
        state.jobs.removeAll { job in job.finishedAt.map { now - $0 > kept } ?? false }
        var surplus = state.count { $0.status.isFinished } - configuration.importHistoryLimit
        state.jobs.removeAll { job in
            guard surplus > 0, job.status.isFinished else { return false }
            surplus -= 1
            return true
        }
    }

    static let cancelled = ServiceError(.ended, "the import was cancelled")

    static func unknown(_ id: String) -> ServiceError {
        ServiceError(.importNotFound, "there is no import \"\(id.prefix(40))\", or it was finished long ago")
    }
}
