// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore

/// What drawing needs to know of an archive's nodes, geometries and materials, in flat arrays.
struct NodePlaces: Sendable {
    struct Node: Sendable {
        var origin: Int3
        var extent: Int3
        /// Metres.
        var gridStep: Double
    }

    private(set) var nodes: [Node] = []
    /// As viewers are told of them: with the box around all nodes.
    private(set) var geometries: [Wire.Geometry] = []
    /// By material: whether light passes it, so that it is drawn after all others, back to front.
    private(set) var isBlended: [Bool]

    init(_ archive: Archive) {
        isBlended = archive.description.materials.map { material in
            material.alphaMode == .blend || (material.transmissionFactor > 0 && !material.isUnlit)
        }
        nodes.reserveCapacity(archive.index.nodes.count)
        for (number, geometry) in archive.index.geometries.enumerated() {
            var low = Int3(repeating: .max)
            var high = Int3(repeating: .min)
            for node in geometry.nodes {
                let record = archive.index.nodes[node]
                low = pointwiseMin(low, record.origin)
                high = pointwiseMax(high, record.origin &+ record.extent)
                nodes.append(Node(origin: record.origin, extent: record.extent, gridStep: geometry.grid.step))
            }
            let isEmpty = geometry.nodeCount == 0
            geometries.append(
                Wire.Geometry(
                    geometry: UInt32(number), gridStep: geometry.grid.step, layout: geometry.layout.byte,
                    coordinateStep: geometry.coordinateStep, isProxy: geometry.isProxy,
                    boxOrigin: isEmpty ? .zero : low, boxExtent: isEmpty ? .zero : high &- low,
                    materials: geometry.materials))
        }
    }
}
