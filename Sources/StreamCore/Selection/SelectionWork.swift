// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Memory that selections share, so that they allocate next to nothing.
struct SelectionWork {
    /// A sector that the view reaches.
    struct VisitedSector {
        var slot: Int32
        /// Its parent is expanded for thresholds up to this, and it itself for thresholds up to `error` (0: for none).
        var parentError: Float
        var error: Float
        /// Pixels by which its proxy is wrong, whether it is expanded or not.
        var proxyPixels: Float
        /// Its proxy is drawn behind its content, because not all of that is there.
        var isPartial: Bool
    }

    /// An instance in view, of a sector that some threshold expands.
    struct Candidate {
        /// How its geometry is shown.
        enum Detail { case box, roots, nodes }

        var row: Int32
        /// Drawn for thresholds up to this.
        var sectorError: Float
        /// What one unit of its geometry's space covers where the instance is nearest.
        var pixelsPerUnit: Float
        var detail: Detail
        /// Of `evaluated`, with `nodes`.
        var evaluated: Range<Int32> = 0..<0
    }

    /// A node that could be expanded in one candidate, for thresholds up to `error`.
    struct EvaluatedNode {
        var slot: Int32
        var error: Float
        /// How wrong its patches are that nothing resident can replace.
        var openError: Float = 0
        var isInView: Bool
    }

    // By sector slot.
    var isInView: [Bool] = []
    var isReady: [Bool] = []
    var isShowable: [Bool] = []
    var proxySlots: [Int32] = []
    // By node slot, of the candidate being evaluated.
    var errors: [Float] = []
    var ownErrors: [Float] = []
    var isNodeInView: [Bool] = []
    /// Equal to `mark`: in the set being looked at.
    var marks: [UInt32] = []
    var mark: UInt32 = 0
    // By geometry slot.
    var candidateCounts: [Int32] = []
    // By chunk slot: up to which threshold it is needed; 0: for none.
    var chunkErrors: [Float] = []
    var neededChunks: [Int32] = []

    /// A sector to visit, up to which threshold its parent is expanded, and whether a proxy stands for what it lacks.
    var sectorStack: [(slot: Int32, error: Float, isStoodFor: Bool)] = []
    var visited: [VisitedSector] = []
    var candidates: [Candidate] = []
    /// Geometries that have candidates, and the candidates by geometry.
    var touched: [Int32] = []
    var grouped: [Int32] = []
    var evaluated: [EvaluatedNode] = []
    var triangles = CostCurve()
    var bytes = CostCurve()
    /// Metres to the nearest candidate.
    var nearestDistance = Double.infinity
    var nodeCount = 0

    /// Makes room for nodes.
    mutating func grow(to count: Int) {
        errors.append(0)
        ownErrors.append(0)
        isNodeInView.append(false)
        marks.append(0)
        assert(marks.count == count)
    }

    mutating func begin(sectorCount: Int, geometryCount: Int, chunkCount: Int) {
        while isInView.count < sectorCount {
            isInView.append(false)
            isReady.append(false)
            isShowable.append(false)
            proxySlots.append(-1)
        }
        while candidateCounts.count < geometryCount { candidateCounts.append(0) }
        while chunkErrors.count < chunkCount { chunkErrors.append(0) }
        neededChunks.removeAll(keepingCapacity: true)
        visited.removeAll(keepingCapacity: true)
        candidates.removeAll(keepingCapacity: true)
        touched.removeAll(keepingCapacity: true)
        evaluated.removeAll(keepingCapacity: true)
        triangles.clear()
        bytes.clear()
        nearestDistance = .infinity
        nodeCount = 0
    }
}
