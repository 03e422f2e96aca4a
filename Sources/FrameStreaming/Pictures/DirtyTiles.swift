// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What differs between two pictures of the same size, as few rectangles. Only for a camera at rest: while it moves,
/// almost everything differs, and one rectangle is smaller than many.
///
/// Tiles of 64 × 64 are compared. Neighbours in a row become one rectangle; then the two whose union grows least are
/// merged while that costs little or there are too many.
package enum DirtyTiles {
    package enum Difference: Equatable, Sendable {
        case nothing
        case rectangles([PixelRectangle])
        /// So much that the whole picture is cheaper.
        case whole
    }

    package static let tileSize = 64
    package static let largestCount = 4
    /// Share of the tiles above which the whole picture is sent, and growth of the area that a merger may cost.
    private static let wholeShare = 0.45
    private static let growth = 1.25

    /// - Parameters:
    ///   - previous: one value for each pixel, row by row from the top.
    ///   - current: the same.
    package static func difference(
        _ previous: Span<UInt32>, _ current: Span<UInt32>, width: Int, height: Int
    ) -> Difference {
        precondition(
            width > 0 && height > 0 && previous.count == width * height && current.count == width * height,
            "two pictures of the same size")
        let columns = (width + tileSize - 1) / tileSize
        let rows = (height + tileSize - 1) / tileSize
        var runs: [PixelRectangle] = []
        var dirtyCount = 0
        for row in 0..<rows {
            let (top, bottom) = (row * tileSize, min((row + 1) * tileSize, height))
            for column in 0..<columns {
                let (left, right) = (column * tileSize, min((column + 1) * tileSize, width))
                guard isDirty(previous, current, width, left..<right, top..<bottom) else { continue }
                dirtyCount += 1
                let tile = PixelRectangle(left: left, top: top, width: right - left, height: bottom - top)
                if let last = runs.last, last.top == top, last.right == left {
                    runs[runs.count - 1] = last.union(tile)
                } else {
                    runs.append(tile)
                }
            }
        }
        if dirtyCount == 0 { return .nothing }
        if Double(dirtyCount) > wholeShare * Double(columns * rows) { return .whole }
        return .rectangles(merged(runs))
    }

    private static func isDirty(
        _ previous: Span<UInt32>, _ current: Span<UInt32>, _ width: Int, _ columns: Range<Int>, _ rows: Range<Int>
    ) -> Bool {
        for row in rows {
            let start = row * width
            for index in start + columns.lowerBound..<start + columns.upperBound where previous[index] != current[index]
            {
                return true
            }
        }
        return false
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
