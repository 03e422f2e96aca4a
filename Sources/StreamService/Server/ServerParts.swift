// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GPU
package import Logging
import Synchronization
package import Transport

/// Everything a running server is made of, for the parts that answer questions about it.
package final class ServerParts: Sendable {
    package let configuration: ServerConfiguration
    package let store: ModelStore
    package let library: ModelLibrary
    package let imports: ImportQueue
    package let hub: SessionHub
    package let frames: FrameService
    let thumbnails: ThumbnailGallery
    package let metrics = Metrics()
    package let clock: any ServiceClock
    package let log: Logger
    private let startedAt: ContinuousClock.Instant
    private let startedDate = Date.now
    private let state = Mutex(State())

    private struct State {
        var isDraining = false
        var listener: Listener?
    }

    /// - Parameters:
    ///   - files: archives to serve where they are, beside those of the models' folder.
    ///   - program: what imports run in; nil: this program.
    package init(
        configuration: ServerConfiguration, files: [String] = [], program: String? = nil,
        clock: any ServiceClock = MachineClock(), log: Logger
    ) {
        self.configuration = configuration
        self.clock = clock
        self.log = log
        startedAt = clock.now
        let models = configuration.models
        store = ModelStore(
            folder: models.folder.isEmpty ? ModelStore.defaultFolder : models.folder, files: files, log: log)
        library = ModelLibrary(store: store, worker: ImportWorker(models, program: program), log: log)
        imports = ImportQueue(library: library, configuration: models, clock: clock, log: log)
        hub = SessionHub(configuration: configuration.sessions, clock: clock, log: log)
        frames = FrameService(
            configuration: configuration.renderer, metrics: metrics, clock: clock, log: log,
            failures: FailureInjection(environment: ProcessInfo.processInfo.environment))
        frames.whenAvailabilityChanges { [hub] in hub.post(.renderer) }
        thumbnails = ThumbnailGallery(frames: frames, store: store)
    }

    package var isDraining: Bool { state.withLock { $0.isDraining } }

    /// - Returns: false when it was stopping already.
    func beginDraining() -> Bool {
        state.withLock { state in
            defer { state.isDraining = true }
            return !state.isDraining
        }
    }

    /// Makes the models' folder this process's own, if anything may be put into it or removed. A server that changes
    /// nothing reads beside any other; one that cannot write goes on without uploads.
    ///
    /// - Parameter patience: how long to wait for a holder that is just ending.
    /// - Throws: `ConfigurationError` when another process has it.
    package func takeFolder(patience: Duration = .zero) throws(ConfigurationError) {
        guard configuration.models.canUpload || configuration.models.canDelete else { return }
        do throws(FolderRefusal) { try library.takeFolder(patience: patience) } catch {
            if case .taken = error { throw ConfigurationError(path: "models.folder", message: "\(error)") }
            log.warning("uploads are not possible", metadata: ["reason": "\(error)"])
        }
    }

    package var listener: Listener? { state.withLock { $0.listener } }

    func adopt(_ listener: Listener) { state.withLock { $0.listener = listener } }

    package var viewerServices: ViewerServices {
        ViewerServices(
            store: store, hub: hub, frames: frames, metrics: metrics, clock: clock, log: log,
            configuration: configuration.viewers, paths: configuration.paths)
    }

    var uptime: Duration { clock.now - startedAt }
    var startSeconds: Double { startedDate.timeIntervalSince1970 }
}
