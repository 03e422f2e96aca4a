// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes

/// Listens to one worker until it has ended, and says what became of its job. What a worker says is believed no more than
/// the file it reads.
struct WorkerDialog {
    private let worker: ImportWorker
    private let kind: WorkerJob.Kind
    private var output: [UInt8] = []
    /// The last words to standard error, where a crash says why.
    private var lastWords: [UInt8] = []
    private var phase = ""
    private var fraction = -1.0
    private var result: WorkerMessage?
    private let startedAt = ContinuousClock.now
    private var movedAt = ContinuousClock.now
    private static let keptWords = 4096
    /// How often somebody's wish to cancel is asked for.
    private static let pollMilliseconds = 50

    init(worker: ImportWorker, kind: WorkerJob.Kind) {
        self.worker = worker
        self.kind = kind
    }

    mutating func run(
        _ child: ChildProcess, _ progress: ModelConversion.Progress, _ isCancelled: () -> Bool
    ) throws(ModelConversion.Failure) -> ImportWorker.Outcome {
        do throws(ModelConversion.Failure) { try listen(child, progress, isCancelled) } catch {
            child.kill()
            child.wait()
            throw error
        }
        let ending = child.wait()
        switch result {
        case .done(let contentHash, let warnings)? where ending == .code(0):
            return ImportWorker.Outcome(contentHash: contentHash, warnings: warnings)
        case .failed(let code, let message)?:
            throw .failed(ServiceError(ServiceError.Code(rawValue: code) ?? .failed, message))
        default: throw .failed(crash(ending))
        }
    }

    private mutating func listen(
        _ child: ChildProcess, _ progress: ModelConversion.Progress, _ isCancelled: () -> Bool
    ) throws(ModelConversion.Failure) {
        while true {
            if isCancelled() { throw .cancelled }
            switch child.next(within: WorkerDialog.pollMilliseconds) {
            case .output(let bytes): try take(bytes, progress)
            case .errors(let bytes): lastWords = (lastWords + bytes).suffix(WorkerDialog.keptWords)
            case .quiet: try checkTime()
            case .closed: return
            }
        }
    }

    private mutating func take(
        _ bytes: [UInt8], _ progress: ModelConversion.Progress
    ) throws(ModelConversion.Failure) {
        output += bytes
        var start = 0
        while let end = output[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let message = try? JSONDecoder().decode(WorkerMessage.self, from: Data(output[start..<end])) {
                take(message, progress)
            }
            start = end + 1
        }
        output.removeFirst(start)
        guard output.count <= WorkerMessage.lineLimit else { throw .failed(unreadable("")) }
        try checkTime()
    }

    private mutating func take(_ message: WorkerMessage, _ progress: ModelConversion.Progress) {
        guard case .progress(let phase, let fraction) = message else { return result = message }
        if phase != self.phase || fraction != self.fraction { movedAt = .now }
        (self.phase, self.fraction) = (phase, min(max(fraction, 0), 1))
        progress(phase, self.fraction)
    }

    private func checkTime() throws(ModelConversion.Failure) {
        let now = ContinuousClock.now
        if now - movedAt > worker.stallLimit {
            throw .failed(
                ServiceError(
                    .tooLarge,
                    "the import made no progress for \(shown(worker.stallLimit)) while \(doing) and was ended; "
                        + "make the model smaller, or raise models.importStallSeconds"))
        }
        if now - startedAt > worker.timeLimit {
            throw .failed(
                ServiceError(
                    .tooLarge,
                    "the import took longer than \(shown(worker.timeLimit)) (\(doing)) and was ended; "
                        + "make the model smaller, or raise models.importSeconds"))
        }
    }

    private func shown(_ limit: Duration) -> String { "\(Int(limit.inSeconds.rounded())) s" }

    private var doing: String {
        switch (phase, kind) {
        case ("", .convert): "starting"
        case ("", .verify): "verifying"
        case ("reading", _): "reading the file"
        default: "making \(phase)"
        }
    }

    /// What to say of a worker that ended without a word.
    private func crash(_ ending: ChildProcess.Ending) -> ServiceError {
        let words = String(decoding: lastWords, as: UTF8.self)
        // The runtimes' own words: Swift's, C++'s, and ours when a system call says ENOMEM. Signal 9 is the kernel's way
        // to end what used the last memory.
        let isOutOfMemory = ["failed to allocate", "bad_alloc", "Cannot allocate memory", "allocate memory"]
            .contains { words.contains($0) }
        if isOutOfMemory || ending == .signal(9) { return outOfMemory }
        let how =
            switch ending {
            case .signal(let number): " (signal \(number))"
            case .code(let code): " (code \(code))"
            }
        return unreadable(how)
    }

    private func unreadable(_ how: String) -> ServiceError {
        guard kind == .convert else {
            return ServiceError(
                .damagedModel,
                "this archive could not be verified: its reader ended while \(doing)\(how); import it again")
        }
        return ServiceError(
            .unsupported,
            "this file could not be read: its reader ended while \(doing)\(how); check it in the program that made it, "
                + "and export it again, best to GLB")
    }

    private var outOfMemory: ServiceError {
        let limit = worker.memoryLimit.map { " of \($0 >> 20) MiB" } ?? ""
        return ServiceError(
            .tooLarge,
            "this model needs more memory than an import may use\(limit), while \(doing); make it smaller, or raise "
                + "models.importMemoryLimit, which all imports at the same time share")
    }
}
