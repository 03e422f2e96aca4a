// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Where a sector's proxy is drawn while some of the sector's content is there and some is not: behind, so that what is
/// there hides it, and in the same place of the picture.
package struct StandInPlacement: Sendable {
    package let transform: AffineTransform
    private let eye: Double3
    private let backward: Double3
    /// Metres that the eye may move before it shows that the proxy is not where it seems to be.
    private let reach: Double

    /// How far behind, as a share of the sector's diagonal: proxies stick out of the surface by a few hundredths.
    private static let depthShare = 0.1
    private static let reachShare = 0.05
    private static let leastCosine = 0.99

    package init(of bounds: Bounds, in view: ViewState) {
        let distance = max(length(bounds.center - view.eye), bounds.diagonal / 2)
        eye = view.eye
        backward = view.axes.z
        reach = StandInPlacement.reachShare * distance
        let depth = StandInPlacement.depthShare * bounds.diagonal
        switch view.projection {
        case .perspective:
            // Larger by as much as it is farther from the eye.
            let scale = distance > 0 ? 1 + depth / distance : 1
            var transform = AffineTransform.scale(Double3(repeating: scale))
            transform.translation = bounds.minimum * scale + view.eye * (1 - scale)
            self.transform = transform
        case .orthographic: transform = .translation(bounds.minimum - backward * depth)
        }
    }

    /// Whether it is still right enough for a view.
    func serves(_ view: ViewState) -> Bool {
        length(view.eye - eye) <= reach && dot(view.axes.z, backward) >= StandInPlacement.leastCosine
    }
}
