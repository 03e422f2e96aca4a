// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// An instance with what the sector tree needs to know of it.
struct PlacedInstance: Sendable {
    var geometry: Int
    var treeNode: Int
    /// From the geometry's space to the world.
    var transform: AffineTransform
    /// In world space.
    var bounds: Bounds
}

/// An octree over instances in which large parts are high and small ones deep: an instance goes to the deepest cell that
/// is about eight times its size, so that one test far away rejects thousands of small parts at once.
struct SectorTree: Sendable {
    struct Sector: Sendable {
        var parent: Int?
        var children: [Int] = []
        var instances: [Int] = []
        var bounds = Bounds.empty
    }

    /// Breadth first: parents precede children, the root is first.
    private(set) var sectors: [Sector] = []

    /// An instance table is about one chunk's worth; fewer instances than `leafCount` are not divided further.
    private static let tableCount = 1024
    private static let leafCount = 64
    private static let maximumDepth = 24
    private static let cellsPerDiameter = 8.0

    init(_ instances: [PlacedInstance]) {
        var centers = Bounds.empty
        for instance in instances { centers.add(instance.bounds.center) }
        let size = max(centers.longestSide, .leastNormalMagnitude)
        var queue = [
            Pending(parent: nil, instances: Array(instances.indices), corner: centers.minimum, size: size, depth: 0)
        ]
        var next = 0
        while next < queue.count {
            let pending = queue[next]
            next += 1
            let number = sectors.count
            let (own, rest) = SectorTree.divide(pending, instances)
            sectors.append(Sector(parent: pending.parent, instances: own))
            if let parent = pending.parent { sectors[parent].children.append(number) }
            queue.append(contentsOf: SectorTree.octants(rest, pending, parent: number, instances))
        }
        for number in sectors.indices.reversed() {
            for instance in sectors[number].instances { sectors[number].bounds.add(instances[instance].bounds) }
            for child in sectors[number].children { sectors[number].bounds.add(sectors[child].bounds) }
        }
    }

    private struct Pending {
        var parent: Int?
        var instances: [Int]
        var corner: Double3
        var size: Double
        var depth: Int
    }

    /// The instances that stay in a cell, largest first, and those that go deeper.
    private static func divide(_ cell: Pending, _ instances: [PlacedInstance]) -> (own: [Int], rest: [Int]) {
        if cell.instances.count <= leafCount || cell.depth >= maximumDepth { return (cell.instances, []) }
        let childSize = cell.size / 2
        var own = cell.instances.filter { instances[$0].bounds.diagonal * cellsPerDiameter > childSize }
        if own.count > tableCount {
            own.sort { (instances[$1].bounds.diagonal, $0) < (instances[$0].bounds.diagonal, $1) }
            own = Array(own[..<tableCount])
        }
        let kept = Set(own)
        return (own.sorted(), cell.instances.filter { !kept.contains($0) })
    }

    private static func octants(
        _ rest: [Int], _ cell: Pending, parent: Int, _ instances: [PlacedInstance]
    ) -> [Pending] {
        if rest.isEmpty { return [] }
        let half = cell.size / 2
        var members = [[Int]](repeating: [], count: 8)
        for instance in rest {
            let local = instances[instance].bounds.center - cell.corner
            members[(local.x >= half ? 1 : 0) | (local.y >= half ? 2 : 0) | (local.z >= half ? 4 : 0)].append(instance)
        }
        return members.indices.filter { !members[$0].isEmpty }.map { octant in
            let offset = Double3(octant & 1 == 0 ? 0 : half, octant & 2 == 0 ? 0 : half, octant & 4 == 0 ? 0 : half)
            return Pending(
                parent: parent, instances: members[octant], corner: cell.corner + offset, size: half,
                depth: cell.depth + 1)
        }
    }
}
