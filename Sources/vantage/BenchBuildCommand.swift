// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking
import Foundation

/// `vantage bench build`: how fast and how small models are imported.
struct BenchBuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Measure importing: speed, memory and size.",
        discussion: """
            Imports each file in a process of its own, to a file that is removed. tools/bench build does the same beside \
            draco_encoder and gltfpack.

              vantage bench build scan.ply --threads 1 --threads 2
            """)

    @OptionGroup var options: BenchOptions

    @Option(help: "Threads; may be repeated. (default: 1 and 2)")
    var threads: [Int] = []

    func validate() throws {
        guard options.url == nil else { throw ValidationError("bench build imports files") }
        guard threads.allSatisfy({ (1...256).contains($0) }) else {
            throw ValidationError("--threads goes from 1 to 256")
        }
    }

    func run() throws {
        try reportingErrors {
            let session = BenchSession(options, command: "bench build", repeats: options.repeats)
            for file in options.files {
                guard FileManager.default.fileExists(atPath: file) else {
                    throw BenchmarkError("\(file): no such file")
                }
                let name = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
                for count in threads.isEmpty ? [1, 2] : threads {
                    let bench = BuildBench(program: BenchTarget.program, source: file, threads: count)
                    let new = Report.Case(kind: "build", model: name, path: "\(count) thread\(count == 1 ? "" : "s")")
                    session.measure(new, repeats: options.repeats) { bench.run($0) }
                }
            }
            try session.finish()
        }
    }
}
