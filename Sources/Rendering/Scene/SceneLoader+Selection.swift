// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
package import StreamCore

/// What to draw.
extension SceneLoader {
    /// Selects the cut of what is loaded.
    ///
    /// - Parameters:
    ///   - viewer: the caller's number, as in `update`.
    ///   - triangleLimit: of drawn triangles: the threshold rises until they fit. Roots and proxies are always drawn.
    /// - Returns: nothing to draw for an invalid view or threshold.
    package func select(
        _ view: ViewState, viewer: Int, thresholdPixels: Double, triangleLimit: Int
    ) -> DrawList {
        var list = DrawList()
        select(view, viewer: viewer, thresholdPixels: thresholdPixels, triangleLimit: triangleLimit, into: &list)
        return list
    }

    /// As above, into a list whose memory is used again.
    package func select(
        _ view: ViewState, viewer: Int, thresholdPixels: Double, triangleLimit: Int, into list: inout DrawList
    ) {
        list.clear()
        let number = number(ofViewer: viewer)
        prepareThreshold(viewer, number, thresholdPixels, triangleLimit)
        applyLimits(triangleCount: triangleLimit)
        guard scene.select(view, viewer: number, thresholdPixels: thresholdPixels) else { return }
        list.rows = scene.rows
        list.visibleRows.append(contentsOf: scene.visibleRows)
        for draw in scene.draws { append(draw, eye: view.eye, to: &list) }
        list.sortBlended()
        list.triangleCount = Int(scene.statistics.triangleCount)
        list.isThresholdMoving = scene.statistics.isThresholdMoving
        let used = Float(scene.statistics.thresholdPixels)
        list.isComplete = isComplete(view, viewer, used)
        // Where something is missing, the scene can only guess how wrong what is drawn in its place is.
        let isHonest = list.isComplete && !scene.statistics.isThresholdAtEnd
        list.thresholdPixels = isHonest ? used : max(used, Float(scene.statistics.largestErrorPixels))
    }

    /// The threshold adapts to the triangle limit by small steps, so that it does not flicker. After a change of what is
    /// asked it starts anew: a still picture must not stay as coarse as those of the movement before it.
    private func prepareThreshold(_ viewer: Int, _ number: Int, _ thresholdPixels: Double, _ triangleLimit: Int) {
        let last = viewers[viewer]
        if last?.thresholdPixels != thresholdPixels || Double(triangleLimit) > 1.25 * Double(last?.triangleLimit ?? 0) {
            scene.resetThreshold(ofViewer: number)
        }
        viewers[viewer]?.thresholdPixels = thresholdPixels
        viewers[viewer]?.triangleLimit = triangleLimit
    }

    private func isComplete(_ view: ViewState, _ viewer: Int, _ thresholdPixels: Float) -> Bool {
        if let checked = viewers[viewer]?.checked, checked.version == version, checked.view == view,
            checked.thresholdPixels == thresholdPixels
        {
            return checked.isComplete
        }
        var held = resident
        held.formUnion(damaged)
        let missing = order.missing(view, thresholdPixels: thresholdPixels, held: held, using: &scratch)
        viewers[viewer]?.checked = (view, thresholdPixels, version, missing.chunkCount == 0)
        return missing.chunkCount == 0
    }

    private func append(_ draw: Draw, eye: Double3, to list: inout DrawList) {
        let material = draw.material & Draw.noMaterial
        var item = DrawList.Item(
            node: draw.node, firstIndex: draw.firstIndex, indexCount: draw.indexCount,
            firstVisible: draw.firstVisible, instanceCount: draw.instanceCount, material: material,
            isMirrored: draw.material >> 24 & 1 != 0, origin: .zero, gridStep: 1, extent: .zero)
        if item.isBox {
            let geometry = places.geometries[Int(draw.node & ~Draw.boxFlag)]
            item.origin = geometry.boxOrigin
            item.extent = geometry.boxExtent
            item.gridStep = Float(geometry.gridStep)
        } else {
            let place = places.nodes[Int(draw.node)]
            item.origin = place.origin
            item.gridStep = Float(place.gridStep)
            item.extent = place.extent
        }
        guard material < places.isBlended.count, places.isBlended[Int(material)] else {
            list.items.append(item)
            return
        }
        for offset in 0..<draw.instanceCount {
            item.firstVisible = draw.firstVisible + offset
            item.instanceCount = 1
            list.appendBlended(item, eye: eye)
        }
    }
}

extension DrawList {
    /// Keeps its memory.
    fileprivate mutating func clear() {
        items.removeAll(keepingCapacity: true)
        blended.removeAll(keepingCapacity: true)
        blendedDistances.removeAll(keepingCapacity: true)
        visibleRows.removeAll(keepingCapacity: true)
        triangleCount = 0
        thresholdPixels = 0
        isComplete = false
        isThresholdMoving = false
    }

    fileprivate mutating func appendBlended(_ item: Item, eye: Double3) {
        blended.append(item)
        let first = Int(visibleRows[Int(item.firstVisible)]) * InstanceRows.wordCount
        func float(_ word: Int) -> Float { Float(bitPattern: rows.words[first + word]) }
        func cell(_ axis: Int) -> Int32 { Int32(bitPattern: rows.words[first + 12 + axis]) }
        let corner = Float3(item.origin &- Int3(cell(0), cell(1), cell(2)))
        let local = (corner + Float3(item.extent) * 0.5) * item.gridStep
        let center =
            Float3(float(0), float(1), float(2)) * local.x + Float3(float(4), float(5), float(6)) * local.y
            + Float3(float(8), float(9), float(10)) * local.z + Float3(float(3), float(7), float(11))
        blendedDistances.append(lengthSquared(center - Float3(eye - reference)))
    }

    /// Farthest first; what was selected first where distances are equal.
    fileprivate mutating func sortBlended() {
        if blended.count < 2 { return }
        let order = blended.indices.sorted { (blendedDistances[$1], $0) < (blendedDistances[$0], $1) }
        blended = order.map { blended[$0] }
    }
}
