// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The nodes of the instances in view: for which thresholds each would be expanded.
extension ResidentScene {
    /// Nodes that one selection looks at, at most; beyond, instances show their roots. More than any device could draw.
    private static let maximumEvaluation = 1 << 22
    /// What a missing child is likely to improve its parent's error to; for a root, of whose error nothing is known, the
    /// share of its box that it is likely off by.
    private static let likelyShareOfParent: Float = 0.4
    private static let likelyShareOfBox = 1.0 / 64

    mutating func evaluateCandidates(_ frustum: ViewFrustum, _ floor: Float, pictureArea: Float) {
        for index in work.candidates.indices {
            let candidate = work.candidates[index]
            let geometry = Int(instances[Int(candidate.row)].geometry)
            if geometries[geometry].roots.isEmpty {
                work.candidates[index].detail = .box
                work.triangles.add(Int64(Draw.boxIndexCount / 3), upTo: candidate.sectorError)
                continue
            }
            let largest = geometries[geometry].largestError * candidate.pixelsPerUnit
            guard largest >= floor * ResidentScene.hysteresis,
                work.nodeCount + geometries[geometry].order.count <= ResidentScene.maximumEvaluation
            else {
                work.triangles.add(geometries[geometry].rootTriangleCount, upTo: candidate.sectorError)
                for root in geometries[geometry].roots { need(root, upTo: candidate.sectorError) }
                continue
            }
            work.nodeCount += geometries[geometry].order.count
            let first = Int32(work.evaluated.count)
            evaluate(candidate, geometry, frustum, floor, pictureArea)
            work.candidates[index].detail = .nodes
            work.candidates[index].evaluated = first..<Int32(work.evaluated.count)
        }
    }

    private mutating func evaluate(
        _ candidate: SelectionWork.Candidate, _ geometry: Int, _ frustum: ViewFrustum, _ floor: Float,
        _ pictureArea: Float
    ) {
        let order = geometries[geometry].order
        let first = work.evaluated.count
        markExpanded(candidate.row)
        measure(order, candidate.row, frustum, floor, pictureArea)
        for slot in order.reversed() where work.errors[Int(slot)] > 0 { raiseParents(of: Int(slot)) }
        for slot in order where work.errors[Int(slot)] > 0 {
            guard isConnected(Int(slot)) else {
                work.errors[Int(slot)] = 0
                continue
            }
            let error = work.errors[Int(slot)]
            work.evaluated.append(
                SelectionWork.EvaluatedNode(slot: slot, error: error, isInView: work.isNodeInView[Int(slot)]))
            let drawnError = min(error, candidate.sectorError)
            need(slot, upTo: drawnError)
            let added = addedTriangleCount(Int(slot))
            if added != 0 { work.triangles.add(added, upTo: drawnError) }
        }
        for index in first..<work.evaluated.count where work.evaluated[index].isInView {
            work.evaluated[index].openError = openError(Int(work.evaluated[index].slot), floor)
        }
    }

    /// Notes that cuts for thresholds up to `pixels` draw from a node's chunk, or need it for what they draw.
    mutating func need(_ node: Int32, upTo pixels: Float) {
        let chunk = nodes[Int(node)].chunk
        if work.chunkErrors[Int(chunk)] == 0 { work.neededChunks.append(chunk) }
        work.chunkErrors[Int(chunk)] = max(work.chunkErrors[Int(chunk)], pixels)
    }

    /// What the needed chunks take on the GPU, for every threshold.
    mutating func addChunkCosts() {
        for chunk in work.neededChunks {
            work.bytes.add(chunks[Int(chunk)].gpuByteCount, upTo: work.chunkErrors[Int(chunk)])
            work.chunkErrors[Int(chunk)] = 0
        }
    }

    private mutating func markExpanded(_ row: Int32) {
        work.mark &+= 1
        for slot in viewers[viewer].expanded[Int(row)] { work.marks[Int(slot)] = work.mark }
    }

    /// Each node's error in pixels, where it is in view and matters; and its gain, for eviction.
    private mutating func measure(
        _ order: [Int32], _ row: Int32, _ frustum: ViewFrustum, _ floor: Float, _ pictureArea: Float
    ) {
        let placed = PlacedTransform(instances[Int(row)].transform)
        let scale = instances[Int(row)].scale
        for slot in order {
            let index = Int(slot)
            let box = placed.apply(to: nodes[index].box)
            let isInView = frustum.intersects(center: box.center, halfSize: box.halfSize)
            work.isNodeInView[index] = isInView
            work.ownErrors[index] = 0
            work.errors[index] = nodes[index].isRoot ? .infinity : 0
            guard isInView else { continue }
            let distance = frustum.distance(toCenter: box.center, halfSize: box.halfSize)
            let pixelsPerUnit = frustum.pixels(scale, atDistance: distance)
            if nodes[index].isRoot {
                let likely = nodes[index].box.diagonal * ResidentScene.likelyShareOfBox * pixelsPerUnit
                work.ownErrors[index] = Float(likely) / ResidentScene.likelyShareOfParent
                continue
            }
            let pixels = nodes[index].error * Float(pixelsPerUnit)
            work.ownErrors[index] = pixels
            let effective = work.marks[index] == work.mark ? pixels / ResidentScene.hysteresis : pixels
            if effective >= floor { work.errors[index] = effective }
            let side = Float(frustum.pixels(box.diagonal, atDistance: distance))
            viewers[viewer].addGain(min(pixels, 64) * min(side * side, pictureArea), to: index)
        }
    }

    /// A node needs its parents wherever it is needed itself.
    private mutating func raiseParents(of node: Int) {
        let error = work.errors[node]
        for parent in nodes[node].parents.indices {
            let slot = Int(nodes[node].parents[parent].slot)
            if slot >= 0, work.errors[slot] < error { work.errors[slot] = error }
        }
    }

    /// Whether all parents are there, and theirs up to the roots; parents must have been asked before.
    private func isConnected(_ node: Int) -> Bool {
        for parent in nodes[node].parents.indices {
            let slot = Int(nodes[node].parents[parent].slot)
            if slot < 0 || work.errors[slot] <= 0 { return false }
        }
        return true
    }

    /// How many triangles more are drawn with the node than without it.
    private func addedTriangleCount(_ node: Int) -> Int64 {
        var count = work.isNodeInView[node] ? Int64(nodes[node].triangleCount) : 0
        for parent in nodes[node].parents.indices {
            let slot = Int(nodes[node].parents[parent].slot)
            if work.isNodeInView[slot] { count -= Int64(nodes[node].parents[parent].triangleCount) }
        }
        return count
    }

    /// How wrong the patches are whose replacement is missing, or cannot be shown for want of its other parents.
    private func openError(_ node: Int, _ floor: Float) -> Float {
        var largest: Float = 0
        for range in nodes[node].ranges.indices where nodes[node].ranges[range].child != ResidentNode.none {
            let child = Int(nodes[node].ranges[range].childSlot)
            if child < 0 {
                largest = max(largest, work.ownErrors[node] * ResidentScene.likelyShareOfParent)
            } else if work.errors[child] <= 0, work.ownErrors[child] >= floor {
                largest = max(largest, work.ownErrors[child])
            }
        }
        return largest
    }

    /// What a missing child would likely improve on an instance that shows roots, in the geometry's units.
    func likelyRootError(_ geometry: Int) -> Float {
        var largest = 0.0
        for root in geometries[geometry].roots {
            let node = nodes[Int(root)]
            guard node.ranges.contains(where: { $0.child != ResidentNode.none && $0.childSlot < 0 }) else { continue }
            largest = max(largest, node.box.diagonal * ResidentScene.likelyShareOfBox)
        }
        return Float(largest)
    }
}
