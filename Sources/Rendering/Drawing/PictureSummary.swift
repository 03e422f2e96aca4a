// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What of a picture is found from its pixels where the device is the CPU, as summary.comp does elsewhere.
enum PictureSummary {
    /// The smallest rectangle around all pixels whose alpha is not 0.
    ///
    /// - Parameter pixels: RGBA8, `width` × `height`, aligned to four bytes.
    static func contentRectangle(_ pixels: UnsafeRawBufferPointer, width: Int, height: Int) -> PixelRectangle {
        let words = unsafe pixels.bindMemory(to: UInt32.self)
        let mask = UInt32(0xff00_0000).littleEndian
        func isEmpty(_ row: Int, _ columns: Range<Int>) -> Bool {
            for column in columns where unsafe words[row * width + column] & mask != 0 { return false }
            return true
        }
        guard let top = (0..<height).first(where: { !isEmpty($0, 0..<width) }) else { return .empty }
        let bottom = (top..<height).last { !isEmpty($0, 0..<width) } ?? top
        var left = width
        var right = 0
        for row in top...bottom {
            // Only what could make it wider is looked at.
            for column in 0..<left where unsafe words[row * width + column] & mask != 0 {
                left = column
                break
            }
            var column = width - 1
            while column >= right {
                if unsafe words[row * width + column] & mask != 0 {
                    right = column + 1
                    break
                }
                column -= 1
            }
        }
        return PixelRectangle(left: left, top: top, width: right - left, height: bottom + 1 - top)
    }

    /// The largest, which is the nearest, depth in each cell.
    ///
    /// - Parameter depths: 32-bit floats that are not negative, `width` × `height`.
    static func depthGrid(
        _ depths: UnsafeRawBufferPointer, width: Int, height: Int, _ grid: GridSize
    ) -> [Float] {
        // Such floats are in the order of their bits, and of integers the compiler compares several at once.
        let values = unsafe depths.bindMemory(to: Int32.self)
        var cells = [Int32](repeating: 0, count: grid.columns * grid.rows)
        // The first column of each cell; a cell may have none.
        let edges = (0...grid.columns).map { ($0 * width + grid.columns - 1) / grid.columns }
        for row in 0..<height {
            let first = row * grid.rows / height * grid.columns
            for column in 0..<grid.columns {
                var nearest = cells[first + column]
                for place in row * width + edges[column]..<row * width + edges[column + 1] {
                    nearest = unsafe max(nearest, values[place])
                }
                cells[first + column] = nearest
            }
        }
        return cells.map { Float(bitPattern: UInt32(bitPattern: $0)) }
    }
}
