// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// Which part of each frame is worth encoding: the viewer paints the background itself.
///
/// One for each viewer; frames in the order in which they are sent.
package struct ContentRectangle: Sendable {
    private var previous: PixelRectangle?
    private var size = (width: 0, height: 0)

    /// JPEG blocks with halved chroma.
    private static let step = 16

    package init() {}

    /// The rectangle to encode; nil: nothing but background.
    ///
    /// - Parameters:
    ///   - content: what the renderer drew on; nil or empty: nothing.
    ///   - isWhole: the frame shows everything there is. Otherwise what the last frame showed is painted over too.
    package mutating func next(
        _ content: PixelRectangle?, isWhole: Bool, width: Int, height: Int
    ) -> PixelRectangle? {
        let current = content.flatMap { $0.isEmpty ? nil : $0 }
        var result = current
        // Of a picture of another size nothing can be kept: such a frame replaces all of it.
        if !isWhole, let previous, size == (width, height) { result = result?.union(previous) ?? previous }
        previous = current
        size = (width, height)
        guard let result else { return nil }
        let aligned = result.aligned(to: ContentRectangle.step, width: width, height: height)
        return aligned.isEmpty ? nil : aligned
    }
}
