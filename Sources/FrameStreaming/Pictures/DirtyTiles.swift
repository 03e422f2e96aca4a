// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// Dirty tiles of a picture as few rectangles. Only for a camera at rest: while it moves, almost everything differs, and
/// one rectangle is smaller than many.
///
/// Neighbours in a row become one rectangle; then the two whose union grows least are merged while that costs little or
/// there are too many.
package enum DirtyTiles {
    package enum Difference: Equatable, Sendable {
        case nothing
        case rectangles([PixelRectangle])
        /// So much that the whole picture is cheaper.
        case whole
    }

    package static let largestCount = 4
    /// Share of the tiles above which the whole picture is sent, and growth of the area that a merger may cost.
    private static let wholeShare = 0.45
    private static let growth = 1.25

    /// - Parameter isDirty: for each of the picture's `TilePrints`.
    package static func difference(_ isDirty: [Bool], width: Int, height: Int) -> Difference {
        let (columns, rows) = (TilePrints.columnCount(width), TilePrints.columnCount(height))
        precondition(isDirty.count == columns * rows, "one value for each tile")
        var runs: [PixelRectangle] = []
        for number in isDirty.indices where isDirty[number] {
            let tile = TilePrints.rectangle(ofTile: number, width: width, height: height)
            if let last = runs.last, last.top == tile.top, last.right == tile.left {
                runs[runs.count - 1] = last.union(tile)
            } else {
                runs.append(tile)
            }
        }
        if runs.isEmpty { return .nothing }
        if Double(isDirty.count { $0 }) > wholeShare * Double(columns * rows) { return .whole }
        return .rectangles(merged(runs))
    }

    /// At most `largestCount`, in the order of their tops.
    static func merged(_ rectangles: [PixelRectangle]) -> [PixelRectangle] {
        var result = rectangles
        while result.count > 1 {
            var best = (first: 0, second: 1, cost: Double.infinity)
            for first in result.indices {
                for second in result.indices where second > first {
                    let area = result[first].area + result[second].area
                    let cost = Double(result[first].union(result[second]).area) / Double(area)
                    if cost < best.cost { best = (first, second, cost) }
                }
            }
            guard result.count > largestCount || best.cost < growth else { break }
            result[best.first] = result[best.first].union(result[best.second])
            result.remove(at: best.second)
        }
        return result.sorted { ($0.top, $0.left) < ($1.top, $1.left) }
    }
}
