// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes

/// Runs jobs in processes of their own, so that whatever a file does to its reader, it does to nobody else. Safe to use
/// from any thread; each run blocks its own.
package struct ImportWorker: Sendable {
    /// The word that makes the program a worker.
    package static let command = "import-worker"

    /// The program: this one, unless a test says otherwise. Named by the kernel, so that it is still the same one after
    /// its file was replaced.
    package var program = "/proc/self/exe"
    package var threads: Int
    /// Bytes; nil: no limit.
    package var memoryLimit: Int?
    package var budget = ImportBudget()
    package var hasThumbnail = true
    /// A worker that has made no progress for this long is ended.
    package var stallLimit = Duration.seconds(120)
    /// A worker that takes longer in all is ended.
    package var timeLimit = Duration.seconds(3600)

    package init(threads: Int = 1, memoryLimit: Int? = nil) {
        self.threads = threads
        self.memoryLimit = memoryLimit
    }

    package struct Outcome: Equatable, Sendable {
        /// 64 hexadecimal digits.
        package let contentHash: String
        package let warnings: [String]
    }

    /// A model file to an archive. Blocks until the archive has its name, or nothing was written.
    package func convert(
        _ file: String, to archive: String, progress: @escaping ModelConversion.Progress,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(ModelConversion.Failure) -> Outcome {
        var job = WorkerJob(kind: .convert, file: file)
        job.archive = archive
        return try run(job, progress, isCancelled)
    }

    /// Looks at every byte of an archive.
    package func verify(
        _ archive: String, progress: @escaping ModelConversion.Progress, isCancelled: @escaping @Sendable () -> Bool
    ) throws(ModelConversion.Failure) -> Outcome {
        try run(WorkerJob(kind: .verify, file: archive), progress, isCancelled)
    }

    private func run(
        _ job: WorkerJob, _ progress: ModelConversion.Progress, _ isCancelled: () -> Bool
    ) throws(ModelConversion.Failure) -> Outcome {
        var job = job
        job.threads = threads
        job.memoryLimit = memoryLimit
        job.budget = budget
        job.hasThumbnail = hasThumbnail
        job.parent = ProcessInfo.processInfo.processIdentifier
        let child: ChildProcess
        do throws(ProcessError) {
            child = try ChildProcess(
                program: program, arguments: [ImportWorker.command], environment: ImportWorker.environment)
        } catch {
            throw .failed(ServiceError(.failed, "the import cannot be started: \(error)"))
        }
        let line = (try? JSONEncoder().encode(job)).map { [UInt8]($0) } ?? []
        child.send(line + [UInt8(ascii: "\n")])
        var dialog = WorkerDialog(worker: self, kind: job.kind)
        return try dialog.run(child, progress, isCancelled)
    }

    /// Ours, but without Swift's crash handler, which would keep a crashed worker for seconds.
    private static var environment: [String: String] {
        let environment = ProcessInfo.processInfo.environment
        return environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { own, _ in own }
    }
}

extension ImportWorker {
    /// As the server's settings say.
    ///
    /// - Parameter program: nil: this program.
    init(_ models: ModelConfiguration, program: String?) {
        let cores = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)
        let total = models.importMemoryLimit > 0 ? models.importMemoryLimit : MachineMemory.byteCount / 2
        self.init(
            threads: models.importThreads > 0 ? models.importThreads : max(1, cores / models.importsAtOnce),
            memoryLimit: max(ModelConfiguration.leastImportMemory, total / models.importsAtOnce))
        if let program { self.program = program }
        budget = ImportBudget(pixelLimit: models.importPixelLimit, partLimit: models.importPartLimit)
        stallLimit = .seconds(models.importStallSeconds)
        timeLimit = .seconds(models.importSeconds)
    }
}
