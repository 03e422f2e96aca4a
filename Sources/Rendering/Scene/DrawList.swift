// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What to draw for one view. Rows are those of `InstanceRows`.
package struct DrawList: Sendable {
    /// One index range of a node, for several instances.
    package struct Item: Equatable, Sendable {
        /// Or `Draw.boxFlag | geometry`: a box stands for a geometry of which nothing is loaded.
        package var node: UInt32
        /// Into the node's indices.
        package var firstIndex: UInt32
        package var indexCount: UInt32
        /// Into `visibleRows`.
        package var firstVisible: UInt32
        package var instanceCount: UInt32
        /// Of the model; `Draw.noMaterial`: none.
        package var material: UInt32
        /// The transform mirrors: front faces run clockwise.
        package var isMirrored: Bool
        /// Smallest corner of the node, or of the geometry of a box, in grid steps.
        package var origin: Int3
        /// Metres in the geometry's space.
        package var gridStep: Float
        /// Size of the node, or of the box, in grid steps.
        package var extent: Int3

        package var isBox: Bool { node & Draw.boxFlag != 0 }
    }

    /// Opaque, in no order: batching by page and material is the drawer's job.
    package internal(set) var items: [Item] = []
    /// Drawn after all others: one instance each, back to front.
    package internal(set) var blended: [Item] = []
    /// Of `blended` before it was sorted: squares of their distances from the eye.
    var blendedDistances: [Float] = []
    package internal(set) var visibleRows: [UInt32] = []
    /// For one viewer's lists, `rows.version` tells whether the rows are those of an earlier list.
    package internal(set) var rows = InstanceRows()
    /// World position that rows are relative to, metres.
    package var reference: Double3 { rows.reference }
    package internal(set) var triangleCount = 0
    /// Largest error drawn, in pixels.
    package internal(set) var thresholdPixels: Float = 0
    /// Nothing that the view needs at its threshold is missing, but for what is damaged.
    package internal(set) var isComplete = false
    /// Selecting the same view again gives another list: the threshold is still on its way to fit the triangle limit.
    package internal(set) var isThresholdMoving = false

    package init() {}
}
