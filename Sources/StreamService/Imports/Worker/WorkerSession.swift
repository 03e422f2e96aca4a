// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes
import Synchronization

/// A worker process's own side: reads its job, puts limits on itself, does the job and says how it goes.
package enum WorkerSession {
    /// Whole-archive verification, which the program brings along.
    ///
    /// - Returns: the content hash.
    package typealias Verification =
        @Sendable (
            _ archive: String, _ threads: Int, _ progress: @escaping ModelConversion.Progress
        ) throws(ServiceError) -> [UInt8]

    /// Does the one job that standard input asks for.
    ///
    /// - Returns: false when there was none that could be read.
    package static func run(verify: Verification) -> Bool {
        guard let line = ParentChannel.receive(limit: WorkerMessage.lineLimit),
            let job = try? JSONDecoder().decode(WorkerJob.self, from: Data(line))
        else { return false }
        ParentChannel.endWithInput()
        ChildLimits.apply(parent: job.parent, memoryByteCount: job.memoryLimit)
        let pace = Pace()
        let progress: ModelConversion.Progress = { phase, fraction in
            if pace.isDue(phase, fraction) { tell(.progress(phase: phase, fraction: fraction)) }
        }
        do throws(ServiceError) {
            switch job.kind {
            case .convert:
                let result = try convert(job, progress)
                tell(.done(contentHash: result.contentHash, warnings: result.warnings))
            case .verify:
                tell(.done(contentHash: try verify(job.file, job.threads, progress), warnings: []))
            }
        } catch {
            tell(.failed(error))
        }
        return true
    }

    private static func convert(
        _ job: WorkerJob, _ progress: @escaping ModelConversion.Progress
    ) throws(ServiceError) -> ModelConversion.Outcome {
        var conversion = ModelConversion(threads: job.threads, memoryLimit: job.memoryLimit ?? 0)
        conversion.hasThumbnail = job.hasThumbnail
        conversion.budget = job.budget
        do throws(ModelConversion.Failure) {
            return try conversion.run(
                file: job.file, archive: job.archive, progress: progress, isCancelled: { false })
        } catch {
            if case .failed(let reason) = error { throw reason }
            throw ServiceError(.ended, "the import was cancelled")
        }
    }

    private static func tell(_ message: WorkerMessage) {
        if let line = try? JSONEncoder().encode(message) { ParentChannel.tell([UInt8](line)) }
    }

    /// Progress is told when it is any, and not more often than somebody could read it.
    private final class Pace: Sendable {
        private static let interval = Duration.milliseconds(50)
        private let last = Mutex((phase: "", fraction: -1.0, at: ContinuousClock.now))

        func isDue(_ phase: String, _ fraction: Double) -> Bool {
            last.withLock { last in
                let isNew = phase != last.phase
                guard isNew || fraction != last.fraction && .now - last.at >= Pace.interval else { return false }
                last = (phase, fraction, .now)
                return true
            }
        }
    }
}
