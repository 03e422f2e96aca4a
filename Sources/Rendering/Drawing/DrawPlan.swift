// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// A draw list made ready for the device: opaque draws in batches that need no change of state inside, then blended
/// instances back to front, and for each instance of each draw a placement.
struct DrawPlan {
    struct Batch {
        let page: MeshPage
        var entry: MaterialEntry
        var isMirrored: Bool
        /// In `draws`.
        var first: Int
        var count: Int
    }

    /// Words of a `StoredPlacement` in mesh.vert.
    static let placementWordCount = 20

    private(set) var batches: [Batch] = []
    private(set) var blendedBatches: [Batch] = []
    private(set) var draws: [IndirectDraw] = []
    private(set) var placements: [UInt32] = []
    /// By draw: the size of what it places, in steps of its placements.
    private(set) var extents: [SIMD3<Float>] = []

    /// Nothing.
    init() {}

    /// Items whose mesh is not on the device are left out.
    init(_ list: DrawList, _ meshes: MeshStore, _ materials: MaterialTable) {
        placements.reserveCapacity(DrawPlan.placementWordCount * (list.visibleRows.count + list.blended.count))
        addOpaque(list, meshes, materials)
        for item in list.blended {
            guard let mesh = DrawPlan.mesh(of: item, meshes) else { continue }
            let entry = materials.entry(item.material)
            let draw = draws.count
            add(item, mesh, entry, list)
            // Both sides of a double-sided surface are drawn one after the other, so it stays alone.
            if let last = blendedBatches.last, last.page === mesh.page, last.entry.group == entry.group,
                last.isMirrored == item.isMirrored, !entry.isDoubleSided
            {
                blendedBatches[blendedBatches.count - 1].count += 1
            } else {
                blendedBatches.append(
                    Batch(page: mesh.page, entry: entry, isMirrored: item.isMirrored, first: draw, count: 1))
            }
        }
    }

    private struct Key: Hashable {
        var page: Int
        var group: Int
        var isMirrored: Bool
    }

    private static func mesh(of item: DrawList.Item, _ meshes: MeshStore) -> MeshStore.Mesh? {
        item.isBox ? meshes.box : meshes.mesh(item.node)
    }

    private mutating func addOpaque(_ list: DrawList, _ meshes: MeshStore, _ materials: MaterialTable) {
        var members: [Key: [(item: Int, mesh: MeshStore.Mesh)]] = [:]
        for (index, item) in list.items.enumerated() {
            guard let mesh = DrawPlan.mesh(of: item, meshes) else { continue }
            let entry = materials.entry(item.material)
            members[Key(page: mesh.page.number, group: entry.group, isMirrored: item.isMirrored), default: []]
                .append((index, mesh))
        }
        // The order changes pipelines least, then textures, then pages.
        let keys = members.keys.sorted { a, b in
            let (left, right) = (materials.groups[a.group], materials.groups[b.group])
            return (left.features.rawValue, a.group, a.page, a.isMirrored ? 1 : 0)
                < (right.features.rawValue, b.group, b.page, b.isMirrored ? 1 : 0)
        }
        for key in keys {
            guard let group = members[key], let first = group.first else { continue }
            batches.append(
                Batch(
                    page: first.mesh.page, entry: materials.groups[key.group], isMirrored: key.isMirrored,
                    first: draws.count, count: group.count))
            for member in group {
                let item = list.items[member.item]
                add(item, member.mesh, materials.entry(item.material), list)
            }
        }
    }

    private mutating func add(
        _ item: DrawList.Item, _ mesh: MeshStore.Mesh, _ entry: MaterialEntry, _ list: DrawList
    ) {
        draws.append(
            IndirectDraw(
                indexCount: item.indexCount, instanceCount: item.instanceCount,
                firstIndex: UInt32(mesh.slot.indices.lowerBound) + item.firstIndex,
                vertexOffset: Int32(mesh.slot.vertices.lowerBound),
                firstInstance: UInt32(placements.count / DrawPlan.placementWordCount)))
        extents.append(item.isBox ? .one : SIMD3(item.extent))
        for visible in item.firstVisible..<item.firstVisible + item.instanceCount {
            let start = InstanceRows.wordCount * Int(list.visibleRows[Int(visible)])
            let row = list.rows.words[start..<start + InstanceRows.wordCount]
            if item.isBox { addBox(item, row, entry) } else { addNode(item, row, entry) }
        }
    }

    /// Adds of another plan's batch what may show in a part of the picture.
    mutating func add(
        _ batch: Batch, of plan: DrawPlan, _ part: PixelRectangle, _ bounds: PlanBounds, isBlended: Bool
    ) {
        var batch = batch
        let numbers = batch.first..<batch.first + batch.count
        batch.first = draws.count
        for number in numbers {
            var draw = plan.draws[number]
            let instances = Int(draw.firstInstance)..<Int(draw.firstInstance + draw.instanceCount)
            draw.firstInstance = UInt32(placements.count / DrawPlan.placementWordCount)
            draw.instanceCount = 0
            for instance in instances where bounds.touches(instance, part) {
                placements.append(contentsOf: plan.placement(instance))
                draw.instanceCount += 1
            }
            if draw.instanceCount == 0 { continue }
            draws.append(draw)
            extents.append(plan.extents[number])
        }
        batch.count = draws.count - batch.first
        if batch.count == 0 { return }
        if isBlended { blendedBatches.append(batch) } else { batches.append(batch) }
    }

    private mutating func addNode(_ item: DrawList.Item, _ row: ArraySlice<UInt32>, _ entry: MaterialEntry) {
        placements.append(contentsOf: row.prefix(12))
        for axis in 0..<3 {
            placements.append(UInt32(bitPattern: item.origin[axis]) &- row[row.startIndex + 12 + axis])
        }
        addFacts(row, gridStep: item.gridStep, entry)
    }

    /// A unit cube becomes the box: the columns grow by its extent, and its corner goes into the translation.
    private mutating func addBox(_ item: DrawList.Item, _ row: ArraySlice<UInt32>, _ entry: MaterialEntry) {
        let numbers = row.map { Float(bitPattern: $0) }
        let first = row.startIndex
        var corner = SIMD3<Float>.zero
        for axis in 0..<3 {
            corner[axis] = Float(item.origin[axis] &- Int32(bitPattern: row[first + 12 + axis])) * item.gridStep
        }
        for column in 0..<3 {
            let scale = max(Float(item.extent[column]), 1) * item.gridStep
            for component in 0..<3 { placements.append((numbers[4 * column + component] * scale).bitPattern) }
            // The row's fourth number is the translation's component of the column's number.
            let shift =
                numbers[column] * corner.x + numbers[4 + column] * corner.y + numbers[8 + column] * corner.z
            placements.append((numbers[4 * column + 3] + shift).bitPattern)
        }
        placements += [0, 0, 0]
        addFacts(row, gridStep: 1, entry)
    }

    private mutating func addFacts(_ row: ArraySlice<UInt32>, gridStep: Float, _ entry: MaterialEntry) {
        placements += [row[row.startIndex + 15], gridStep.bitPattern, UInt32(entry.row), 0, 0]
    }
}
