// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FileMapping
import Foundation
import ModelImport
import TilesetBuilding

/// `vantage import`: model files in, archives out.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn model files into archives.",
        discussion: """
            Reads glTF 2.0 and GLB, OBJ with MTL, PLY and STL, told apart by content. The archive appears when it is \
            complete; an older one of that name stays until then. Progress goes to standard error.
            """)

    @Argument(help: "Model files.", completion: .file())
    var files: [String]

    @Option(name: .shortAndLong, help: "The archive, or a folder for archives named after the files (default: here).")
    var output: String?

    @Option(help: "Worker threads. The archive does not depend on it. (default: all cores)")
    var threads: Int?

    @Option(help: "Memory to stay under, 256MiB or more; larger models spill to disk beside the archive.")
    var memoryLimit: ByteCount?

    @Option(help: "Which axis of the file points up: x, y or z. (default: z for STL, y for others)")
    var up: ImportOptions.UpAxis?

    @Option(
        help: "Unit of the file: m, cm, mm, um, km, in, ft, or metres as a number. (default: mm for STL, m for others)")
    var unit: LengthUnit?

    @Flag(
        help: "Print a report as JSON on standard output; an array for several files. A failed file has an \"error\".")
    var json = false

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    /// Reading windows and the program itself take up to 150 MB whatever the model: less could not be kept.
    private static let leastMemoryLimit = 256 << 20

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024") }
        if let memoryLimit, memoryLimit.bytes < ImportCommand.leastMemoryLimit {
            throw ValidationError("--memory-limit must be 256MiB or more")
        }
        if files.count > 1, let output, !ImportCommand.isDirectory(output) {
            throw ValidationError("with several files, --output must be an existing folder")
        }
    }

    func run() throws {
        Interruption.watch()
        var outcomes: [ImportOutcome] = []
        for file in files {
            do {
                let report = try importFile(file)
                outcomes.append(.report(report))
                if !json { print(report.text) }
            } catch {
                if Interruption.isRequested {
                    printError("interrupted; nothing was written")
                    throw Interruption.exitCode
                }
                // Import errors name their file themselves; building ones do not know it.
                let message = error is ImportError ? "\(error)" : "\(file): \(error)"
                outcomes.append(.failure(source: file, message: message))
                printError("error: \(message)")
            }
        }
        if json { print(try ImportOutcome.json(outcomes)) }
        if outcomes.contains(where: \.isFailure) { throw ExitCode.failure }
    }

    private func importFile(_ file: String) throws -> ImportReport {
        let archivePath = destination(of: file)
        let directory = (archivePath as NSString).deletingLastPathComponent
        let spill = SpillPolicy(
            memoryLimit: memoryLimit?.bytes, directory: directory.isEmpty ? "." : directory)
        if !quiet, !json { printError(file) }
        let display = ProgressDisplay(isQuiet: quiet || json)
        let isCancelled: @Sendable () -> Bool = { Interruption.isRequested }
        let start = ContinuousClock.now
        let sourceByteCount = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0

        let importOptions = ImportOptions(
            up: up, metresPerUnit: unit?.metres, spill: spill, progress: { display.update("reading", $0) },
            isCancelled: isCancelled)
        display.update("reading", 0)
        let model = try ModelImporter.read(path: file, options: importOptions)
        let buildOptions = BuildOptions(
            threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, spill: spill,
            progress: { display.update($0.rawValue, $1) }, isCancelled: isCancelled)
        let format = model.format
        let summary = try TilesetBuilder(options: buildOptions)
            .build(model, sourceByteCount: sourceByteCount, to: archivePath)
        let phases = display.finish()
        let elapsed = ContinuousClock.now - start
        return ImportReport(
            source: file, archive: archivePath, format: format, sourceBytes: sourceByteCount, summary: summary,
            phases: phases, elapsed: elapsed)
    }

    private func destination(of file: String) -> String {
        let name = ((file as NSString).lastPathComponent as NSString).deletingPathExtension + ".vantage"
        guard let output else { return name }
        return ImportCommand.isDirectory(output) ? (output as NSString).appendingPathComponent(name) : output
    }

    private static func isDirectory(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeDirectory
            || path.hasSuffix("/")
    }
}

extension ImportOptions.UpAxis: ExpressibleByArgument {}

/// A unit of length on the command line.
struct LengthUnit: ExpressibleByArgument {
    let metres: Double

    init?(argument: String) {
        let known = [
            "m": 1, "cm": 0.01, "mm": 0.001, "um": 1e-6, "km": 1000, "in": 0.0254, "inch": 0.0254, "ft": 0.3048,
        ]
        guard let metres = known[argument.lowercased()] ?? Double(argument), metres > 0, metres.isFinite else {
            return nil
        }
        self.metres = metres
    }
}
