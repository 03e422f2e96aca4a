// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ModelStorage
package import StreamCore

/// What a viewer that holds some chunks would draw, by the rules of the client's cut: proxies until a sector is complete,
/// behind what is there of it, and for each instance the patches whose finer nodes are not there or not needed. It draws
/// finer than any threshold where it can: what is measured with it is the data, not the viewer's thrift.
package struct HeldCut {
    private let archive: Archive
    private let frustum: ViewFrustum
    private let view: ViewState
    private let isHeld: (UInt32) -> Bool
    private let instances: (Int) throws(ChunkError) -> [Instance]
    /// Pixels; finer data than this is left out.
    private let threshold: Double
    package private(set) var drawn: [DrawnInstance] = []

    /// - Parameters:
    ///   - isHeld: whether the viewer has a chunk.
    ///   - instances: of a sector; a cache of `Archive.instances(inSector:)`.
    package init(
        _ archive: Archive, view: ViewState, threshold: Double, isHeld: @escaping (UInt32) -> Bool,
        instances: @escaping (Int) throws(ChunkError) -> [Instance]
    ) throws(ChunkError) {
        self.archive = archive
        self.threshold = threshold
        self.isHeld = isHeld
        self.instances = instances
        self.view = view
        frustum = ViewFrustum(view, nearestDistance: archive.bounds.diagonal * 1e-5)
        if isHeld(archive.index.sectors[0].chunk) { try draw(sector: 0) }
    }

    private mutating func draw(sector: Int) throws(ChunkError) {
        let record = archive.index.sectors[sector]
        guard frustum.intersects(record.bounds) else { return }
        let isProxyEnough = frustum.pixels(record.proxyError, at: record.bounds) <= threshold
        if let proxy = record.proxyNode, isHeld(archive.index.nodes[Int(proxy)].chunk) {
            let isReplaced = isProxyEnough ? false : try isComplete(sector)
            if !isReplaced {
                drawn.append(
                    DrawnInstance(
                        geometry: Int(archive.index.nodes[Int(proxy)].geometry),
                        transform: isProxyEnough
                            ? .translation(record.bounds.minimum)
                            : StandInPlacement(of: record.bounds, in: view).transform, cut: nil, node: Int(proxy),
                        standInError: record.proxyError))
                if isProxyEnough { return }
            }
        }
        guard isHeld(record.chunk) else { return }
        for instance in try instances(sector) { draw(instance) }
        for child in record.children { try draw(sector: Int(child)) }
    }

    /// Whether a sector can be drawn without its proxy: nothing in view would be missing.
    private func isComplete(_ sector: Int) throws(ChunkError) -> Bool {
        let record = archive.index.sectors[sector]
        guard isHeld(record.chunk) else { return false }
        for instance in try instances(sector) where frustum.intersects(box(of: instance)) {
            let geometry = archive.index.geometries[Int(instance.geometry)]
            for node in geometry.nodes where archive.index.nodes[node].parents.isEmpty {
                guard isHeld(archive.index.nodes[node].chunk) else { return false }
            }
        }
        for child in record.children {
            let below = archive.index.sectors[Int(child)]
            guard frustum.intersects(below.bounds) else { continue }
            if let proxy = below.proxyNode, isHeld(archive.index.nodes[Int(proxy)].chunk) { continue }
            guard try isComplete(Int(child)) else { return false }
        }
        return true
    }

    private func box(of instance: Instance) -> Bounds {
        let geometry = archive.index.geometries[Int(instance.geometry)]
        var box = Bounds.empty
        for node in geometry.nodes where archive.index.nodes[node].parents.isEmpty {
            box.add(bounds(of: node, in: geometry))
        }
        return instance.transform.apply(to: box)
    }

    private func bounds(of node: Int, in geometry: GeometryRecord) -> Bounds {
        let record = archive.index.nodes[node]
        return Bounds(
            minimum: geometry.grid.position(record.origin),
            maximum: geometry.grid.position(record.origin &+ record.extent))
    }

    private mutating func draw(_ instance: Instance) {
        guard frustum.intersects(box(of: instance)) else { return }
        let index = archive.index
        let geometry = index.geometries[Int(instance.geometry)]
        for node in geometry.nodes where index.nodes[node].parents.isEmpty {
            guard isHeld(index.nodes[node].chunk) else { return }
        }
        let scale = instance.transform.largestScale
        let needed = Cut(
            of: geometry, in: index,
            containing: { node in
                let record = index.nodes[node]
                if record.error == .infinity { return true }
                let box = instance.transform.apply(to: bounds(of: node, in: geometry))
                return frustum.intersects(box) && frustum.pixels(Double(record.error) * scale, at: box) > threshold
            })
        let cut = Cut(of: geometry, in: index, where: { needed.contains($0) && isHeld(index.nodes[$0].chunk) })
        drawn.append(DrawnInstance(geometry: Int(instance.geometry), transform: instance.transform, cut: cut))
    }
}
