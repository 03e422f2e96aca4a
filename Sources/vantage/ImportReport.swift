// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TilesetBuilding

/// What an import did, as text and as JSON.
struct ImportReport: Encodable {
    let source: String
    let archive: String
    let format: String
    let contentHash: String
    let triangles: Int
    let uniqueTriangles: Int
    let vertices: Int
    let parts: Int
    let geometries: Int
    let instances: Int
    let materials: Int
    let textures: Int
    let levels: Int
    let nodes: Int
    let sectors: Int
    let proxies: Int
    let chunks: Int
    let sourceBytes: Int
    let archiveBytes: Int
    let bytesPerTriangle: Double
    let trianglesPerSecond: Double
    let secondsTotal: Double
    let secondsPerPhase: [String: Double]
    let peakMemoryBytes: Int
    let warnings: [String]

    init(
        source: String, archive: String, format: String, sourceBytes: Int, summary: TilesetBuilder.Summary,
        phases: [(phase: String, seconds: Double)], elapsed: Duration
    ) {
        self.source = source
        self.archive = archive
        self.format = format
        self.sourceBytes = sourceBytes
        contentHash = summary.contentHash.map { String(format: "%02x", $0) }.joined()
        triangles = summary.triangleCount
        uniqueTriangles = summary.uniqueTriangleCount
        vertices = summary.vertexCount
        parts = summary.partCount
        geometries = summary.geometryCount
        instances = summary.instanceCount
        materials = summary.materialCount
        textures = summary.textureCount
        levels = summary.levelCount
        nodes = summary.nodeCount
        sectors = summary.sectorCount
        proxies = summary.proxyCount
        chunks = summary.chunkCount
        archiveBytes = summary.archiveByteCount
        warnings = summary.warnings
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        secondsTotal = seconds
        secondsPerPhase = Dictionary(phases.map { ($0.phase, $0.seconds) }, uniquingKeysWith: +)
        bytesPerTriangle = Double(summary.archiveByteCount) / Double(max(1, summary.uniqueTriangleCount))
        trianglesPerSecond = Double(summary.uniqueTriangleCount) / max(seconds, 1e-9)
        peakMemoryBytes = ImportReport.peakMemory()
    }

    /// Largest resident set of this process so far, mapped files included (VmHWM of proc(5)).
    private static func peakMemory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0) * 1024
        }
        return 0
    }

    var text: String {
        var lines = [
            "\(archive): \(describe(bytes: archiveBytes)) from \(format), \(describe(bytes: sourceBytes))",
            "  \(describe(count: triangles)) triangles (\(describe(count: uniqueTriangles)) distinct), "
                + "\(describe(count: parts)) parts, \(describe(count: instances)) instances, "
                + "\(materials) materials, \(textures) textures",
            "  \(levels) levels, \(describe(count: nodes)) nodes, \(describe(count: chunks)) chunks, "
                + "\(sectors) sectors, \(proxies) proxies",
            String(
                format: "  %.2f bytes per triangle, %.2f s, %.2f M triangles/s, peak memory %@", bytesPerTriangle,
                secondsTotal, trianglesPerSecond / 1e6, describe(bytes: peakMemoryBytes)),
        ]
        lines += warnings.map { "  warning: \($0)" }
        return lines.joined(separator: "\n")
    }
}

/// What became of one file.
enum ImportOutcome: Encodable {
    case report(ImportReport)
    case failure(source: String, message: String)

    var isFailure: Bool {
        if case .failure = self { return true }
        return false
    }

    private enum CodingKeys: String, CodingKey { case source, error }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .report(let report): try report.encode(to: encoder)
        case .failure(let source, let message):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(source, forKey: .source)
            try container.encode(message, forKey: .error)
        }
    }

    /// One object for one file, an array for several.
    static func json(_ outcomes: [ImportOutcome]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = outcomes.count == 1 ? try encoder.encode(outcomes[0]) : try encoder.encode(outcomes)
        return String(decoding: data, as: UTF8.self)
    }
}
