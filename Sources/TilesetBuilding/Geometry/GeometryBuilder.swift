// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import MeshProcessing
import StreamCore

/// Builds the chunk DAG of one geometry: cut the level's triangles into groups, store each group as a node, simplify
/// each to a quarter without moving what it shares with others, and start again with what comes out, cut differently.
///
/// A set of expanded nodes that contains, with every node, all nodes that hold its coarser version, always draws a
/// closed surface: a patch is replaced only together with everything it was simplified with.
/// Sources: Ponchio, "Multiresolution structures for interactive visualization of very large 3D datasets", 2008 (Nexus);
/// Karis et al., "Nanite", SIGGRAPH 2021. Ours differ in that a node is a group, and the cut uses tight boxes.
struct GeometryBuilder {
    let options: BuildOptions
    let precision: LevelPrecision
    /// Keeps a node's body and says where.
    let store: ([UInt8]) throws(BuildError) -> Range<Int>
    /// A level of at most this many triangles is stored as a root.
    let rootTriangleCount: Int

    /// Triangles per group, and how many a group may keep at a quarter: best by measurement (2.4 times fewer bytes for
    /// the same image than halving, 18 % worse than 2048 in close-ups at half the draws).
    static let groupTriangleCount = 4096
    private static let ratio = 4
    /// A level this small is not cut further.
    private static let singleGroupTriangleCount = groupTriangleCount * 5 / 4

    private var nodes: [BuiltNode] = []
    private var roots: [BuiltGeometry.Root] = []
    private var border: UInt64 = 0
    private var errors: [Float] = []
    private var rmsErrors: [Float] = []

    init(
        options: BuildOptions, precision: LevelPrecision, rootTriangleCount: Int,
        store: @escaping ([UInt8]) throws(BuildError) -> Range<Int>
    ) {
        self.options = options
        self.precision = precision
        self.store = store
        self.rootTriangleCount = rootTriangleCount
    }

    /// - Parameters:
    ///   - firstLevel: the level of `source`; finer ones have been built by `buildSlabs`.
    ///   - progress: called with the number of triangles simplified so far, all levels counted, starting at `done`.
    /// - Returns: nodes whose bodies have been stored; none for a mesh without triangles.
    mutating func build(
        _ source: consuming LevelMesh, grid: Grid, firstLevel: Int = 0, done alreadyDone: Int = 0,
        progress: (Int) -> Void
    ) throws(BuildError) -> (nodes: [BuiltNode], roots: [BuiltGeometry.Root], border: UInt64) {
        var mesh = source
        var level = firstLevel
        var stalledLevels = 0
        var done = alreadyDone
        while mesh.triangleCount > 0 {
            let count = mesh.triangleCount
            let isSingle = count <= GeometryBuilder.singleGroupTriangleCount
            let isRoot = count <= rootTriangleCount * 5 / 4 || stalledLevels >= 2
            let partition =
                isSingle
                ? LevelPartition(singleGroupOf: mesh)
                : LevelPartition(
                    mesh, groupSize: GeometryBuilder.groupTriangleCount, level: level, threads: options.threads)
            mesh.fixBorderNormals(partition.isShared, shift: precision.normalShift)
            let next = try process(
                mesh, partition, level, grid, isRoot: isRoot, base: done, progress: progress)
            done += count
            if isRoot { break }
            stalledLevels = next.triangles.count * 10 > mesh.triangles.count * 8 ? stalledLevels + 1 : 0
            if isSingle && next.triangles.count == mesh.triangles.count { stalledLevels = 2 }
            advance(&mesh, to: next, keepingBordersOf: partition.isShared)
            level = min(level + 1, 254)
        }
        return (nodes, roots, border)
    }

    struct NextLevel {
        var triangles: [UInt32] = []
        var labels: [UInt32] = []
        /// Vertices that are elsewhere in the next level, and where: xyz each.
        var movedVertices: [UInt32] = []
        var movedPositions: [Int32] = []

        /// Puts the moved vertices of a level's mesh where the next level has them.
        func move(_ mesh: inout LevelMesh) {
            for (number, vertex) in movedVertices.enumerated() {
                for axis in 0..<3 { mesh.positions[3 * Int(vertex) + axis] = movedPositions[3 * number + axis] }
            }
        }
    }

    /// Groups are processed in batches so that memory and the time to notice a cancellation stay small; results are
    /// taken in group order, so threads do not show in the outcome.
    mutating func process(
        _ mesh: LevelMesh, _ partition: LevelPartition, _ level: Int, _ grid: Grid, isRoot: Bool, base: Int,
        progress: (Int) -> Void
    ) throws(BuildError) -> NextLevel {
        let floor = rootTriangleCount
        let isSingle = partition.groups.count == 1
        let builder = GroupBuilder(
            mesh: mesh, partition: partition, level: level, step: grid.step, precision: precision,
            target: { isSingle ? max($0 / GeometryBuilder.ratio, min(floor, $0 / 2)) : $0 / GeometryBuilder.ratio },
            labelErrors: errors, labelRMSErrors: rmsErrors)
        var next = NextLevel()
        let batch = max(16, 8 * options.threads)
        for start in stride(from: 0, to: partition.groups.count, by: batch) {
            if options.isCancelled() { throw .cancelled }
            let end = min(start + batch, partition.groups.count)
            let outcomes = parallelMap(count: end - start, threads: options.threads) {
                builder.build(group: start + $0, isRoot: isRoot)
            }
            for built in outcomes {
                border &+= built.border
                switch built.outcome {
                case .passThrough(let triangles):
                    for triangle in triangles {
                        let first = 3 * Int(triangle)
                        next.triangles.append(contentsOf: mesh.triangles[first..<first + 3])
                        next.labels.append(mesh.labels.isEmpty ? LevelMesh.noLabel : mesh.labels[Int(triangle)])
                    }
                case .node(let output):
                    let number = UInt32(nodes.count)
                    try append(output, level: level)
                    guard let coarser = output.coarser else { continue }
                    next.triangles.append(contentsOf: coarser.triangles)
                    next.labels.append(contentsOf: repeatElement(number, count: coarser.triangles.count / 3))
                    next.movedVertices.append(contentsOf: coarser.movedVertices)
                    next.movedPositions.append(contentsOf: coarser.movedPositions)
                }
            }
            progress(base + partition.groups[end - 1].upperBound)
        }
        return next
    }

    private mutating func append(_ output: GroupBuilder.Output, level: Int) throws(BuildError) {
        let body = try store(output.body)
        let error = output.coarser?.error ?? .infinity
        let rmsError = output.coarser?.rmsError ?? .infinity
        nodes.append(
            BuiltNode(
                level: level, codec: output.codec, origin: output.origin, extent: output.extent, facing: output.facing,
                vertexCount: output.vertexCount, triangleCount: output.triangleCount, error: error, rmsError: rmsError,
                ranges: output.ranges, body: body))
        if let mesh = output.rootMesh {
            let finer = output.ranges.map { $0.label == LevelMesh.noLabel ? 0 : errors[Int($0.label)] }
            roots.append(
                BuiltGeometry.Root(mesh: mesh, materials: output.ranges.map { $0.material }, error: finer.max() ?? 0))
        }
        errors.append(error)
        rmsErrors.append(rmsError)
    }

    /// A vertex keeps its fixed normal for exactly one more level: as long as a finer node can be drawn beside it.
    private func advance(_ mesh: inout LevelMesh, to next: NextLevel, keepingBordersOf isShared: [Bool]) {
        for vertex in mesh.borderNormals.indices where !isShared[Int(mesh.place(UInt32(vertex)))] {
            mesh.borderNormals[vertex] = NodeMesh.computedNormal
        }
        next.move(&mesh)
        mesh.triangles = next.triangles
        mesh.labels = next.labels
        mesh.dropUnusedVertices()
    }
}
