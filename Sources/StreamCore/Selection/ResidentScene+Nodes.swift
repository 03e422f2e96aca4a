// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension ResidentScene {
    /// Adds a node whose mesh is on the GPU; one that is resident already stays as it is.
    ///
    /// - Parameters:
    ///   - chunk: the chunk it came in.
    ///   - gpuByteCount: what its mesh takes.
    /// - Throws: `inconsistent` for a node of an unknown geometry, or links that cannot be; `full`.
    package mutating func addNode(_ header: NodeHeader, chunk: UInt32, gpuByteCount: UInt32) throws(SceneError) {
        guard nodeSlots.slot(of: header.node) < 0 else { return }
        let geometry = geometrySlots.slot(of: header.geometry)
        guard geometry >= 0, geometries[Int(geometry)].isKnown, ResidentScene.hasPossibleLinks(header) else {
            throw .inconsistent
        }
        guard nodeSlots.count < ResidentScene.maximumNodeCount else { throw .full }
        let chunkSlot = slotOfChunk(chunk)
        let slot = store(ResidentScene.node(header, geometry, geometries[Int(geometry)], chunk: chunkSlot))
        chunks[Int(chunkSlot)].nodes.append(slot)
        chunks[Int(chunkSlot)].gpuByteCount += Int64(gpuByteCount)
        self.gpuByteCount += Int64(gpuByteCount)
        residentTriangleCount += Int64(header.triangleCount)
        nodeSlots.set(header.node, to: slot)
        linkParents(of: slot)
        linkChildren(of: slot)
        enter(slot)
    }

    /// Removes all nodes of a chunk; nothing where none is resident.
    package mutating func removeChunk(_ chunk: UInt32) {
        let slot = chunkSlots.slot(of: chunk)
        guard slot >= 0 else { return }
        for node in chunks[Int(slot)].nodes { removeNode(node) }
        gpuByteCount -= chunks[Int(slot)].gpuByteCount
        chunks[Int(slot)] = ResidentChunk(id: ResidentNode.none)
        freeChunks.append(slot)
        chunkSlots.remove(chunk)
    }

    /// Parents come before a node and children after it, and nobody is there twice; so there are no cycles.
    private static func hasPossibleLinks(_ header: NodeHeader) -> Bool {
        guard header.node < Draw.boxFlag else { return false }
        var children: [UInt32] = []
        var previous = ResidentNode.none
        for range in header.ranges {
            guard let child = range.child, child != previous else { continue }
            guard child > header.node, child < Draw.boxFlag else { return false }
            children.append(child)
            previous = child
        }
        return header.parents.allSatisfy { $0 < header.node } && isUnique(header.parents) && isUnique(children)
    }

    private static func isUnique(_ ids: [UInt32]) -> Bool {
        let sorted = ids.sorted()
        for index in sorted.indices.dropFirst() where sorted[index] == sorted[index - 1] { return false }
        return true
    }

    private static func node(
        _ header: NodeHeader, _ slot: Int32, _ geometry: ResidentGeometry, chunk: Int32
    ) -> ResidentNode {
        var first: UInt32 = 0
        var ranges: [ResidentNode.Range] = []
        ranges.reserveCapacity(header.ranges.count)
        for range in header.ranges {
            ranges.append(
                ResidentNode.Range(
                    child: range.child ?? ResidentNode.none, material: geometry.material(at: range.material),
                    firstTriangle: first, triangleCount: range.triangleCount))
            first += range.triangleCount
        }
        return ResidentNode(
            node: header.node, geometry: slot, chunk: chunk,
            box: CenteredBox(origin: header.origin, extent: header.extent, step: geometry.gridStep),
            error: header.error, triangleCount: Int32(header.triangleCount),
            parents: header.parents.map { ResidentNode.Parent(node: $0) }, ranges: ranges)
    }

    private mutating func store(_ node: ResidentNode) -> Int32 {
        if let slot = freeNodes.popLast() {
            nodes[Int(slot)] = node
            for number in viewers.indices { viewers[number].gains[Int(slot)] = ViewerMemory.Gain() }
            return slot
        }
        nodes.append(node)
        for number in viewers.indices { viewers[number].gains.append(ViewerMemory.Gain()) }
        work.grow(to: nodes.count)
        return Int32(nodes.count - 1)
    }

    private mutating func slotOfChunk(_ id: UInt32) -> Int32 {
        let known = chunkSlots.slot(of: id)
        if known >= 0 { return known }
        let slot: Int32
        if let free = freeChunks.popLast() {
            slot = free
            chunks[Int(slot)] = ResidentChunk(id: id)
        } else {
            slot = Int32(chunks.count)
            chunks.append(ResidentChunk(id: id))
        }
        chunkSlots.set(id, to: slot)
        return slot
    }
}

extension ResidentScene {
    private mutating func linkParents(of slot: Int32) {
        let node = nodes[Int(slot)]
        for index in node.parents.indices {
            let parent = nodeSlots.slot(of: node.parents[index].node)
            if parent >= 0 { link(parent: parent, child: slot, index) }
        }
    }

    private mutating func linkChildren(of slot: Int32) {
        var previous = ResidentNode.none
        for range in nodes[Int(slot)].ranges where range.child != previous {
            previous = range.child
            let child = nodeSlots.slot(of: range.child)
            guard child >= 0 else { continue }
            let id = nodes[Int(slot)].node
            guard let index = nodes[Int(child)].parents.firstIndex(where: { $0.node == id }) else { continue }
            link(parent: slot, child: child, index)
        }
    }

    /// Links two nodes that both know of the other: `index` is the parent's place in the child's list.
    private mutating func link(parent: Int32, child: Int32, _ index: Int) {
        guard nodes[Int(parent)].geometry == nodes[Int(child)].geometry else { return }
        let id = nodes[Int(child)].node
        var triangleCount: UInt32 = 0
        var isKnown = false
        for range in nodes[Int(parent)].ranges.indices where nodes[Int(parent)].ranges[range].child == id {
            nodes[Int(parent)].ranges[range].childSlot = child
            triangleCount += nodes[Int(parent)].ranges[range].triangleCount
            isKnown = true
        }
        guard isKnown else { return }
        nodes[Int(parent)].childCount += 1
        nodes[Int(child)].parents[index].slot = parent
        nodes[Int(child)].parents[index].triangleCount = Int32(triangleCount)
    }

    /// Puts a node into its geometry's lists.
    private mutating func enter(_ slot: Int32) {
        let geometry = Int(nodes[Int(slot)].geometry)
        let place = placeInOrder(nodes[Int(slot)].node, geometry)
        geometries[geometry].order.insert(slot, at: place)
        guard nodes[Int(slot)].isRoot else {
            geometries[geometry].largestError = max(geometries[geometry].largestError, nodes[Int(slot)].error)
            return
        }
        geometries[geometry].roots.append(slot)
        geometries[geometry].rootTriangleCount += Int64(nodes[Int(slot)].triangleCount)
        if geometries[geometry].roots.count == 1 { countRootless(geometry, -1) }
    }

    /// Where in the geometry's order `id` is, or belongs.
    private func placeInOrder(_ id: UInt32, _ geometry: Int) -> Int {
        var (low, high) = (0, geometries[geometry].order.count)
        while low < high {
            let middle = (low + high) / 2
            if nodes[Int(geometries[geometry].order[middle])].node < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func countRootless(_ geometry: Int, _ change: Int) {
        for row in geometries[geometry].rows { sectors[Int(instances[Int(row)].sector)].rootlessCount += change }
    }

    private mutating func removeNode(_ slot: Int32) {
        let node = nodes[Int(slot)]
        for parent in node.parents where parent.slot >= 0 {
            nodes[Int(parent.slot)].childCount -= 1
            for range in nodes[Int(parent.slot)].ranges.indices
            where nodes[Int(parent.slot)].ranges[range].child == node.node {
                nodes[Int(parent.slot)].ranges[range].childSlot = -1
            }
        }
        for range in node.ranges where range.childSlot >= 0 {
            for index in nodes[Int(range.childSlot)].parents.indices
            where nodes[Int(range.childSlot)].parents[index].node == node.node {
                nodes[Int(range.childSlot)].parents[index].slot = -1
            }
        }
        leave(slot, node)
        residentTriangleCount -= Int64(node.triangleCount)
        nodeSlots.remove(node.node)
        nodes[Int(slot)].parents = []
        nodes[Int(slot)].ranges = []
        freeNodes.append(slot)
    }

    private mutating func leave(_ slot: Int32, _ node: ResidentNode) {
        let geometry = Int(node.geometry)
        geometries[geometry].order.remove(at: placeInOrder(node.node, geometry))
        if node.isRoot {
            geometries[geometry].roots.removeAll { $0 == slot }
            geometries[geometry].rootTriangleCount -= Int64(node.triangleCount)
            if geometries[geometry].roots.isEmpty { countRootless(geometry, 1) }
        } else if node.error >= geometries[geometry].largestError {
            var largest: Float = 0
            for other in geometries[geometry].order where !nodes[Int(other)].isRoot {
                largest = max(largest, nodes[Int(other)].error)
            }
            geometries[geometry].largestError = largest
        }
    }
}
