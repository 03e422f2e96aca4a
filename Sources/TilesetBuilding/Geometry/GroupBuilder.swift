// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import MeshProcessing
import StreamCore

/// One group of a level: its chunk, and the coarser triangles that stand for it at the next level.
///
/// The group is simplified to a quarter with every shared place locked. What comes out is measured: the error is the
/// largest distance from a removed vertex to the new surface, not the simplifier's own estimate alone, which is nearer
/// to an RMS value (the maximum is 1.2–3 times that).
struct GroupBuilder: Sendable {
    let mesh: LevelMesh
    let partition: LevelPartition
    let level: Int
    /// Metres per grid step.
    let step: Double
    let precision: LevelPrecision
    /// Triangles to aim for.
    let target: @Sendable (_ triangleCount: Int) -> Int
    /// Largest error of each label's node.
    let labelErrors: [Float]
    let labelRMSErrors: [Float]

    struct Output: Sendable {
        var body: [UInt8]
        var codec: NodeHeader.Codec
        var origin: Int3
        var extent: Int3
        var facing: [UInt8]
        var vertexCount: Int
        var triangleCount: Int
        var ranges: [GroupMesh.Range]
        /// Nil when this is a root.
        var coarser: Coarser?
        /// A root's own triangles, which proxies are made of.
        var rootMesh: NodeMesh?
    }

    /// The next level's version of a group.
    struct Coarser: Sendable {
        /// The level's vertices, three per triangle.
        var triangles: [UInt32]
        /// Those of them that this level has elsewhere, and where the next one has them: xyz each.
        var movedVertices: [UInt32] = []
        var movedPositions: [Int32] = []
        /// In metres.
        var error: Float
        var rmsError: Float
    }

    /// What `build` made of a group.
    enum Outcome: Sendable {
        case node(Output)
        /// It could not be simplified: no node; the triangles, duplicates left out, go to the next level as they are.
        case passThrough(triangles: [UInt32])
    }

    /// An outcome, and the `EdgeHash` sum of the group's triangles.
    struct Built: Sendable {
        var outcome: Outcome
        var border: UInt64
    }

    /// - Parameter isRoot: nothing coarser is made, and the codec needs no WebAssembly.
    func build(group: Int, isRoot: Bool) -> Built {
        let triangles = partition.order[partition.groups[group]]
        let local = GroupMesh(mesh, triangles: triangles, removesDuplicates: level == 0)
        let border = level == 0 ? border(local) : 0
        var coarser: Coarser?
        if !isRoot {
            coarser = simplify(local)
            if coarser == nil { return Built(outcome: .passThrough(triangles: local.triangles), border: border) }
        }
        return Built(outcome: .node(encode(local, coarser, isRoot: isRoot)), border: border)
    }

    private func border(_ local: GroupMesh) -> UInt64 {
        let places = local.vertices.map { EdgeHash.place(mesh.point($0)) }
        var sum: UInt64 = 0
        for first in stride(from: 0, to: local.indices.count, by: 3) {
            sum &+= EdgeHash.border(
                places[Int(local.indices[first])], places[Int(local.indices[first + 1])],
                places[Int(local.indices[first + 2])])
        }
        return sum
    }

    private func encode(_ local: GroupMesh, _ coarser: Coarser?, isRoot: Bool) -> Output {
        let node = local.nodeMesh(mesh)
        let isPlain = isRoot || node.triangleCount <= NodeCoding.plainTriangleCount
        let (body, codec, vertexCount) = NodeCoding.encodeBody(node, preferring: isPlain ? .plain : .draco)
        let box = node.box
        return Output(
            body: body, codec: codec, origin: box.minimum, extent: box.maximum &- box.minimum,
            facing: node.facing(), vertexCount: vertexCount, triangleCount: node.triangleCount,
            ranges: local.ranges, coarser: coarser,
            rootMesh: isRoot ? node : nil)
    }

    /// Nil when the group cannot be brought below `GroupBuilder.acceptedShare` of its triangles.
    private func simplify(_ local: GroupMesh) -> Coarser? {
        let origin = local.vertices.reduce(Int3(repeating: .max)) { pointwiseMin($0, mesh.point($1)) }
        let positions = local.floatPositions(mesh, origin: origin)
        let locked = (0..<UInt32(local.vertices.count)).filter {
            partition.isShared[Int(mesh.place(local.vertices[Int($0)]))]
        }
        let targetCount = 3 * target(local.indices.count / 3)
        var attempt = collapse(local, positions, locked, targetCount)
        if !isAccepted(attempt.indices, local) {
            attempt = retry(local, positions, locked, targetCount, after: attempt)
        }
        let kept = withoutDegenerates(attempt.indices, local)
        guard !kept.isEmpty, isAccepted(kept, local) else { return nil }
        return measure(local, positions, kept, locked, origin: origin, estimate: attempt.error)
    }

    /// Simplifies with as little error as halves the group, or else with as little as shrinks it enough: machines have
    /// few triangles on large flat faces, and textured surfaces have seams, so they cannot always give three quarters
    /// away without losing their shape. Scans reach the target at the first step.
    private func collapse(
        _ local: GroupMesh, _ positions: [Float], _ locked: [UInt32], _ targetCount: Int
    ) -> Simplification.Result {
        let length = triangleLength(local.indices, positions)
        var accepted: Simplification.Result?
        var attempt = Simplification.Result(indices: local.indices, error: 0)
        for factor in GroupBuilder.errorFactors {
            attempt = Simplification.simplify(
                indices: local.indices, positions: positions, locked: locked, targetIndexCount: targetCount,
                maximumError: factor * length)
            if attempt.indices.count <= local.indices.count / 2 { return attempt }
            if accepted == nil, isAccepted(attempt.indices, local) { accepted = attempt }
        }
        return accepted ?? attempt
    }

    /// Errors to allow one after the other, as multiples of a typical triangle's length; scans need about 0.2.
    private static let errorFactors: [Float] = [1, 4, .infinity]

    /// Root of the mean triangle area, in grid steps.
    private func triangleLength(_ indices: [UInt32], _ positions: [Float]) -> Float {
        func point(_ index: UInt32) -> Float3 {
            let first = 3 * Int(index)
            return Float3(positions[first], positions[first + 1], positions[first + 2])
        }
        var doubledArea: Float = 0
        for first in stride(from: 0, to: indices.count, by: 3) {
            let a = point(indices[first])
            doubledArea += length(cross(point(indices[first + 1]) - a, point(indices[first + 2]) - a))
        }
        return (doubledArea / 2 / Float(indices.count / 3)).squareRoot()
    }

    func isAccepted(_ indices: [UInt32], _ local: GroupMesh) -> Bool {
        indices.count * 100 <= local.indices.count * GroupBuilder.acceptedShare
    }

    /// Percent of a group's triangles that may be left for the result to count as a level: more costs bytes and buys
    /// nothing.
    static let acceptedShare = 70

    private func withoutDegenerates(_ indices: [UInt32], _ local: GroupMesh) -> [UInt32] {
        var kept: [UInt32] = []
        kept.reserveCapacity(indices.count)
        for first in stride(from: 0, to: indices.count, by: 3) {
            let corners = (indices[first], indices[first + 1], indices[first + 2])
            let a = mesh.place(local.vertices[Int(corners.0)])
            let b = mesh.place(local.vertices[Int(corners.1)])
            let c = mesh.place(local.vertices[Int(corners.2)])
            if a == b || b == c || c == a { continue }
            kept.append(corners.0)
            kept.append(corners.1)
            kept.append(corners.2)
        }
        return kept
    }

    // MARK: Error

    private func measure(
        _ local: GroupMesh, _ positions: [Float], _ kept: [UInt32], _ locked: [UInt32], origin: Int3, estimate: Float
    ) -> Coarser {
        var childError: Float = 0
        var childRMS: Float = 0
        for range in local.ranges where range.label != LevelMesh.noLabel {
            childError = max(childError, labelErrors[Int(range.label)])
            childRMS = max(childRMS, labelRMSErrors[Int(range.label)])
        }
        var coarser = Coarser(triangles: kept.map { local.vertices[Int($0)] }, error: 0, rmsError: 0)
        let shift = precision.positionShift(
            triangleLength: triangleLength(kept, positions), error: max(estimate, childError / Float(step)))
        let newPositions =
            shift > 0
            ? round(local, positions, kept, locked, shift: shift, origin: origin, &coarser) : positions
        let (largest, meanSquare) = deviation(local, from: positions, to: newPositions, kept)
        coarser.error = max(Float(step) * max(estimate, largest), childError * 1.0001)
        coarser.rmsError = (Float(step * step) * meanSquare + childRMS * childRMS).squareRoot()
        return coarser
    }

    /// Rounds the kept vertices that no other group shares, but those that would meet another vertex.
    ///
    /// - Returns: all positions, the rounded ones where they are now.
    private func round(
        _ local: GroupMesh, _ positions: [Float], _ kept: [UInt32], _ locked: [UInt32], shift: Int, origin: Int3,
        _ coarser: inout Coarser
    ) -> [Float] {
        var result = positions
        var isSettled = [Bool](repeating: true, count: local.vertices.count)
        for index in kept { isSettled[Int(index)] = false }
        for index in locked { isSettled[Int(index)] = true }
        var taken = PositionSet()
        var (low, high) = (Int3(repeating: .max), Int3(repeating: .min))
        for index in kept {
            let vertex = local.vertices[Int(index)]
            taken.insert(mesh.key(vertex))
            low = pointwiseMin(low, mesh.point(vertex))
            high = pointwiseMax(high, mesh.point(vertex))
        }
        // Vertices at one place move together.
        var target: [UInt32: Int3] = [:]
        for index in local.vertices.indices where !isSettled[index] {
            let vertex = local.vertices[index]
            let place = mesh.place(vertex)
            let point = mesh.point(vertex)
            if target[place] == nil {
                let rounded = nearest(point, shift: shift, low, high)
                let key = PositionSet.key(rounded.x, rounded.y, rounded.z)
                target[place] = taken.contains(key) ? point : rounded
                taken.insert(key)
            }
            guard let moved = target[place], moved != point else { continue }
            coarser.movedVertices.append(vertex)
            for axis in 0..<3 {
                coarser.movedPositions.append(moved[axis])
                result[3 * index + axis] = Float(moved[axis] &- origin[axis])
            }
        }
        return result
    }

    /// The nearest multiple of 2^`shift` on each axis that stays in the box; where there is none, the point itself.
    private func nearest(_ point: Int3, shift: Int, _ low: Int3, _ high: Int3) -> Int3 {
        let step = Int32(1) << Int32(shift)
        var result = ((point &+ step / 2) &>> Int32(shift)) &<< Int32(shift)
        for axis in 0..<3 {
            if result[axis] > high[axis] { result[axis] -= step }
            if result[axis] < low[axis] { result[axis] += step }
            if result[axis] > high[axis] { result[axis] = point[axis] }
        }
        return result
    }

    /// Largest and mean square distance, in grid steps, from vertices that were removed or moved (every seventh of the
    /// source's own, all of the few above) to the new surface.
    private func deviation(
        _ local: GroupMesh, from positions: [Float], to newPositions: [Float], _ kept: [UInt32]
    ) -> (largest: Float, meanSquare: Float) {
        var isKept = [Bool](repeating: false, count: local.vertices.count)
        for index in kept { isKept[Int(index)] = true }
        let surface = SurfaceDistance(positions: newPositions, indices: kept)
        var largest: Float = 0
        var sum: Float = 0
        var count = 0
        let stepping = level == 0 && local.vertices.count > 700 ? 7 : 1
        for vertex in stride(from: 0, to: local.vertices.count, by: stepping) {
            let first = 3 * vertex
            let point = Float3(positions[first], positions[first + 1], positions[first + 2])
            if isKept[vertex], point == Float3(newPositions[first], newPositions[first + 1], newPositions[first + 2]) {
                continue
            }
            let distance = surface.distance(to: point)
            largest = max(largest, distance)
            sum += distance * distance
            count += 1
        }
        return (largest, count == 0 ? 0 : sum / Float(count))
    }
}
