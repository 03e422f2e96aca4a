// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// A picture that is drawn in pieces, so that other pictures can be drawn in between: some passes of one tile at a time.
///
/// What it shows is fixed when it is composed, whatever comes and leaves afterwards: level of detail, places, textures. A
/// tile's pixels are those that the whole picture would have there, because its viewport is the whole picture's.
/// Belongs to the renderer's thread. Made by `FrameRenderer.compose`, and drawn by `FrameRenderer.beginPiece`.
package final class TiledPicture {
    /// What all tiles are cut from.
    struct Source {
        var objects: SceneObjects
        var plan: DrawPlan
        var bounds: PlanBounds
        var reference: Double3
        var depth: DepthMapping
        /// By group of materials.
        var textures: [Int: HeldTextures]
    }

    /// A tile's next passes.
    struct Piece {
        var part: PixelRectangle
        var plan: DrawPlan
        var passes: Range<Int>
        /// Where the passes before were drawn.
        var slot: FrameSlot?
    }

    private struct Tile {
        var part: PixelRectangle
        var plan: DrawPlan
        var passCount = 0
        var slot: FrameSlot?
    }

    /// Part of a picture, and the width and height of the square that it is cut from.
    private struct Square {
        var part: PixelRectangle
        var edge: Int
    }

    /// Pixels of a tile's edge, at most and where that takes too long: multiples of 64, so that what shaders compare with
    /// their neighbours falls the same way as in the whole picture.
    static let edges = (largest: 512, smallest: 64)

    let request: FrameRequest
    let source: Source
    package let width: Int
    package let height: Int
    package let triangleCount: Int
    /// Largest error drawn, in pixels.
    package let thresholdPixels: Float
    /// Nothing that the view needs at its threshold is missing.
    package let isComplete: Bool
    /// RGBA8, rows top first, alpha as in `RenderedFrame`: of what has been drawn so far.
    package private(set) var pixels: [UInt8]
    /// Of all pieces, by the device.
    package private(set) var drawMilliseconds = 0.0
    /// Next last.
    private var waiting: [Square]
    private var tile: Tile?

    init(_ request: FrameRequest, _ source: Source, _ list: DrawList) {
        self.request = request
        self.source = source
        (width, height) = (Int(request.view.width), Int(request.view.height))
        triangleCount = list.triangleCount
        thresholdPixels = list.thresholdPixels
        isComplete = list.isComplete
        pixels = Array(repeating: 0, count: 4 * width * height)
        waiting = TiledPicture.squares(
            of: PixelRectangle(left: 0, top: 0, width: width, height: height), edge: TiledPicture.edges.largest
        ).reversed()
        source.objects.meshes.hold()
    }

    deinit { source.objects.meshes.letGo() }

    /// Nothing is left to draw.
    package var isFinished: Bool { waiting.isEmpty && tile == nil }

    /// What tiles are drawn into: the same for all.
    func bucket(limit: Int) -> SizeBucket {
        let edge = TiledPicture.edges.largest
        return SizeBucket(width: min(width, edge), height: min(height, edge), limit: limit)
    }

    /// What is drawn next; nil: everything is drawn.
    ///
    /// - Parameters:
    ///   - milliseconds: that it may take. One pass of the smallest tile is the least.
    ///   - cost: milliseconds of a pass, from pixels and triangles.
    func nextPiece(milliseconds: Double, cost: (_ pixels: Int, _ triangles: Int) -> Double) -> Piece? {
        if tile == nil, let square = waiting.popLast() { begin(square, milliseconds, cost) }
        guard let tile else { return nil }
        let expected = max(cost(tile.part.area, tile.plan.triangleCount), 1e-3)
        let count = Int(min(max(milliseconds / expected, 1), Double(FrameRequest.accumulationLimit)))
        let end = min(tile.passCount + count, request.accumulation)
        return Piece(part: tile.part, plan: tile.plan, passes: tile.passCount..<end, slot: tile.slot)
    }

    /// Takes in a piece that the device has drawn.
    ///
    /// - Returns: the slot, when it is not needed any more.
    func take(_ frame: RenderedFrame) -> FrameSlot? {
        drawMilliseconds += frame.drawMilliseconds
        guard let part = tile?.part else { return frame.slot }
        if frame.isPartial {
            tile?.passCount = frame.drawnPasses.upperBound
            tile?.slot = frame.slot
            return nil
        }
        copy(frame, to: part)
        tile = nil
        return frame.slot
    }

    /// Gives back what an unfinished picture draws into.
    func takeSlot() -> FrameSlot? {
        defer { tile?.slot = nil }
        return tile?.slot
    }

    private func begin(_ first: Square, _ milliseconds: Double, _ cost: (Int, Int) -> Double) {
        var square = first
        var plan = source.plan.cut(to: square.part, source.bounds)
        while square.edge > TiledPicture.edges.smallest,
            cost(square.part.area, plan.triangleCount) > milliseconds
        {
            var quarters = TiledPicture.squares(of: square.part, edge: square.edge / 2)
            square = quarters.removeFirst()
            waiting.append(contentsOf: quarters.reversed())
            plan = source.plan.cut(to: square.part, source.bounds)
        }
        tile = Tile(part: square.part, plan: plan)
    }

    private func copy(_ frame: RenderedFrame, to part: PixelRectangle) {
        let rowByteCount = 4 * part.width
        for row in 0..<part.height {
            let start = 4 * ((part.top + row) * width + part.left)
            let source = unsafe UnsafeRawBufferPointer(
                rebasing: frame.pixels[row * rowByteCount..<(row + 1) * rowByteCount])
            unsafe pixels.withUnsafeMutableBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + rowByteCount])
                    .copyMemory(from: source)
            }
        }
    }

    /// A rectangle in squares, row by row; those at the right and at the bottom may be smaller.
    private static func squares(of whole: PixelRectangle, edge: Int) -> [Square] {
        var result: [Square] = []
        for top in stride(from: whole.top, to: whole.bottom, by: edge) {
            for left in stride(from: whole.left, to: whole.right, by: edge) {
                let part = PixelRectangle(
                    left: left, top: top, width: min(edge, whole.right - left), height: min(edge, whole.bottom - top))
                result.append(Square(part: part, edge: edge))
            }
        }
        return result
    }
}
