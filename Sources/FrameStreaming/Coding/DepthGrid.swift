// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// The nearest depth of each cell of a frame, as codes of 16 bits, and as the bytes that PROTOCOL.md calls a depth
/// grid.
package struct DepthGrid: Equatable, Sendable {
    package let columns: Int
    package let rows: Int
    /// Metres along the view: what code 65535 and code 1 stand for. 0 without any surface.
    package let near: Float
    package let far: Float
    /// Row by row from the top; 0 is background.
    package let codes: [UInt16]

    /// Cells in either direction.
    package static let longestSide = 255
    private static let nearestCode = 65535.0

    /// - Parameters:
    ///   - depths: metres along the view, nearest of each cell, row by row from the top; what is not finite (and, in a
    ///     perspective, positive) is background.
    ///   - isPerspective: codes are linear in the reciprocal; otherwise in the distance.
    package init(depths: [Float], columns: Int, rows: Int, isPerspective: Bool) {
        precondition(
            columns > 0 && rows > 0 && columns <= DepthGrid.longestSide && rows <= DepthGrid.longestSide
                && depths.count == columns * rows, "a depth for each cell of at most 255 × 255")
        func isSurface(_ depth: Float) -> Bool { depth.isFinite && (depth > 0 || !isPerspective) }
        var near = Float.infinity
        var far = -Float.infinity
        for depth in depths where isSurface(depth) {
            near = min(near, depth)
            far = max(far, depth)
        }
        self.columns = columns
        self.rows = rows
        guard near <= far else {
            (self.near, self.far) = (0, 0)
            codes = Array(repeating: 0, count: depths.count)
            return
        }
        (self.near, self.far) = (near, far)
        codes = depths.map { depth in
            guard isSurface(depth) else { return 0 }
            let share = DepthGrid.share(Double(depth), Double(near), Double(far), isPerspective)
            return UInt16((1 + share * (DepthGrid.nearestCode - 1)).rounded())
        }
    }

    /// 1 at `near`, 0 at `far`.
    private static func share(_ depth: Double, _ near: Double, _ far: Double, _ isPerspective: Bool) -> Double {
        guard far > near else { return 1 }
        let share =
            isPerspective ? (1 / depth - 1 / far) / (1 / near - 1 / far) : (far - depth) / (far - near)
        return min(max(share, 0), 1)
    }

    /// Metres that a code stands for; nil for background.
    package static func depth(code: UInt16, near: Float, far: Float, isPerspective: Bool) -> Float? {
        guard code > 0 else { return nil }
        let share = (Double(code) - 1) / (nearestCode - 1)
        let (near, far) = (Double(near), Double(far))
        return Float(isPerspective ? 1 / (share / near + (1 - share) / far) : far + (near - far) * share)
    }
}

extension DepthGrid {
    /// The same grid with distances of whole steps only.
    ///
    /// - Parameter step: metres, above 0.
    package func rounded(to step: Float, isPerspective: Bool) -> DepthGrid {
        let depths = codes.map { code -> Float in
            guard let depth = DepthGrid.depth(code: code, near: near, far: far, isPerspective: isPerspective) else {
                return .infinity
            }
            let whole = (depth / step).rounded() * step
            // Nothing lies at the eye itself.
            return isPerspective ? max(whole, step) : whole
        }
        return DepthGrid(depths: depths, columns: columns, rows: rows, isPerspective: isPerspective)
    }
}

// MARK: Bytes

extension DepthGrid {
    /// As in PROTOCOL.md, "Depth grids".
    package var bytes: [UInt8] {
        var writer = ByteWriter()
        var zeros: UInt32 = 0
        for (index, code) in codes.enumerated() {
            let difference = Int16(bitPattern: code &- DepthGrid.predicted(index, columns, codes))
            if difference == 0 {
                zeros += 1
                continue
            }
            DepthGrid.write(zeros: zeros, to: &writer)
            zeros = 0
            writer.writeSignedVarint(Int32(difference))
        }
        DepthGrid.write(zeros: zeros, to: &writer)
        return writer.bytes
    }

    /// A run of differences of 0: one of them, and how many more.
    private static func write(zeros: UInt32, to writer: inout ByteWriter) {
        guard zeros > 0 else { return }
        writer.writeVarint(0)
        writer.writeVarint(zeros - 1)
    }

    /// The code that a cell is written as the difference from.
    private static func predicted(_ index: Int, _ columns: Int, _ codes: [UInt16]) -> UInt16 {
        if index % columns > 0 { return codes[index - 1] }
        return index == 0 ? 0 : codes[index - columns]
    }

    /// - Throws: `ChunkError`: truncated, more cells than there are, differences out of range, trailing bytes.
    package static func codes(_ bytes: RawSpan, columns: Int, rows: Int) throws(ChunkError) -> [UInt16] {
        precondition(
            columns > 0 && rows > 0 && columns <= longestSide && rows <= longestSide, "at most 255 × 255 cells")
        var reader = ByteReader(bytes)
        var codes: [UInt16] = []
        codes.reserveCapacity(columns * rows)
        while codes.count < columns * rows {
            let offset = reader.offset
            let value = try reader.readVarint()
            guard value <= 0xFFFF else { throw .invalid(field: .varint, offset: offset) }
            var count = 1
            if value == 0 {
                let runOffset = reader.offset
                let more = try reader.readVarint()
                guard more < columns * rows - codes.count else { throw .invalid(field: .count, offset: runOffset) }
                count += Int(more)
            }
            let difference = UInt16(truncatingIfNeeded: Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1))
            for _ in 0..<count { codes.append(predicted(codes.count, columns, codes) &+ difference) }
        }
        try reader.finish()
        return codes
    }
}
