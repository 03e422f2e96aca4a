// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What a viewer shows of one camera at rest, tile by tile, when it shows all that was sent: enough to know which part
/// of the next picture of the same camera it needs.
///
/// Stills, refined stills and lossless ones are drawn or encoded differently, so each is compared with its own kind: a
/// tile whose new still equals the old one keeps the lossless pixels that may be there already. What is exact is known
/// only of tiles that were sent lossless: viewers decode JPEG with small differences.
package struct RestingPicture: Equatable, Sendable {
    package enum Kind: Sendable { case still, refined, lossless }

    package enum Change: Equatable, Sendable {
        /// The viewer shows it already.
        case nothing
        /// Only this differs.
        case rectangle(PixelRectangle)
        case whole
    }

    package let width: Int
    package let height: Int
    /// All that images have covered since the last whole frame.
    package private(set) var covered: PixelRectangle
    /// For each tile, the print of the still that what is shown is at least as good as; of the refined still, likewise;
    /// and of exactly what is shown. `TilePrints.nothing`: none.
    private var still: [UInt64]
    private var refined: [UInt64]
    private var exact: [UInt64]

    /// Share of the content above which a rectangle is not worth it.
    private static let wholeShare = 0.6

    /// Nothing is known of what is shown.
    private init(width: Int, height: Int) {
        self.width = width
        self.height = height
        covered = .empty
        let count = TilePrints.columnCount(width) * TilePrints.columnCount(height)
        still = Array(repeating: TilePrints.nothing, count: count)
        (refined, exact) = (still, still)
    }

    /// What of a new picture has to be sent.
    ///
    /// - Parameter content: the part of the new picture that is not background.
    package func change(to prints: TilePrints, as kind: Kind, content: PixelRectangle) -> Change {
        guard (prints.width, prints.height) == (width, height) else { return .whole }
        let known =
            switch kind {
            case .still: still
            case .refined: refined
            case .lossless: exact
            }
        let isDirty = zip(known, prints.values).map { $0 != $1 }
        switch DirtyTiles.difference(isDirty, width: width, height: height) {
        case .nothing: return .nothing
        case .whole: return .whole
        case .rectangles(let rectangles):
            let union = rectangles.reduce(PixelRectangle.empty) { $0.union($1) }
            return Double(union.area) <= RestingPicture.wholeShare * Double(content.area) ? .rectangle(union) : .whole
        }
    }

    /// What is shown after a frame.
    ///
    /// - Parameters:
    ///   - previous: of the same camera; nil: there was another, or none.
    ///   - image: what is sent of the new picture; for a whole frame, all that is not background.
    ///   - isWhole: nothing of the picture before stays.
    package static func after(
        _ previous: RestingPicture?, _ prints: TilePrints, as kind: Kind, image: PixelRectangle, isWhole: Bool
    ) -> RestingPicture {
        var result =
            previous.flatMap { ($0.width, $0.height) == (prints.width, prints.height) ? $0 : nil }
            ?? RestingPicture(width: prints.width, height: prints.height)
        result.covered = isWhole ? image : result.covered.union(image)
        for (tile, value) in prints.values.enumerated() {
            let place = TilePrints.rectangle(ofTile: tile, width: prints.width, height: prints.height)
            // Outside of a whole frame's image the viewer paints the background itself.
            let isCovered = place.intersects(image)
            let isBackground = isWhole && !isCovered && value == TilePrints.background
            let isReplaced = isWhole || isCovered
            switch kind {
            case .still:
                result.still[tile] = value
                if isReplaced { (result.refined[tile], result.exact[tile]) = (TilePrints.nothing, TilePrints.nothing) }
            case .refined where isReplaced:
                (result.refined[tile], result.exact[tile]) = (value, TilePrints.nothing)
            case .lossless where isReplaced:
                if result.refined[tile] != value { result.refined[tile] = TilePrints.nothing }
                result.exact[tile] = value
            case .refined, .lossless: break
            }
            if isBackground { (result.refined[tile], result.exact[tile]) = (value, value) }
        }
        return result
    }
}

/// The resting picture of one viewer, from what it was sent and says that it has shown. A rectangle is only worth
/// something to a viewer that shows what it belongs to, so only what was acknowledged counts.
package struct ShownPicture: Sendable {
    private var view: ViewState?
    private var picture: RestingPicture?
    /// The newest frame that was sent, until it is acknowledged.
    private var unshown: UInt32?

    package init() {}

    /// A frame was sent to its end.
    ///
    /// - Parameter picture: what is shown after it; nil: it is not known, as for frames that move.
    package mutating func sent(frame: UInt32, view: ViewState, picture: RestingPicture?) {
        self.view = view
        self.picture = picture
        unshown = frame
    }

    /// The viewer says what became of a frame.
    package mutating func acknowledged(frame: UInt32, isSkipped: Bool) {
        guard frame == unshown else { return }
        if isSkipped { forget() } else { unshown = nil }
    }

    /// What is shown is not known any more.
    package mutating func forget() { self = ShownPicture() }

    /// The picture before a new one of a camera, and whether the viewer is known to show it; nil: there is none.
    package func previous(of view: ViewState) -> (picture: RestingPicture, isShown: Bool)? {
        guard let picture, self.view == view else { return nil }
        return (picture, unshown == nil)
    }
}

extension PixelRectangle {
    fileprivate func intersects(_ other: PixelRectangle) -> Bool {
        left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }
}
