// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension ResidentScene {
    /// Adds a sector and its instances; one that is resident already stays as it is. Sectors never leave.
    ///
    /// - Throws: `inconsistent` for a sector whose links cannot be, or a number of instances that is not the header's;
    ///   `full`.
    package mutating func addSector(_ header: SectorHeader, instances placed: [Instance]) throws(SceneError) {
        guard sectorSlots.slot(of: header.sector) < 0 else { return }
        guard ResidentScene.hasPossibleLinks(header), placed.count == Int(exactly: header.instanceCount) else {
            throw .inconsistent
        }
        guard instances.count + placed.count < ResidentScene.maximumInstanceCount,
            sectors.count < ResidentScene.maximumNodeCount
        else { throw .full }
        var geometrySlots: [Int] = []
        geometrySlots.reserveCapacity(placed.count)
        for instance in placed { geometrySlots.append(try geometrySlot(of: instance.geometry)) }
        let slot = Int32(sectors.count)
        let first = instances.count
        sectors.append(
            ResidentSector(
                id: header.sector, parent: header.parent, bounds: header.bounds, proxyNode: header.proxyNode,
                proxyError: header.proxyError,
                children: header.children, childSlots: header.children.map { sectorSlots.slot(of: $0) },
                rows: first..<first + placed.count))
        for number in viewers.indices { viewers[number].addSector() }
        for (instance, geometry) in zip(placed, geometrySlots) { append(instance, geometry, sector: slot) }
        addProxyRow(slot)
        sectorSlots.set(header.sector, to: slot)
        link(slot)
        enterOrder(slot)
    }

    /// The root is sector 0 and only it; parents come before their children, and nobody is there twice.
    private static func hasPossibleLinks(_ header: SectorHeader) -> Bool {
        let isPlaced =
            if let parent = header.parent { parent < header.sector } else { header.sector == 0 }
        guard isPlaced, header.sector != .max else { return false }
        let children = header.children.sorted()
        for index in children.indices {
            guard children[index] > header.sector else { return false }
            if index > 0, children[index] == children[index - 1] { return false }
        }
        return true
    }

    private mutating func append(_ instance: Instance, _ geometry: Int, sector: Int32) {
        let row = addRow()
        instances.append(ResidentInstance(instance, geometry: Int32(geometry), sector: sector))
        geometries[geometry].rows.append(row)
        if geometries[geometry].roots.isEmpty { sectors[Int(sector)].rootlessCount += 1 }
        if geometries[geometry].isKnown { place(row) }
    }

    private mutating func addRow() -> Int32 {
        for number in viewers.indices { viewers[number].addRow() }
        return Int32(instances.count)
    }

    private mutating func addProxyRow(_ sector: Int32) {
        guard sectors[Int(sector)].proxyNode != nil else { return }
        sectors[Int(sector)].proxyRow = addRow()
        let transform = AffineTransform.translation(sectors[Int(sector)].bounds.minimum)
        let instance = Instance(geometry: 0, treeNode: ResidentNode.none, transform: transform)
        instances.append(ResidentInstance(instance, geometry: -1, sector: sector))
    }

    /// A child knows its parent and a parent its children; only where both agree, they are linked.
    private mutating func link(_ slot: Int32) {
        for index in sectors[Int(slot)].children.indices {
            let child = sectors[Int(slot)].childSlots[index]
            if child >= 0, sectors[Int(child)].parent != sectors[Int(slot)].id {
                sectors[Int(slot)].childSlots[index] = -1
            }
        }
        guard let parent = sectors[Int(slot)].parent else { return }
        let parentSlot = sectorSlots.slot(of: parent)
        guard parentSlot >= 0 else { return }
        let id = sectors[Int(slot)].id
        if let index = sectors[Int(parentSlot)].children.firstIndex(of: id) {
            sectors[Int(parentSlot)].childSlots[index] = slot
        }
    }

    private mutating func enterOrder(_ slot: Int32) {
        let id = sectors[Int(slot)].id
        var place = sectorOrder.count
        // They come in order but for a few.
        while place > 0, sectors[Int(sectorOrder[place - 1])].id > id { place -= 1 }
        sectorOrder.insert(slot, at: place)
    }
}
