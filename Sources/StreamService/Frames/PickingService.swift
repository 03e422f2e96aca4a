// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import ModelStorage
import Rendering
import StreamCore
import Synchronization

/// Picks in one model, for all its viewers: one at a time.
final class PickingService: Sendable {
    private let archive: Archive
    private let picking: Mutex<ScenePicking>

    init(_ archive: Archive) {
        self.archive = archive
        picking = Mutex(ScenePicking(archive: archive))
    }

    /// What is at a place of a view, in full resolution. May decode what the ray meets: not for the render thread.
    ///
    /// - Parameter place: clip space, y up.
    func pick(_ request: UInt32, in view: ViewState, at place: SIMD2<Float>) -> Wire.Picked {
        let ray = PickRay(
            in: view, x: (Double(place.x) + 1) / 2 * view.width, y: (1 - Double(place.y)) / 2 * view.height)
        // What is damaged cannot be hit.
        guard let hit = picking.withLock({ try? $0.pick(ray) }) else { return .nothing(request: request) }
        let tree = archive.description.tree
        var path: [JSONValue] = []
        var node = hit.treeNode
        while node >= 0, node < tree.names.count {
            path.append(.string(tree.names[node]))
            node = tree.parents[node]
        }
        let facts: JSONValue = ["name": path.first ?? .string(""), "path": .array(path.reversed())]
        return Wire.Picked(
            request: request, isHit: true, position: hit.point, normal: Float3(hit.normal), distance: hit.distance,
            treeNode: UInt32(clamping: hit.treeNode), json: facts.encoded())
    }
}

extension Wire.Picked {
    /// There is no surface.
    static func nothing(request: UInt32) -> Wire.Picked {
        Wire.Picked(
            request: request, isHit: false, position: .zero, normal: .zero, distance: 0, treeNode: 0,
            json: Array("{}".utf8))
    }
}
