// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore

/// Boxes that lead a ray from the sectors to the finest nodes; made when first needed and kept.
struct PickSpace {
    /// An instance and its box in the world.
    struct Place {
        var instance: Instance
        var center: Double3
        var halfSize: Double3
    }

    /// A geometry's nodes: around each node and everything finer below it, in grid steps.
    struct Hierarchy {
        var low: [Int3]
        var high: [Int3]
        var roots: [Int]
        /// Around all; empty where there are no nodes.
        var bounds: (low: Int3, high: Int3)?
    }

    private let archive: Archive
    private var sectors: [Int: [Place]] = [:]
    private var geometries: [Int: Hierarchy] = [:]

    init(archive: Archive) { self.archive = archive }

    /// The instances of a sector, without those of its children.
    ///
    /// - Throws: `damaged`.
    mutating func places(inSector sector: Int) throws(PickingError) -> [Place] {
        if let known = sectors[sector] { return known }
        let instances: [Instance]
        do throws(ChunkError) {
            instances = try archive.instances(inSector: sector)
        } catch {
            throw .damaged("sector \(sector): \(error)")
        }
        var places: [Place] = []
        places.reserveCapacity(instances.count)
        for instance in instances {
            guard let bounds = hierarchy(ofGeometry: Int(instance.geometry)).bounds else { continue }
            let step = archive.index.geometries[Int(instance.geometry)].grid.step
            let half = Double3(bounds.high &- bounds.low) * (step * 0.5)
            let center = Double3(bounds.low) * step + half
            let transform = instance.transform
            places.append(
                Place(
                    instance: instance, center: transform.apply(to: center),
                    halfSize: sizes(transform.x) * half.x + sizes(transform.y) * half.y + sizes(transform.z) * half.z))
        }
        sectors[sector] = places
        return places
    }

    /// O(nodes) for the first time.
    mutating func hierarchy(ofGeometry geometry: Int) -> Hierarchy {
        if let known = geometries[geometry] { return known }
        let index = archive.index
        let nodes = index.geometries[geometry].nodes
        var result = Hierarchy(low: [], high: [], roots: [], bounds: nil)
        result.low = nodes.map { index.nodes[$0].origin }
        result.high = nodes.map { index.nodes[$0].origin &+ index.nodes[$0].extent }
        // Children come after their parents.
        for node in nodes.reversed() {
            let local = node - nodes.lowerBound
            for child in index.nodes[node].children {
                result.low[local] = pointwiseMin(result.low[local], result.low[Int(child) - nodes.lowerBound])
                result.high[local] = pointwiseMax(result.high[local], result.high[Int(child) - nodes.lowerBound])
            }
            guard index.nodes[node].parents.isEmpty else { continue }
            result.roots.append(node)
            let (low, high) = result.bounds ?? (result.low[local], result.high[local])
            result.bounds = (pointwiseMin(low, result.low[local]), pointwiseMax(high, result.high[local]))
        }
        geometries[geometry] = result
        return result
    }

    private func sizes(_ a: Double3) -> Double3 { Double3(abs(a.x), abs(a.y), abs(a.z)) }
}
