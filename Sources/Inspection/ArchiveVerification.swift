// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ImageCoding
import MeshProcessing
package import ModelStorage
import StreamCore

/// Proves that an archive is whole and draws without cracks: every chunk has its hash and decodes to what the index
/// says, and random cuts through the levels have no open edge that a uniform level does not have too. What index and
/// description say of each other was checked when the archive was opened.
///
/// The finest level must have exactly the source's border, of which the archive holds a fingerprint.
/// A closed source has no open edges at any level, so none may appear in any cut. An open source's border is simplified
/// like the rest, level by level; an edge of a cut is accepted as border if it is one in some uniform level, and a
/// coarser level may not have more of them than the source.
package struct ArchiveVerification {
    package struct Report: Sendable {
        package var chunkCount = 0
        package var nodeCount = 0
        package var geometryCount = 0
        package var instanceCount = 0
        package var textureLevelCount = 0
        package var cutCount = 0
        /// Levels that the most varied cut mixed.
        package var mostLevelsInACut = 0
        /// Open edges of the sources, all geometries together.
        package var sourceOpenEdgeCount = 0
        /// Open edges of cuts that no uniform level has.
        package var crackEdgeCount = 0
        /// What is wrong, each a sentence; empty: the archive is sound.
        package var problems: [String] = []

        package init() {}
    }

    let archive: Archive
    let threads: Int
    var report = Report()
    /// More problems than this are counted, not listed.
    private static let listedProblemCount = 50

    package init(_ archive: Archive, threads: Int) {
        self.archive = archive
        self.threads = threads
    }

    /// Checks the contents and the cuts.
    ///
    /// - Parameters:
    ///   - cuts: random cuts per geometry.
    ///   - seed: of the cuts; the same seed gives the same cuts.
    ///   - progress: called with the share done.
    package mutating func run(
        cuts: Int, seed: UInt64, progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) -> Report {
        checkChunks(decodesNodes: false, progress: { _ in }, isCancelled: isCancelled)
        let total = max(1, archive.index.nodes.count)
        for geometry in archive.index.geometries.indices {
            if isCancelled() { break }
            check(geometry: geometry, cuts: cuts, seed: seed &+ UInt64(geometry))
            progress(Double(archive.index.geometries[geometry].nodes.upperBound) / Double(total))
        }
        return report
    }

    /// Whether it is useless to look for more.
    var hasManyProblems: Bool { report.problems.count > ArchiveVerification.listedProblemCount }

    mutating func add(_ problem: String) {
        if report.problems.count < ArchiveVerification.listedProblemCount {
            report.problems.append(problem)
        } else if report.problems.count == ArchiveVerification.listedProblemCount {
            report.problems.append("… and more")
        }
    }

    // MARK: Geometries

    private mutating func check(geometry: Int, cuts: Int, seed: UInt64) {
        report.geometryCount += 1
        let record = archive.index.geometries[geometry]
        let archive = archive
        let first = record.nodes.lowerBound
        let outcomes = parallelMap(count: record.nodes.count, threads: threads) { offset -> NodeOutcome in
            do throws(NodeCodingError) {
                return NodeOutcome(borders: PatchBorders(try archive.decodeNode(first + offset)), problem: nil)
            } catch {
                return NodeOutcome(borders: nil, problem: error.description)
            }
        }
        report.nodeCount += outcomes.count
        var borders: [PatchBorders] = []
        for (offset, outcome) in outcomes.enumerated() {
            if let problem = outcome.problem { add("node \(first + offset): \(problem)") }
            if let border = outcome.borders { borders.append(border) }
        }
        guard borders.count == outcomes.count else { return }
        checkCuts(geometry, borders, cuts: cuts, seed: seed)
    }

    private struct NodeOutcome: Sendable {
        var borders: PatchBorders?
        var problem: String?
    }

    private mutating func checkCuts(_ geometry: Int, _ borders: [PatchBorders], cuts: Int, seed: UInt64) {
        let index = archive.index
        let record = index.geometries[geometry]
        let levels = Set(record.nodes.map { index.nodes[$0].level }).sorted()
        var borderEdges = Set<UInt64>()
        var sourceCount = 0
        for level in levels {
            let cut = Cut(of: record, in: index, where: { index.nodes[$0].level >= level })
            let balance = ArchiveVerification.balance(cut, borders)
            let open = balance.unmatchedEdges
            if level == levels[0] {
                if balance.border != record.border {
                    add("geometry \(geometry): its finest level has \(open.count) open edges, not those of the source")
                }
                sourceCount = open.count
                if !record.isProxy { report.sourceOpenEdgeCount += open.count }
            } else if open.count > sourceCount {
                report.crackEdgeCount += open.count - sourceCount
                add("geometry \(geometry): level \(level) has \(open.count) open edges, the source \(sourceCount)")
            }
            borderEdges.formUnion(open)
        }
        guard levels.count > 1 else { return }
        let allowed = borderEdges
        let results = parallelMap(count: cuts, threads: threads) { number -> (cracks: Int, levels: Int) in
            let cut = ArchiveVerification.randomCut(record, index, seed: seed &+ UInt64(number) &* 0x9E37_79B9)
            let open = ArchiveVerification.balance(cut, borders).unmatchedEdges
            let drawn = record.nodes.filter { node in
                let children = index.nodes[node].children
                return cut.contains(node) && (children.isEmpty || children.contains { !cut.contains(Int($0)) })
            }
            return (open.subtracting(allowed).count, Set(drawn.map { index.nodes[$0].level }).count)
        }
        for (number, result) in results.enumerated() {
            report.cutCount += 1
            report.mostLevelsInACut = max(report.mostLevelsInACut, result.levels)
            report.crackEdgeCount += result.cracks
            if result.cracks > 0 {
                add("geometry \(geometry): random cut \(number) has \(result.cracks) open edges that no level has")
            }
        }
    }

    private static func balance(_ cut: Cut, _ borders: [PatchBorders]) -> EdgeBalance {
        var balance = EdgeBalance()
        for node in cut.nodes where cut.contains(node) {
            for patch in borders[node - cut.nodes.lowerBound].patches where cut.draws(node, child: patch.child) {
                for edge in patch.border { balance.add(edge) }
            }
        }
        return balance
    }

    /// Half of the cuts expand nodes by chance, the others around a random point, as a camera would.
    private static func randomCut(_ geometry: GeometryRecord, _ index: TilesetIndex, seed: UInt64) -> Cut {
        var random = SplitMix(seed: seed)
        if random.next() & 1 == 0 {
            let share = 0.2 + 0.75 * random.unit()
            return Cut(of: geometry, in: index, where: { _ in random.unit() < share })
        }
        let anchor = index.nodes[geometry.nodes.lowerBound + Int(random.next() % UInt64(geometry.nodes.count))]
        let eye = Double3(anchor.origin) + Double3(anchor.extent) * random.unit()
        let reach = 1 + 30 * random.unit()
        return Cut(
            of: geometry, in: index,
            containing: { node in
                let record = index.nodes[node]
                let low = Double3(record.origin)
                let box = Bounds(minimum: low, maximum: low + Double3(record.extent))
                return box.distance(to: eye) * reach < box.diagonal
            })
    }
}

/// A small deterministic generator. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators".
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 ..< 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
