// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import MeshProcessing
import ModelImport
import StreamCore

/// The distinct geometries of a model and where they stand.
struct Assembly: Sendable {
    var geometries: [BuiltGeometry] = []
    var instances: [PlacedInstance] = []
    var textures: [BuiltTexture] = []
    /// Per texture: what proxies take their colours from.
    var samplers: [RasterizerTexture?] = []
    var partCount = 0
    var warnings: [String] = []
}

/// Builds the geometry of every distinct part: large parts one after the other with all threads inside, small ones side
/// by side.
struct AssemblyBuilder {
    let options: BuildOptions
    let spool: SpoolFile
    let model: SourceModel

    /// A level of at most this many triangles is a root: the whole first picture of a single part (its budget is 40 KB),
    /// and of many parts what their proxies are made from.
    static func rootTriangleCount(instanceCount: Int) -> Int {
        min(2048, max(128, 4096 / max(1, instanceCount)))
    }

    private static let smallPartTriangleCount = 60_000
    private static let batchCount = 64

    /// Empties the arrays of the model's parts as they are used up.
    ///
    /// - Throws: `BuildError`; a part without area is left out with a warning.
    func build() throws(BuildError) -> Assembly {
        var assembly = Assembly()
        let textures = try TextureStage(options: options, spool: spool).build(model, &assembly.warnings)
        assembly.textures = textures.textures
        assembly.samplers = textures.samplers
        options.progress(.geometry, 0)
        let deduplication = PartDeduplication(model.parts)
        let used = Set(model.instances.map { $0.part })
        let needed = Set(used.map { deduplication.canonical[$0].part })
        for part in model.parts.indices where !needed.contains(part) { model.parts[part].removeStorage() }
        assembly.partCount = used.count
        let context = PartBuilder.Context(
            options: options, materials: model.materials + [.sourceDefault], defaultMaterial: model.materials.count,
            textureSizes: assembly.textures.map { max($0.width, $0.height) },
            rootTriangleCount: AssemblyBuilder.rootTriangleCount(instanceCount: model.instances.count))
        let results = try buildParts(needed.sorted(), context)
        for result in results {
            if let result { assembly.geometries.append(result.geometry) }
        }
        try place(deduplication, results, &assembly)
        return assembly
    }

    /// - Returns: per part of the model; nil for those not in `numbers` and those without area.
    private func buildParts(
        _ numbers: [Int], _ context: PartBuilder.Context
    ) throws(BuildError) -> [PartBuilder.Result?] {
        let triangleCounts = model.parts.map { $0.triangleCount }
        let total = max(1, Double(numbers.reduce(0) { $0 + triangleCounts[$1] }) * 4 / 3)
        var done = 0.0
        var results = [PartBuilder.Result?](repeating: nil, count: model.parts.count)
        for number in numbers where triangleCounts[number] > AssemblyBuilder.smallPartTriangleCount {
            let store = { (bytes: [UInt8]) throws(BuildError) in
                try TilesetBuilder.scratch { () throws(FileError) in try spool.append(bytes) }
            }
            results[number] = try PartBuilder(context: context).build(model.parts[number], store: store) {
                options.progress(.geometry, min(1, (done + Double($0)) / total))
            }
            done += Double(triangleCounts[number]) * 4 / 3
        }
        let small = numbers.filter { triangleCounts[$0] <= AssemblyBuilder.smallPartTriangleCount }
        for start in stride(from: 0, to: small.count, by: AssemblyBuilder.batchCount) {
            if options.isCancelled() { throw .cancelled }
            let batch = Array(small[start..<min(start + AssemblyBuilder.batchCount, small.count)])
            for (number, outcome) in zip(batch, buildSmall(batch, context)) {
                done += Double(triangleCounts[number]) * 4 / 3
                guard case (var result, let bodies)? = try outcome.get() else { continue }
                let base = try TilesetBuilder.scratch { () throws(FileError) in try spool.append(bodies) }.lowerBound
                for node in result.geometry.nodes.indices {
                    let range = result.geometry.nodes[node].body
                    result.geometry.nodes[node].body = range.lowerBound + base..<range.upperBound + base
                }
                results[number] = result
            }
            options.progress(.geometry, min(1, done / total))
        }
        return results
    }

    private typealias SmallResult = Result<(PartBuilder.Result, [UInt8])?, BuildError>

    private func buildSmall(_ numbers: [Int], _ context: PartBuilder.Context) -> [SmallResult] {
        var inner = context
        inner.options.threads = 1
        let shared = inner
        let parts = model.parts
        return parallelMap(count: numbers.count, threads: options.threads) { position -> SmallResult in
            let bodies = BodyBuffer()
            do throws(BuildError) {
                let result = try PartBuilder(context: shared).build(
                    parts[numbers[position]], store: { bytes throws(BuildError) in bodies.append(bytes) },
                    progress: { _ in })
                return .success(result.map { ($0, bodies.bytes) })
            } catch {
                return .failure(error)
            }
        }
    }

    /// Bodies of one small part, until they go to the spool.
    private final class BodyBuffer {
        private(set) var bytes: [UInt8] = []
        func append(_ body: [UInt8]) -> Range<Int> {
            bytes += body
            return bytes.count - body.count..<bytes.count
        }
    }

    private func place(
        _ deduplication: PartDeduplication, _ results: [PartBuilder.Result?], _ assembly: inout Assembly
    ) throws(BuildError) {
        var geometryOfPart: [Int: Int] = [:]
        for part in results.indices where results[part] != nil { geometryOfPart[part] = geometryOfPart.count }
        let bounds = assembly.geometries.map { $0.bounds }
        var skipped = 0
        for instance in model.instances {
            let (part, turn) = deduplication.canonical[instance.part]
            guard let geometry = geometryOfPart[part], let result = results[part] else {
                skipped += 1
                continue
            }
            let transform = instance.transform * turn * .translation(result.offset)
            guard transform.isFinite, transform.determinant != 0 else {
                skipped += 1
                continue
            }
            let placed = transform.apply(to: bounds[geometry])
            guard WorldRange.holds(transform, placed) else { throw .outOfRange(outOfRange(instance)) }
            assembly.instances.append(
                PlacedInstance(
                    geometry: geometry, treeNode: instance.node, transform: transform, bounds: placed))
        }
        AssemblyBuilder.warn(results, skipped: skipped, &assembly)
    }

    private func outOfRange(_ instance: SourceInstance) -> String {
        let node = model.nodes.indices.contains(instance.node) ? model.nodes[instance.node].name : ""
        let part = model.parts[instance.part].name
        return "node \(instance.node) \"\(node.prefix(80))\" puts the part \(instance.part) \"\(part.prefix(80))\" "
            + "farther than 10^15 m from the origin, or makes it that large; \(WorldRange.remedy)"
    }

    private static func warn(_ results: [PartBuilder.Result?], skipped: Int, _ assembly: inout Assembly) {
        let degenerate = results.reduce(0) { $0 + ($1?.dropped.degenerate ?? 0) }
        let tiny = results.reduce(0) { $0 + ($1?.dropped.tiny ?? 0) }
        if degenerate > 0 { assembly.warnings.append("\(degenerate) triangles have no area and were left out") }
        if tiny > 0 {
            assembly.warnings.append(
                "\(tiny) triangles are thinner than the grid the model is rounded to and were left out")
        }
        if skipped > 0 {
            assembly.warnings.append(
                "\(skipped) instances have nothing to draw (no triangle with an area, or a transform that flattens them)"
            )
        }
    }
}
