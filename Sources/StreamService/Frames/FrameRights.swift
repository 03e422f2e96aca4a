// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import StreamCore

/// What a viewer that may only look is sent beside its pictures: enough to bend them to the newest camera and to turn
/// about what was clicked, and too little to measure a model with.
///
/// Positions and depths are whole steps of a 256th of the model's diagonal. Half a step wrong moves a pixel by 0.03 when
/// a model that is a thousand pixels long turns by a degree; a model that is put together from such picks has at most 256
/// places in each direction.
struct FrameRights {
    /// Picks in a second, and at once.
    static let picksPerSecond = 10

    let hasTree: Bool
    let isExact: Bool
    /// Metres.
    let step: Double

    init(_ rights: Set<Right>, bounds: Bounds) {
        hasTree = rights.contains(.tree)
        isExact = rights.contains(.picks)
        let diagonal = bounds.isEmpty ? 0 : bounds.diagonal
        step = diagonal > 0 && diagonal.isFinite ? diagonal / 256 : 1
    }

    func limited(_ content: EncodedFrame.Content, of view: ViewState) -> EncodedFrame.Content {
        var content = content
        if !hasTree { content.identities = nil }
        guard !isExact else { return content }
        var isPerspective = true
        if case .orthographic = view.projection { isPerspective = false }
        content.depthGrid = content.depthGrid?.rounded(to: Float(step), isPerspective: isPerspective)
        return content
    }

    func limited(_ picked: Wire.Picked) -> Wire.Picked {
        var picked = picked
        if !hasTree { (picked.treeNode, picked.json) = (0, Array("{}".utf8)) }
        guard !isExact, picked.isHit else { return picked }
        func rounded(_ value: Double) -> Double { (value / step).rounded() * step }
        picked.position = Double3(
            rounded(picked.position.x), rounded(picked.position.y), rounded(picked.position.z))
        picked.distance = max(rounded(picked.distance), step)
        picked.normal = FrameRights.coarse(picked.normal)
        return picked
    }

    /// The nearest of 26 directions: along axes, edges and corners.
    private static func coarse(_ normal: Float3) -> Float3 {
        let largest = max(abs(normal.x), abs(normal.y), abs(normal.z))
        guard largest > 0 else { return normal }
        let whole = Float3(
            (normal.x / largest).rounded(), (normal.y / largest).rounded(), (normal.z / largest).rounded())
        return whole / (whole * whole).sum().squareRoot()
    }
}
