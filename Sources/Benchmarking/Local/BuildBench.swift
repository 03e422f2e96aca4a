// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Measures imports, each in a process of its own: what it takes can be told from what measuring takes.
package struct BuildBench {
    private let program: URL
    private let source: String
    private let threads: Int

    private struct Answer: Decodable {
        var triangles: Int
        var secondsTotal: Double
        var archiveBytes: Int
        var bytesPerTriangle: Double
        var peakMemoryBytes: Int
        var levels: Int
        var chunks: Int
    }

    package init(program: URL, source: String, threads: Int) {
        (self.program, self.source, self.threads) = (program, source, threads)
    }

    /// Never throws: the run says why it is not complete.
    package func run(_ progress: BenchProgress) -> Run {
        var run = Run()
        progress("import", 0)
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vantage-bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            report(try importModel(to: folder.appendingPathComponent("model.vantage").path), &run)
        } catch {
            run.failure = "\(source) was not imported: \(error)"
        }
        return run
    }

    private func importModel(to output: String) throws -> Answer {
        let process = Process()
        process.executableURL = program
        process.arguments = ["import", source, "-o", output, "--threads", "\(threads)", "--json"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Answer.self, from: data)
    }

    private func report(_ answer: Answer, _ run: inout Run) {
        let triangles = Double(max(1, answer.triangles))
        run.add("triangles", "triangles", "million", triangles / 1e6, better: .neither)
        run.add("seconds", "import", "s", answer.secondsTotal)
        run.add("rate", "import", "M triangles/s", triangles / 1e6 / max(answer.secondsTotal, 1e-6), better: .higher)
        run.add(
            "ratePerThread", "· for each thread", "M triangles/s",
            triangles / 1e6 / max(answer.secondsTotal, 1e-6) / Double(threads), better: .higher)
        run.add("archiveBytes", "archive", "MB", Double(answer.archiveBytes) / 1e6)
        run.add("bytesPerTriangle", "stored for each triangle", "bytes", answer.bytesPerTriangle)
        run.add("peakMemory", "peak memory", "MB", Double(answer.peakMemoryBytes) / 1e6)
        run.add("memoryPerTriangle", "· for each triangle", "bytes", Double(answer.peakMemoryBytes) / triangles)
        run.add("levels", "levels", "", Double(answer.levels), better: .neither)
        run.add("chunks", "chunks", "", Double(answer.chunks), better: .neither)
    }
}
