// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import Inspection
import ModelStorage
import StreamCore
import Testing

/// The verifier catches what it is there for.
@Suite struct ArchiveVerificationTests {
    private func stone() throws -> (workshop: Workshop, archive: Archive) {
        let workshop = Workshop()
        return (workshop, try workshop.build(try ball(42) { 0.1 * $0.x * $0.y + 0.05 * $0.z * $0.z }))
    }

    private func report(_ archive: Archive, cuts: Int = 40, seed: UInt64 = 3) -> ArchiveVerification.Report {
        var verification = ArchiveVerification(archive, threads: 2)
        return verification.run(cuts: cuts, seed: seed)
    }

    @Test func `an archive written anew without a change is sound`() throws {
        let (workshop, archive) = try stone()
        let report = report(try workshop.tampered(archive))
        #expect(report.problems == [] && report.crackEdgeCount == 0 && report.sourceOpenEdgeCount == 0)
        #expect(report.nodeCount == archive.index.nodes.count && report.cutCount == 40)
        #expect(report.mostLevelsInACut >= 2)
    }

    @Test func `a triangle missing in a coarse patch is a crack`() throws {
        let (workshop, archive) = try stone()
        let target = try #require(archive.index.nodes.indices.first { archive.index.nodes[$0].level == 1 })
        let holed = try workshop.tampered(
            archive,
            nodes: { node, header, mesh in
                guard node == target, let range = mesh.removeTriangle() else { return }
                header.ranges[range].triangleCount -= 1
            })
        let report = report(holed)
        #expect(report.crackEdgeCount >= 3 && report.problems.contains { $0.contains("open edges") })
    }

    @Test func `a vertex moved in one coarse node is a crack`() throws {
        let (workshop, archive) = try stone()
        let index = archive.index
        // Has siblings or a finer neighbour that still holds the vertex where it was.
        let target = try #require(index.nodes.indices.first { index.nodes[$0].level == 1 })
        let bent = try workshop.tampered(
            archive,
            nodes: { node, header, mesh in
                guard node == target else { return }
                // A root's own rim is closed: then bend where two of its patches meet a finer neighbour instead.
                let vertex = mesh.rimVertex ?? Int(mesh.indices[0])
                mesh.positions[3 * vertex] += 1
            })
        let report = report(bent, cuts: 200)
        #expect(report.crackEdgeCount > 0 && !report.problems.isEmpty)
    }

    @Test func `a triangle missing in the source's own level is caught`() throws {
        let (workshop, archive) = try stone()
        let target = try #require(archive.index.nodes.indices.first { archive.index.nodes[$0].level == 0 })
        let holed = try workshop.tampered(
            archive,
            nodes: { node, header, mesh in
                guard node == target, let range = mesh.removeTriangle() else { return }
                header.ranges[range].triangleCount -= 1
            })
        let report = report(holed)
        #expect(report.sourceOpenEdgeCount == 3)
        #expect(report.problems.contains { $0.contains("not those of the source") })
    }

    @Test func `an error below that of a child, or another one in the payload, is caught`() throws {
        let (workshop, archive) = try stone()
        let target = try #require(
            archive.index.nodes.indices.first {
                let node = archive.index.nodes[$0]
                return node.error < .infinity && !node.parents.isEmpty && node.children.isEmpty
            })
        let parent = archive.index.nodes[Int(archive.index.nodes[target].parents[0])]
        try #require(parent.error < .infinity)
        #expect(throws: ArchiveError.self) {
            _ = try workshop.tampered(
                archive, nodes: { node, header, _ in if node == target { header.error = 1e9 } },
                index: { $0.nodes[target].error = 1e9 })
        }
        let silent = try workshop.tampered(archive, index: { $0.nodes[target].error /= 2 })
        #expect(report(silent).problems.contains { $0.contains("disagree") })
    }

    @Test func `a payload that names other children than the index is a problem, never a trap`() throws {
        let (workshop, archive) = try stone()
        for child: UInt32 in [0, 1_000_000] {
            let wrong = try workshop.tampered(
                archive,
                nodes: { node, header, _ in
                    if node == 0 { for range in header.ranges.indices { header.ranges[range].child = child } }
                })
            #expect(report(wrong).problems.contains { $0.contains("node 0") && $0.contains("child") })
            var preview = ArchivePreview(
                wrong, camera: PreviewCamera(fitting: wrong.bounds, view: .iso, zoom: 1, aspectRatio: 1),
                options: ArchivePreview.Options(width: 8, height: 8, errorThreshold: 1, background: nil))
            #expect(throws: NodeCodingError.self) { _ = try preview.render() }
        }
    }

    @Test func `other seeds give other cuts, the same seed the same`() throws {
        let (_, archive) = try stone()
        #expect(report(archive, seed: 1).mostLevelsInACut == report(archive, seed: 1).mostLevelsInACut)
        #expect(report(archive, cuts: 0).cutCount == 0)
    }
}
