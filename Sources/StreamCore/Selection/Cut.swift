// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which nodes of one geometry are expanded. The surface drawn for a cut is, for every expanded node, those of its
/// patches whose child is not expanded.
///
/// A cut is valid when it is closed upward: every parent of an expanded node is expanded. Any valid cut of a geometry
/// that has no open edges is watertight.
package struct Cut: Equatable, Sendable {
    /// The geometry's node ids.
    package let nodes: Range<Int>
    private var expanded: [Bool]

    /// The coarsest cut: only roots are expanded.
    package init(of geometry: GeometryRecord, in index: TilesetIndex) {
        nodes = geometry.nodes
        expanded = geometry.nodes.map { index.nodes[$0].parents.isEmpty }
    }

    /// Expands every node that `wants` refinement and whose parents are all expanded, coarse to fine.
    package init(of geometry: GeometryRecord, in index: TilesetIndex, where wants: (Int) -> Bool) {
        self.init(of: geometry, in: index)
        for node in nodes where !index.nodes[node].parents.isEmpty {
            expanded[node - nodes.lowerBound] = areParentsExpanded(node, index) && wants(node)
        }
    }

    /// Expands every node that `needs` says, and everything it depends on: the smallest closed cut that contains them.
    package init(of geometry: GeometryRecord, in index: TilesetIndex, containing needs: (Int) -> Bool) {
        self.init(of: geometry, in: index)
        for node in nodes.reversed() {
            guard contains(node) || needs(node) else { continue }
            expanded[node - nodes.lowerBound] = true
            for parent in index.nodes[node].parents { expanded[Int(parent) - nodes.lowerBound] = true }
        }
    }

    package func contains(_ node: Int) -> Bool { expanded[node - nodes.lowerBound] }

    /// Whether every parent of an expanded node is expanded.
    package func isClosed(in index: TilesetIndex) -> Bool {
        nodes.allSatisfy { !contains($0) || areParentsExpanded($0, index) }
    }

    private func areParentsExpanded(_ node: Int, _ index: TilesetIndex) -> Bool {
        index.nodes[node].parents.allSatisfy { contains(Int($0)) }
    }

    /// Whether the patch of `node` that `child` would replace is drawn.
    package func draws(_ node: Int, child: UInt32?) -> Bool {
        guard contains(node) else { return false }
        guard let child else { return true }
        return !contains(Int(child))
    }
}

/// How far away something may be wrong before anyone sees it.
package struct ScreenSpaceError: Equatable, Sendable {
    /// The eye, in the space of the boxes asked about.
    package var eye: Double3
    /// Pixels that one radian covers at the middle of the view: half the viewport's height times cot(fovy / 2).
    package var pixelsPerRadian: Double
    /// Nearer boxes count as this far away, in the same unit as the boxes.
    package var nearestDistance: Double

    package init(eye: Double3, pixelsPerRadian: Double, nearestDistance: Double) {
        self.eye = eye
        self.pixelsPerRadian = pixelsPerRadian
        self.nearestDistance = nearestDistance
    }

    /// Pixels that a geometric error of `error` covers at the nearest point of `box`.
    package func pixels(_ error: Double, at box: Bounds) -> Double {
        error * pixelsPerRadian / max(box.distance(to: eye), nearestDistance)
    }
}
