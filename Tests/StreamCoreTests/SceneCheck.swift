// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StreamCore

/// Checks a scene's last selection against what every selection promises, from the headers alone.
struct SceneCheck {
    let scene: ResidentScene
    let view: ViewState
    private let frustum: ViewFrustum
    /// For each row and node, which index ranges are drawn.
    private var drawn: [UInt32: [UInt32: [Range<UInt32>]]] = [:]

    init(_ scene: ResidentScene, _ view: ViewState) {
        self.scene = scene
        self.view = view
        frustum = ViewFrustum(view, margin: 0.05)
        for draw in scene.draws {
            for place in draw.firstVisible..<draw.firstVisible + draw.instanceCount {
                let range = draw.firstIndex..<draw.firstIndex + draw.indexCount
                drawn[scene.visibleRows[Int(place)], default: [:]][draw.node, default: []].append(range)
            }
        }
    }

    /// The first thing that is wrong, in words; nil: all is well.
    func problem() -> String? {
        problemWithSectors() ?? problemWithCounts()
            ?? scene.visibleRows.lazy.compactMap { problem(withRow: $0) }.first
    }

    private func problemWithCounts() -> String? {
        let count = scene.draws.reduce(0) { $0 + Int64($1.indexCount / 3) * Int64($1.instanceCount) }
        guard count == scene.statistics.triangleCount else {
            return "\(count) triangles drawn, \(scene.statistics.triangleCount) said"
        }
        guard Set(scene.visibleRows).count == scene.visibleRows.count else { return "a row is there twice" }
        let isCoarsest =
            memory.expanded.allSatisfy { $0.isEmpty }
            && scene.sectors.indices.allSatisfy { !memory.isExpanded[$0] || !hasProxy(scene.sectors[$0]) }
        let limit = Int64(Double(scene.triangleLimit) * scene.triangleReserve)
        return count <= limit || isCoarsest ? nil : "\(count) triangles are over the limit"
    }

    /// Of the viewer for whom was selected.
    private var memory: ViewerMemory { scene.viewers[scene.viewer] }

    private func hasProxy(_ sector: ResidentSector) -> Bool {
        sector.proxyNode.map { scene.nodeSlots.slot(of: $0) >= 0 } ?? false
    }

    /// Every part of the model in view is drawn: by the proxy of a sector, or by the instances in it. Where some of a
    /// sector is missing and it has a proxy, by both, the proxy behind; then nothing is drawn of what is missing.
    private func problemWithSectors() -> String? {
        var open: [(slot: Int32, isStoodFor: Bool)] = [(scene.sectorSlots.slot(of: 0), false)].filter { $0.slot >= 0 }
        var expected: Set<UInt32> = []
        while let (slot, isParentStoodFor) = open.popLast() {
            let sector = scene.sectors[Int(slot)]
            guard frustum.intersects(sector.bounds) else { continue }
            let isPartial = hasProxy(sector) && !isComplete(slot)
            if hasProxy(sector), isPartial || !memory.isExpanded[Int(slot)] {
                expected.insert(UInt32(sector.proxyRow))
                if (memory.standIns[Int(slot)] != nil) != memory.isExpanded[Int(slot)] {
                    return "a proxy is drawn in the wrong place"
                }
            }
            if hasProxy(sector), !memory.isExpanded[Int(slot)] { continue }
            let isStoodFor = isParentStoodFor || isPartial
            for row in sector.rows where isInView(row) && !(isStoodFor && isRootless(row)) {
                expected.insert(UInt32(row))
            }
            open += sector.childSlots.filter { $0 >= 0 }.map { ($0, isStoodFor) }
        }
        let missing = expected.subtracting(scene.visibleRows)
        let extra = Set(scene.visibleRows).subtracting(expected)
        return missing.isEmpty && extra.isEmpty ? nil : "\(missing.count) rows are missing, \(extra.count) too many"
    }

    /// Whether nothing of a sector in view is missing.
    private func isComplete(_ slot: Int32) -> Bool {
        let sector = scene.sectors[Int(slot)]
        guard frustum.intersects(sector.bounds) else { return true }
        for row in sector.rows where isRootless(row) {
            let instance = scene.instances[row]
            if instance.geometry < 0 || !scene.geometries[Int(instance.geometry)].isKnown || isInView(row) {
                return false
            }
        }
        return sector.childSlots.allSatisfy { child in
            child >= 0 && (hasProxy(scene.sectors[Int(child)]) || isComplete(child))
        }
    }

    private func isRootless(_ row: Int) -> Bool {
        let geometry = scene.instances[row].geometry
        return geometry < 0 || scene.geometries[Int(geometry)].roots.isEmpty
    }

    private func isInView(_ row: Int) -> Bool {
        let instance = scene.instances[row]
        return instance.geometry >= 0 && scene.geometries[Int(instance.geometry)].isKnown
            && frustum.intersects(center: instance.box.center, halfSize: instance.box.halfSize)
    }

    /// What is drawn of an instance is a closed cut over resident nodes, each of its patches once.
    private func problem(withRow row: UInt32) -> String? {
        let instance = scene.instances[Int(row)]
        let ranges = drawn[row] ?? [:]
        guard instance.geometry >= 0 else { return ranges.count == 1 ? nil : "a proxy is not drawn once" }
        let geometry = scene.geometries[Int(instance.geometry)]
        if geometry.roots.isEmpty {
            return Array(ranges.keys) == [Draw.boxFlag | geometry.id] ? nil : "no box where nothing else is there"
        }
        let expanded = Set(memory.expanded[Int(row)] + geometry.roots)
        for slot in expanded {
            let node = scene.nodes[Int(slot)]
            guard node.parents.allSatisfy({ $0.slot >= 0 && expanded.contains($0.slot) }) else {
                return "node \(node.node) is expanded without its parents"
            }
        }
        for slot in geometry.order {
            let node = scene.nodes[Int(slot)]
            let expectedRanges = expanded.contains(slot) ? openRanges(node, expanded) : []
            let actual = ranges[node.node] ?? []
            if actual == expectedRanges { continue }
            let box = PlacedTransform(instance.transform).apply(to: node.box)
            let isInView = frustum.intersects(center: box.center, halfSize: box.halfSize)
            if isInView || !actual.isEmpty { return "node \(node.node): \(actual) drawn, not \(expectedRanges)" }
        }
        return nil
    }

    /// The index ranges of the patches whose child is not expanded; neighbours of one material are one.
    private func openRanges(_ node: ResidentNode, _ expanded: Set<Int32>) -> [Range<UInt32>] {
        var result: [(range: Range<UInt32>, material: UInt32)] = []
        for range in node.ranges where range.childSlot < 0 || !expanded.contains(range.childSlot) {
            let indices = range.firstTriangle * 3..<(range.firstTriangle + range.triangleCount) * 3
            if let last = result.last, last.range.upperBound == indices.lowerBound, last.material == range.material {
                result[result.count - 1].range = last.range.lowerBound..<indices.upperBound
            } else {
                result.append((indices, range.material))
            }
        }
        return result.map(\.range)
    }
}

/// Selects, and expects the selection to be sound.
func expectSound(
    _ scene: inout ResidentScene, _ view: ViewState, threshold: Double = 1, _ comment: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let isSelected = scene.select(view, thresholdPixels: threshold)
    #expect(isSelected, sourceLocation: sourceLocation)
    let problem = SceneCheck(scene, view).problem()
    #expect(problem == nil, "\(comment)", sourceLocation: sourceLocation)
}
