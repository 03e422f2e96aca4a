// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Whole pixels of a picture; from the top left.
package struct PixelRectangle: Equatable, Hashable, Sendable {
    package var left: Int
    package var top: Int
    package var width: Int
    package var height: Int

    package init(left: Int, top: Int, width: Int, height: Int) {
        self.left = left
        self.top = top
        self.width = width
        self.height = height
    }

    package static let empty = PixelRectangle(left: 0, top: 0, width: 0, height: 0)

    package var right: Int { left + width }
    package var bottom: Int { top + height }
    package var area: Int { width * height }
    package var isEmpty: Bool { width <= 0 || height <= 0 }

    /// The smallest rectangle around both.
    package func union(_ other: PixelRectangle) -> PixelRectangle {
        if isEmpty { return other }
        if other.isEmpty { return self }
        let (left, top) = (min(left, other.left), min(top, other.top))
        return PixelRectangle(
            left: left, top: top, width: max(right, other.right) - left, height: max(bottom, other.bottom) - top)
    }

    /// Grown to multiples of `step`, within a picture.
    package func aligned(to step: Int, width: Int, height: Int) -> PixelRectangle {
        let left = max(0, left / step * step)
        let top = max(0, top / step * step)
        let right = min(width, (right + step - 1) / step * step)
        let bottom = min(height, (bottom + step - 1) / step * step)
        return PixelRectangle(left: left, top: top, width: max(0, right - left), height: max(0, bottom - top))
    }
}
