// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// A picture that triangles are drawn into by the CPU: depth, and per pixel an id or a colour.
///
/// Coverage follows the rule of graphics hardware: a pixel belongs to a triangle when its centre lies inside, and
/// triangles that share an edge share no pixel and leave none out (corners are rounded to 1/256 pixel once, then
/// everything is exact; top and left edges are included, right and bottom ones are not). Triangles are clipped at the
/// near plane. Depth is reversed: 1 near, 0 far, larger wins, and the first drawn wins a tie.
///
/// Draws are for one thread at a time. Arrays hold `width` × `height` values, rows top-down.
package struct Rasterizer: Sendable {
    /// The id where nothing was drawn.
    package static let noID = UInt32.max

    package let width: Int
    package let height: Int
    /// 0 where nothing was drawn.
    package internal(set) var depths: [Float]
    package internal(set) var ids: [UInt32]
    /// RGBA, sRGB-encoded, straight alpha; red in the lowest byte.
    package internal(set) var colors: [UInt32]

    /// What a rasterizer keeps per pixel besides depth; the other array stays empty.
    package enum Content: Sendable {
        case ids
        /// Filled with this colour before anything is drawn: RGBA, linear light, straight alpha.
        case colors(background: Float4)
    }

    /// - Parameters width, height: 1 ... 16,384 pixels.
    package init(width: Int, height: Int, content: Content) {
        precondition((1...16_384).contains(width) && (1...16_384).contains(height), "1 to 16,384 pixels per side")
        self.width = width
        self.height = height
        let count = width * height
        depths = [Float](repeating: 0, count: count)
        switch content {
        case .ids:
            ids = [UInt32](repeating: Self.noID, count: count)
            colors = []
        case .colors(let background):
            ids = []
            colors = [UInt32](repeating: SRGB.packed(background), count: count)
        }
    }

    /// How triangles are numbered in an id picture.
    package enum IDs: Sendable {
        /// All the same.
        case constant(UInt32)
        /// The first triangle of the draw gets `first`, the next one `first + 1`, and so on (wrapping around).
        case perTriangle(first: UInt32)
    }

    /// Draws the ids of the nearest triangles.
    ///
    /// - Parameters:
    ///   - positions: xyz per vertex; triangles with coordinates that are not finite are left out.
    ///   - indices: three per triangle, each < the number of vertices; nil: vertices 0, 1, 2 are the first triangle.
    ///   - cullsBackFaces: leaves out triangles that appear clockwise.
    package mutating func drawIDs(
        positions: Span<Float>, indices: Span<UInt32>?, clipFromModel: RasterizerMatrix, ids assigned: IDs,
        cullsBackFaces: Bool = false
    ) {
        precondition(!ids.isEmpty, "the rasterizer was made for ids")
        let (first, step): (UInt32, UInt32) =
            switch assigned {
            case .constant(let id): (id, 0)
            case .perTriangle(let first): (first, 1)
            }
        let pipeline = RasterizerPipeline(width: width, height: height, cullsBackFaces: cullsBackFaces)
        depths.withUnsafeMutableBufferPointer { depths in
            ids.withUnsafeMutableBufferPointer { ids in
                pipeline.run(positions: positions, indices: indices, clipFromModel: clipFromModel) { fragment in
                    guard fragment.depth > depths[fragment.pixel] else { return }
                    depths[fragment.pixel] = fragment.depth
                    ids[fragment.pixel] = first &+ UInt32(truncatingIfNeeded: fragment.triangle) &* step
                }
            }
        }
    }
}
