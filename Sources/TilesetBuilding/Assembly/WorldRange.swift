// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelImport
import StreamCore

/// How far a model may reach, a little less than archives can say (`TilesetLimits`): metres from the origin, and in a part's
/// own units from its origin. Viewers compute in single precision relative to the camera's cell, and square distances: up to
/// here nothing of that overflows.
enum WorldRange {
    static let farthest = 1e15

    static let remedy = "check its unit and transforms in the program that made it"

    static func holds(_ bounds: Bounds) -> Bool {
        let reach = max((bounds.maximum).max(), (-bounds.minimum).max())
        return reach <= farthest && bounds.size.max().isFinite
    }

    static func holds(_ transform: AffineTransform, _ placed: Bounds) -> Bool {
        let columns = [transform.x, transform.y, transform.z]
        let isSmall = columns.allSatisfy { column in (0..<3).allSatisfy { abs(column[$0]) <= farthest } }
        return isSmall && holds(placed)
    }
}
