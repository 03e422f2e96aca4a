// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Inspection
import ModelStorage

/// `vantage verify`: proves that archives are whole.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that archives are whole and draw without cracks.",
        discussion: """
            Checks every hash, decodes every chunk, checks that errors grow towards the roots and that links agree, then \
            cuts through the levels at random and counts edges that should be closed and are not.
            """)

    @Argument(help: "Archives.", completion: .file(extensions: ["vantage"]))
    var archives: [String]

    @Option(help: "Random mixed-level cuts per geometry.")
    var cuts = 20

    @Option(help: "Seed of the cuts.")
    var seed: UInt64 = 1

    @Option(help: "Worker threads. (default: all cores)")
    var threads: Int?

    @Flag(help: "Print the result as JSON on standard output.")
    var json = false

    func validate() throws {
        if !(0...100_000).contains(cuts) { throw ValidationError("--cuts must be 0 to 100000") }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024") }
    }

    func run() throws {
        Interruption.watch()
        var results: [VerificationResult] = []
        for path in archives { results.append(verify(path)) }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let data = archives.count == 1 ? try encoder.encode(results[0]) : try encoder.encode(results)
            print(String(decoding: data, as: UTF8.self))
        }
        if Interruption.isRequested { throw Interruption.exitCode }
        if results.contains(where: { !$0.isSound }) { throw ExitCode.failure }
    }

    private func verify(_ path: String) -> VerificationResult {
        let display = ProgressDisplay(isQuiet: json)
        var result = VerificationResult(archive: path)
        display.update("verifying", 0)
        do {
            let archive = try Archive(path: path)
            var verification = ArchiveVerification(
                archive, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
            result.report = verification.run(
                cuts: cuts, seed: seed, progress: { display.update("verifying", $0) },
                isCancelled: { Interruption.isRequested })
        } catch {
            result.failure = "\(error)"
        }
        display.finish()
        if !json { print(result.text) }
        return result
    }
}

/// What verification found, as text and as JSON.
struct VerificationResult: Encodable {
    let archive: String
    var report = ArchiveVerification.Report()
    var failure: String?

    init(archive: String) { self.archive = archive }

    var isSound: Bool { failure == nil && report.problems.isEmpty }

    var text: String {
        if let failure { return "error: \(failure)" }
        let verdict = isSound ? "sound" : "NOT SOUND"
        let openEdges = describe(count: report.sourceOpenEdgeCount)
        var lines = [
            "\(archive): \(verdict)",
            "  \(describe(count: report.chunkCount)) chunks, \(describe(count: report.nodeCount)) nodes, "
                + "\(describe(count: report.instanceCount)) instances, \(report.textureLevelCount) texture levels",
            "  \(describe(count: report.cutCount)) cuts of up to \(report.mostLevelsInACut) levels: "
                + "\(report.crackEdgeCount) cracks (\(openEdges) open edges in the source)",
        ]
        lines += report.problems.prefix(10).map { "  problem: \($0)" }
        if report.problems.count > 10 { lines.append("  … and more; --json lists them") }
        return lines.joined(separator: "\n")
    }

    private enum CodingKeys: String, CodingKey {
        case archive, isSound, chunks, nodes, geometries, instances, textureLevels, cuts, mostLevelsInACut
        case sourceOpenEdges, crackEdges, problems
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(archive, forKey: .archive)
        try container.encode(isSound, forKey: .isSound)
        try container.encode(report.chunkCount, forKey: .chunks)
        try container.encode(report.nodeCount, forKey: .nodes)
        try container.encode(report.geometryCount, forKey: .geometries)
        try container.encode(report.instanceCount, forKey: .instances)
        try container.encode(report.textureLevelCount, forKey: .textureLevels)
        try container.encode(report.cutCount, forKey: .cuts)
        try container.encode(report.mostLevelsInACut, forKey: .mostLevelsInACut)
        try container.encode(report.sourceOpenEdgeCount, forKey: .sourceOpenEdges)
        try container.encode(report.crackEdgeCount, forKey: .crackEdges)
        try container.encode(report.problems + (failure.map { [$0] } ?? []), forKey: .problems)
    }
}
