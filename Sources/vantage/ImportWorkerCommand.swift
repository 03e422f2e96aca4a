// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Inspection
import ModelStorage
import StreamService

/// `vantage import-worker`: what `vantage serve` starts for each import, and nobody else. Its job comes on standard input.
struct ImportWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ImportWorker.command, abstract: "Does one import for a server.", shouldDisplay: false)

    func run() throws {
        guard WorkerSession.run(verify: ImportWorkerCommand.verify) else {
            throw ValidationError("this is started by vantage serve, with a job on standard input")
        }
    }

    /// Every byte, and what the server would make of it when somebody looks at it.
    private static func verify(
        _ path: String, _ threads: Int, _ progress: @escaping ModelConversion.Progress
    ) throws(ServiceError) -> [UInt8] {
        let archive: Archive
        do throws(ArchiveError) { archive = try Archive(path: path) } catch {
            throw ServiceError(.damagedModel, "this archive is not whole: \(error.message)")
        }
        var verification = ArchiveVerification(archive, threads: threads)
        let report = verification.checkContents(progress: { progress("verifying", $0) })
        if let problem = report.problems.first {
            throw ServiceError(.damagedModel, "this archive is not whole: \(problem)")
        }
        _ = try ServedModel(path: path)
        return archive.contentHash
    }
}
