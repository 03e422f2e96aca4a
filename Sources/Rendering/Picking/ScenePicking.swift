// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ModelStorage
import StreamCore

/// Finds what a ray meets first in a model's full resolution, whatever is loaded for drawing.
///
/// Sectors, instances, nodes and the finest triangles are visited in the order in which the ray enters their boxes, until
/// nothing left can be nearer than the best hit. Triangles are tested in the world, relative to the ray's origin, in
/// double precision, so that instances 10^7 m away, mirrored or flattened are hit like any others. The back of a surface
/// counts only where its material is double-sided, as in the picture. Masked materials are not hit where the picture would
/// leave them out from near, in the full resolution of their textures; blended ones are hit however transparent they are.
///
/// Keeps what it decoded. Not for several threads at once.
package final class ScenePicking {
    /// What lies ahead.
    private enum Target {
        case sector(Int)
        /// Number in `found`.
        case instance(Int)
        /// Everything below a node.
        case branch(Int, node: Int)
        /// A node's own final triangles.
        case mesh(Int, node: Int)
    }

    /// An instance that the ray may meet.
    private struct Found {
        var instance: Instance
        /// The ray in the geometry's grid steps; nil where the transform flattens space.
        var localRay: BoxRay?
        /// Nodes that have been put in line.
        var seen: Set<Int> = []
    }

    private let archive: Archive
    private var cache: PickCache
    private var masks: PickMasks
    private var space: PickSpace
    private var queue = PickQueue<Target>()
    private var found: [Found] = []
    private var decodedCount = 0

    /// Nodes that one pick may decode. Each takes a few milliseconds at most.
    static let decodingLimit = 1024

    /// - Parameter cacheByteCount: that decoded nodes may take, and again textures of masked materials.
    package init(archive: Archive, cacheByteCount: Int = 64 << 20) {
        self.archive = archive
        cache = PickCache(archive: archive, byteLimit: cacheByteCount)
        masks = PickMasks(archive: archive, byteLimit: cacheByteCount)
        space = PickSpace(archive: archive)
    }

    /// - Returns: nil where the ray meets nothing.
    /// - Throws: `PickingError`.
    package func pick(_ ray: PickRay) throws(PickingError) -> PickHit? {
        guard ray.isValid else { throw .invalidRay }
        queue.removeAll()
        found.removeAll(keepingCapacity: true)
        decodedCount = 0
        var search = TriangleSearch(ray: ray)
        let boxRay = BoxRay(origin: ray.origin, direction: ray.direction)
        push(sector: 0, boxRay)
        while let (entry, target) = queue.pop(), entry <= search.distance {
            switch target {
            case .sector(let sector): try open(sector: sector, boxRay)
            case .instance(let number): open(instance: number, at: entry)
            case .branch(let number, let node): try open(node: node, of: number, at: entry)
            case .mesh(let number, let node): try test(node: node, of: number, &search)
            }
        }
        return search.hit
    }

    private func push(sector: Int, _ ray: BoxRay) {
        let bounds = archive.index.sectors[sector].bounds
        if bounds.isEmpty { return }
        guard let entry = ray.entry(center: bounds.center, halfSize: bounds.size * 0.5) else { return }
        queue.push(entry, .sector(sector))
    }

    private func open(sector: Int, _ ray: BoxRay) throws(PickingError) {
        let record = archive.index.sectors[sector]
        for place in try space.places(inSector: sector) {
            guard let entry = ray.entry(center: place.center, halfSize: place.halfSize) else { continue }
            queue.push(entry, .instance(found.count))
            found.append(
                Found(instance: place.instance, localRay: localRay(ray, place.instance)))
        }
        for child in record.children { push(sector: Int(child), ray) }
    }

    /// Distances along it are those along `ray`.
    private func localRay(_ ray: BoxRay, _ instance: Instance) -> BoxRay? {
        var linear = instance.transform
        linear.translation = .zero
        guard let inverse = linear.inverse else { return nil }
        let step = archive.index.geometries[Int(instance.geometry)].grid.step
        return BoxRay(
            // The difference first: both may be large.
            origin: inverse.apply(toDirection: ray.origin - instance.transform.translation) / step,
            direction: inverse.apply(toDirection: ray.direction) / step)
    }

    private func open(instance number: Int, at entry: Double) {
        let geometry = Int(found[number].instance.geometry)
        for root in space.hierarchy(ofGeometry: geometry).roots { push(node: root, of: number, at: entry) }
    }

    /// - Parameter entry: where the ray enters what the node is part of.
    private func push(node: Int, of number: Int, at entry: Double) {
        guard found[number].seen.insert(node).inserted else { return }
        let geometry = Int(found[number].instance.geometry)
        let hierarchy = space.hierarchy(ofGeometry: geometry)
        let local = node - archive.index.geometries[geometry].nodes.lowerBound
        if let entry = self.entry(found[number].localRay, hierarchy.low[local], hierarchy.high[local], entry) {
            queue.push(entry, .branch(number, node: node))
        }
    }

    private func open(node: Int, of number: Int, at entry: Double) throws(PickingError) {
        let record = archive.index.nodes[node]
        for child in record.children { push(node: Int(child), of: number, at: entry) }
        let high = record.origin &+ record.extent
        guard let entry = self.entry(found[number].localRay, record.origin, high, entry),
            try cache.hasFinalTriangles(node)
        else { return }
        queue.push(entry, .mesh(number, node: node))
    }

    /// Where the ray enters a box of grid positions; `otherwise` where the instance's space has no ray.
    private func entry(_ ray: BoxRay?, _ low: Int3, _ high: Int3, _ otherwise: Double) -> Double? {
        guard let ray else { return otherwise }
        let half = Double3(high &- low) * 0.5
        // A little more than nothing: a flat node has a box without thickness.
        return ray.entry(center: Double3(low) + half, halfSize: half + 1e-3)
    }

    private func test(node: Int, of number: Int, _ search: inout TriangleSearch) throws(PickingError) {
        if !cache.contains(node) {
            decodedCount += 1
            guard decodedCount <= ScenePicking.decodingLimit else {
                throw .tooMuchWork(nodeCount: ScenePicking.decodingLimit)
            }
        }
        let mesh = try cache.mesh(ofNode: node)
        let instance = found[number].instance
        let step = archive.index.geometries[Int(instance.geometry)].grid.step
        let materials = archive.description.materials
        try search.test(mesh, instance, step: step) { material in
            material < materials.count && materials[Int(material)].isDoubleSided
        } isHole: { material, place throws(PickingError) in
            try masks.isHole(material, place)
        }
    }
}
