// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Logging
import ModelStorage
import Synchronization

/// The models that are served: a folder of archives, and archives given by name. Files may appear, change and vanish at
/// any time; a damaged one is listed with its reason and disturbs nothing.
///
/// Safe to use from any thread. Functions that read files say that they block; the others return at once.
package final class ModelStore: Sendable {
    private struct State {
        var files: [String]
        var entries: [ModelEntry] = []
        var thumbnails: [String: [UInt8]] = [:]
        var open: [String: Weak] = [:]
        var hasScanned = false
        var folderModified: Date?
        var scansUntilFull = 0
        /// Ever.
        var damagedChunkCount = 0
    }

    private struct Weak {
        weak var model: ServedModel?
    }

    package let folder: String
    private let log: Logger
    private let state: Mutex<State>
    private let work = WorkQueue("models")
    /// Held while the disk is looked at, so that an older look never hides what a newer one found.
    private let scanning = Mutex(())
    /// Told of each change that a scan finds, on the scanning thread.
    private let onChange: Mutex<(@Sendable (ModelScan.Change) -> Void)?> = Mutex(nil)
    /// So many scans in a row may trust that nothing changed if the folder did not.
    private static let quickScanCount = 15

    /// - Parameters:
    ///   - folder: need not exist yet.
    ///   - files: archives to serve where they are.
    package init(folder: String, files: [String], log: Logger) {
        self.folder = folder
        self.log = log
        state = Mutex(State(files: files))
    }

    /// `$XDG_DATA_HOME/vantage/models`, or the same below `~/.local/share`.
    package static var defaultFolder: String {
        let data = ProcessInfo.processInfo.environment["XDG_DATA_HOME"] ?? ""
        let base = data.hasPrefix("/") ? data : NSHomeDirectory() + "/.local/share"
        return base + "/vantage/models"
    }

    /// False until the first scan is done.
    package var isReady: Bool { state.withLock { $0.hasScanned } }

    package var entries: [ModelEntry] { state.withLock { $0.entries } }

    /// The model of this id; else the only one whose file, or which itself, has this name.
    ///
    /// - Throws: `modelNotFound`, which names the models that a name could mean.
    package func entry(_ reference: String) throws(ServiceError) -> ModelEntry {
        try ModelStore.find(reference, in: entries)
    }

    private static func find(_ reference: String, in entries: [ModelEntry]) throws(ServiceError) -> ModelEntry {
        if let entry = entries.first(where: { $0.id == reference }) { return entry }
        let named = entries.filter { $0.isNamed(reference) }
        if named.count > 1 {
            let ids = named.prefix(5).map { "\"\($0.id)\"" }.joined(separator: ", ")
            throw ServiceError(.modelNotFound, "\(named.count) models are called \"\(reference.prefix(80))\": \(ids)")
        }
        guard let entry = named.first else { throw unknown(reference) }
        return entry
    }

    /// JPEG bytes, or nil.
    package func thumbnail(_ id: String) -> [UInt8]? { state.withLock { $0.thumbnails[id] } }

    func watchChanges(_ body: @escaping @Sendable (ModelScan.Change) -> Void) { onChange.withLock { $0 = body } }

    /// Looks at the disk. Blocks.
    package func scan() {
        for change in scanning.withLock({ _ in look() }) { report(change) }
    }

    private func look() -> [ModelScan.Change] {
        let before = state.withLock { ($0.files, $0.entries, $0.thumbnails) }
        let modified = folderModification(folder)
        let scan = ModelScan(folder: folder, files: before.0, previous: before.1, thumbnails: before.2)
        let isFresh = modified.map { Date.now.timeIntervalSince($0) < 10 } ?? false
        let hasDamage = scan.entries.contains(where: \.isDamaged)
        state.withLock {
            let earlier = $0.entries
            $0.entries = scan.entries.map { entry in
                var entry = entry
                // What was found out while the disk was looked at.
                let same = earlier.first { $0.id == entry.id && $0.stamp == entry.stamp }
                entry.damagedChunks.formUnion(same?.damagedChunks ?? [])
                return entry
            }
            $0.thumbnails = scan.thumbnails
            $0.hasScanned = true
            $0.folderModified = modified
            // A file that is still being copied, or was changed within the clock's tick, is looked at again.
            $0.scansUntilFull = isFresh || hasDamage ? 0 : ModelStore.quickScanCount
            $0.open = $0.open.filter { $0.value.model != nil }
        }
        return scan.changes
    }

    /// Looks at the disk if something may have changed since the last time, on the store's thread.
    package func rescan() async {
        await work.run { [self] in
            let modified = folderModification(folder)
            let isQuiet = state.withLock {
                $0.scansUntilFull -= 1
                return $0.hasScanned && $0.scansUntilFull >= 0 && $0.folderModified == modified
            }
            if !isQuiet { scan() }
        }
    }

    /// Looks at the disk on the store's thread, in any case.
    package func scanNow() async { await work.run { [self] in scan() } }

    private func report(_ change: ModelScan.Change) {
        switch change {
        case .appeared(let entry): report(entry, "model found")
        case .replaced(let entry): report(entry, "model replaced")
        case .vanished(let entry): log.info("model gone", metadata: ["model": "\(entry.id)"])
        }
        onChange.withLock { $0 }?(change)
    }

    private func report(_ entry: ModelEntry, _ message: Logger.Message) {
        switch entry.state {
        case .ready: log.info(message, metadata: ["model": "\(entry.id)", "file": "\(entry.path)"])
        case .damaged(let reason):
            log.warning(
                "model is damaged",
                metadata: ["model": "\(entry.id)", "file": "\(entry.path)", "reason": "\(reason)"])
        }
    }

    /// The open model, shared with everyone who has it open.
    ///
    /// - Throws: `modelNotFound` or `damagedModel`.
    package func open(_ id: String) async throws(ServiceError) -> ServedModel {
        // What is open already waits for no disk, and not for others' models.
        if let model = openNow(id) { return model }
        return try await work.run { [self] in self.openBlocking(id) }.get()
    }

    private func openNow(_ id: String) -> ServedModel? {
        state.withLock { state in
            guard let entry = state.entries.first(where: { $0.id == id }), case .ready = entry.state,
                let model = state.open[id]?.model, model.stamp == entry.stamp, !model.archive.hasChanged
            else { return nil }
            return model
        }
    }

    private func openBlocking(_ reference: String) -> Result<ServedModel, ServiceError> {
        let entry: ModelEntry
        do throws(ServiceError) { entry = try self.entry(reference) } catch { return .failure(error) }
        let id = entry.id
        let open = state.withLock { $0.open[id]?.model }
        if case .damaged(let reason) = entry.state { return .failure(ServedModel.damaged(id, reason)) }
        if let open, open.stamp == entry.stamp, !open.archive.hasChanged { return .success(open) }
        do throws(ServiceError) {
            let model = try ServedModel(id: id, path: entry.path, stamp: entry.stamp)
            state.withLock { $0.open[id] = Weak(model: model) }
            model.archive.observe { [weak self] in self?.heard($0, of: entry) }
            return .success(model)
        } catch {
            // It may have changed since the last scan; the list follows.
            scan()
            log.error("model cannot be opened", metadata: ["model": "\(id)", "reason": "\(error)"])
            return .failure(error)
        }
    }

    /// Takes in what those who read an open archive have found; on their threads.
    private func heard(_ event: ArchiveEvent, of opened: ModelEntry) {
        let facts: Logger.Metadata = ["model": "\(opened.id)", "file": "\(opened.path)"]
        switch event {
        case .damagedChunk(let chunk):
            log.error(
                "a chunk is damaged; copy or import the model again",
                metadata: facts.merging(["chunk": "\(chunk)"]) { $1 })
            state.withLock { state in
                state.damagedChunkCount += 1
                let place = state.entries.firstIndex { $0.id == opened.id && $0.stamp == opened.stamp }
                if let place { state.entries[place].damagedChunks.insert(chunk) }
            }
        case .changedFile:
            log.warning("an archive was changed while it is shown; replace archives by renaming", metadata: facts)
            work.start { [self] in scan() }
        }
    }

    /// How many chunks were found damaged since the start.
    package var damagedChunkCount: Int { state.withLock { $0.damagedChunkCount } }

    /// Removes a model's file. Viewers that have it open keep it until they leave.
    ///
    /// - Throws: `modelNotFound`, `forbidden` for a file outside the folder, or `failed`.
    package func delete(_ id: String) async throws(ServiceError) {
        let entry = try entry(id)
        let id = entry.id
        guard entry.isInFolder else {
            throw ServiceError(
                .forbidden,
                "\"\(id)\" is a file given at the start, not one of the models' folder; stop serving it there")
        }
        let failure: String? = await work.run { [self] in
            do { try FileManager.default.removeItem(atPath: entry.path) } catch { return error.localizedDescription }
            scan()
            return nil
        }
        if let failure {
            log.error("cannot delete a model", metadata: ["model": "\(id)", "reason": "\(failure)"])
            throw ServiceError(.failed, "the file of \"\(id)\" cannot be deleted; the server's log says why")
        }
        log.info("model deleted", metadata: ["model": "\(id)"])
    }

    /// How many archives are open now.
    package var openCount: Int { state.withLock { $0.open.values.count { $0.model != nil } } }

    private static func unknown(_ id: String) -> ServiceError {
        ServiceError(.modelNotFound, "there is no model \"\(id.prefix(80))\"; the list of models says what there is")
    }
}
