// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
package import ModelStorage
package import StreamCore

/// The four views that measurements use: from all of a model to a detail of its surface, 1280 × 720.
package enum StandardView: String, CaseIterable, Sendable {
    /// Everything, from the side that thumbnails show.
    case whole
    /// Half a diagonal, a seventh and a twentieth away from the surface in the middle of `whole`.
    case near, close, detail

    /// - Throws: `ChunkError` or `NodeCodingError` when a chunk is damaged.
    package func view(of archive: Archive) throws -> ViewState {
        let home = ViewState.home(of: archive.bounds, width: 1280, height: 720)
        let share: Double
        switch self {
        case .whole: return home
        case .near: share = 0.5
        case .close: share = 0.15
        case .detail: share = 0.05
        }
        var result = home
        let target = try StandardView.surfacePoint(in: home, of: archive)
        result.eye = target + home.axes.z * (share * archive.bounds.diagonal)
        return result
    }

    /// The visible point of the surface nearest to the middle of a view; the model's centre if nothing is visible.
    private static func surfacePoint(in home: ViewState, of archive: Archive) throws -> Double3 {
        var view = home
        (view.width, view.height) = (320, 180)
        let quality = try ViewQuality(archive, view: view)
        let picture = quality.reference
        var best: (distance: Int, pixel: Int)?
        for (pixel, id) in picture.rasterizer.ids.enumerated() where id != .max {
            let (x, y) = (pixel % 320 - 160, pixel / 320 - 90)
            if x * x + y * y < best?.distance ?? .max { best = (x * x + y * y, pixel) }
        }
        guard let pixel = best?.pixel, case .perspective(let tangent) = home.projection else {
            return archive.bounds.center
        }
        let depth = picture.distance(atPixel: pixel)
        let across = (Double(pixel % 320) + 0.5 - 160) / 90 * tangent * depth
        let upward = (90 - Double(pixel / 320) - 0.5) / 90 * tangent * depth
        let axes = home.axes
        return home.eye - axes.z * depth + axes.x * across + axes.y * upward
    }
}
