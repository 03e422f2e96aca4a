// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import FileMapping
import Foundation
import Inspection
import ModelImport
import ModelStorage
import StreamCore
import Testing
import TilesetBuilding

/// A folder of its own for one test's archives; removed with it.
final class ArchiveFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "vantage-tilesets-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    func options(threads: Int = 2, isCancelled: @escaping @Sendable () -> Bool = { false }) -> BuildOptions {
        var options = BuildOptions(threads: threads, spill: SpillPolicy(directory: path), isCancelled: isCancelled)
        // Drawing one takes most of the time of a small build in debug.
        options.hasThumbnail = false
        return options
    }

    @discardableResult
    func build(_ model: SourceModel, _ name: String = "model.vantage", threads: Int = 2) throws -> Built {
        let summary = try TilesetBuilder(options: options(threads: threads))
            .build(model, sourceByteCount: 0, to: path + "/" + name)
        return Built(archive: try Archive(path: path + "/" + name), summary: summary)
    }

    func bytes(_ name: String = "model.vantage") throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
    }
}

struct Built {
    let archive: Archive
    let summary: TilesetBuilder.Summary

    var index: TilesetIndex { archive.index }
    /// Geometries that are no proxies.
    var geometries: [GeometryRecord] { index.geometries.filter { !$0.isProxy } }

    func instances() throws -> [Instance] {
        try index.sectors.indices.flatMap { try archive.instances(inSector: $0) }
    }

    /// Finest triangles of a geometry, in its own space.
    func triangles(ofGeometry number: Int) throws -> [[Double3]] {
        var result: [[Double3]] = []
        let geometry = index.geometries[number]
        for node in geometry.nodes {
            let (header, mesh) = try archive.decodeNode(node)
            var triangle = 0
            for range in header.ranges {
                for _ in 0..<range.triangleCount {
                    if range.child == nil {
                        result.append(
                            mesh.indices[3 * triangle..<3 * triangle + 3].map { vertex in
                                let first = 3 * Int(vertex)
                                return geometry.grid.position(
                                    Int3(mesh.positions[first], mesh.positions[first + 1], mesh.positions[first + 2]))
                            })
                    }
                    triangle += 1
                }
            }
        }
        return result
    }

    /// Finest triangles of all instances, in world space.
    func worldTriangles() throws -> [[Double3]] {
        var known: [Int: [[Double3]]] = [:]
        return try instances().flatMap { instance -> [[Double3]] in
            let geometry = Int(instance.geometry)
            let triangles = try known[geometry] ?? triangles(ofGeometry: geometry)
            known[geometry] = triangles
            return triangles.map { $0.map { instance.transform.apply(to: $0) } }
        }
    }
}

/// Whole, and without a crack in any of many cuts.
@discardableResult
func expectSound(
    _ built: Built, cuts: Int = 50, at location: SourceLocation = #_sourceLocation
) -> ArchiveVerification.Report {
    var verification = ArchiveVerification(built.archive, threads: 2)
    let report = verification.run(cuts: cuts, seed: 7)
    #expect(report.problems == [], sourceLocation: location)
    #expect(report.crackEdgeCount == 0, sourceLocation: location)
    return report
}

/// A model of these parts, each placed where the list says.
func model(_ parts: [SourcePart], _ instances: [(part: Int, transform: StreamCore.AffineTransform)]? = nil)
    -> SourceModel
{
    var model = SourceModel()
    model.name = "test"
    model.format = "made in code"
    model.parts = parts
    for (number, instance) in (instances ?? parts.indices.map { ($0, .identity) }).enumerated() {
        model.nodes.append(SourceNode(name: "node \(number)", parent: nil))
        model.instances.append(SourceInstance(part: instance.part, node: number, transform: instance.transform))
    }
    return model
}

func model(_ shape: Shape) throws -> SourceModel { model([try shape.part()]) }
