// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a viewer's view of its model costs.
package struct ModelFacts: Equatable, Sendable {
    /// Bytes of the first chunks that show anything.
    package var firstByteCount: Double
    /// The cut with at most two pixels of error in this view.
    package var cutByteCount: Double
    package var cutTriangleCount: Double
    package var cutGPUByteCount: Double
    /// The coarsest cut.
    package var coarsestGPUByteCount: Double
    package var coarsestTriangleCount: Double
    /// The whole model, as imported.
    package var triangleCount: Double

    package init(
        firstByteCount: Double = 0, cutByteCount: Double = 0, cutTriangleCount: Double = 0, cutGPUByteCount: Double = 0,
        coarsestGPUByteCount: Double = 0, coarsestTriangleCount: Double = 0, triangleCount: Double = 0
    ) {
        self.firstByteCount = firstByteCount
        self.cutByteCount = cutByteCount
        self.cutTriangleCount = cutTriangleCount
        self.cutGPUByteCount = cutGPUByteCount
        self.coarsestGPUByteCount = coarsestGPUByteCount
        self.coarsestTriangleCount = coarsestTriangleCount
        self.triangleCount = triangleCount
    }

    /// With numbers that can be: at least 0, finite, and nothing of the coarsest cut above that of the finer one.
    package var checked: ModelFacts {
        func count(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1e15) : 0 }
        var facts = ModelFacts(
            firstByteCount: count(firstByteCount), cutByteCount: count(cutByteCount),
            cutTriangleCount: count(cutTriangleCount), cutGPUByteCount: count(cutGPUByteCount),
            coarsestGPUByteCount: count(coarsestGPUByteCount), coarsestTriangleCount: count(coarsestTriangleCount),
            triangleCount: count(triangleCount))
        facts.firstByteCount = min(facts.firstByteCount, max(facts.cutByteCount, 1))
        facts.coarsestTriangleCount = min(facts.coarsestTriangleCount, facts.cutTriangleCount)
        facts.coarsestGPUByteCount = min(facts.coarsestGPUByteCount, facts.cutGPUByteCount)
        return facts
    }
}
