// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What is behind the model. Colours are encoded sRGB, 0 … 1.
package enum Background: Sendable, Equatable {
    /// The browser's gradient, from bottom to top.
    case gradient(top: SIMD3<Float>, bottom: SIMD3<Float>)
    /// Nothing: colours are multiplied by alpha.
    case transparent

    /// The viewer's themes.
    package static let light = Background(.light)
    package static let dark = Background(.dark)

    private init(_ colors: ViewerBackground) { self = .gradient(top: colors.top, bottom: colors.bottom) }
}

/// Columns and rows of a grid over the picture.
package struct GridSize: Sendable, Equatable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// A picture to draw.
package struct FrameRequest: Sendable {
    /// Its width and height are the picture's, in pixels, 1 … 16384.
    package var view: ViewState
    /// The caller's number for the viewer: selection remembers a little for each.
    package var viewer = 0
    /// What it shows is loaded after what all others look at (`SceneView.isSecondary`).
    package var isSecondary = false
    /// Errors up to this many pixels are fine.
    package var thresholdPixels = 1.0
    /// Most triangles to draw; nil: what the device draws in `targetMilliseconds`.
    package var triangleLimit: Int?
    /// How long the picture may take; nil: as long as it needs.
    package var targetMilliseconds: Double?
    /// 1, or 4 for smooth edges.
    package var sampleCount = 4
    /// Passes with shifted pixels that are averaged as light, 1 … 16.
    package var accumulation = 1
    /// Which of the passes are drawn now; nil: all. The rest follows with `FrameRenderer.begin(_:of:continuing:)`.
    package var passes: Range<Int>?
    package var background = Background.light
    /// Whether the picture comes as the planes that JPEG stores instead of pixels.
    package var needsPlanes = false
    package var needsIdentities = false
    package var depthGrid: GridSize?
    /// Planes that cut the model, at most six: unit normal and distance, world space; drawn is where
    /// `dot(normal, place) + distance` is not negative for any of them.
    package var clipPlanes: [SIMD4<Double>] = []

    package init(view: ViewState) { self.view = view }

    package static let sizeLimit = 16384
    package static let accumulationLimit = 16
    package static let clipPlaneLimit = 6

    /// The passes that are drawn now.
    var drawnPasses: Range<Int> { passes ?? 0..<accumulation }
    /// Nothing is read back yet.
    var isPartial: Bool { drawnPasses.upperBound < accumulation }

    /// What is wrong with it; nil if it can be drawn.
    func objection(largestImageSize: Int) -> String? {
        let limit = min(FrameRequest.sizeLimit, largestImageSize)
        let size = (view.width, view.height)
        guard view.isValid else { return "its view is not valid" }
        guard size.0 <= Double(limit), size.1 <= Double(limit) else {
            return "\(Int(size.0)) × \(Int(size.1)) pixels are more than \(limit) × \(limit)"
        }
        guard sampleCount == 1 || sampleCount == 4 else { return "\(sampleCount) samples a pixel; 1 or 4 are possible" }
        guard (1...FrameRequest.accumulationLimit).contains(accumulation) else {
            return "\(accumulation) passes; 1 to \(FrameRequest.accumulationLimit) are possible"
        }
        if let passes, passes.isEmpty || passes.lowerBound < 0 || passes.upperBound > accumulation {
            return "passes \(passes) are not some of \(accumulation)"
        }
        guard thresholdPixels > 0, thresholdPixels.isFinite else { return "its threshold is not positive" }
        if let grid = depthGrid, !((1...1024).contains(grid.columns) && (1...1024).contains(grid.rows)) {
            return "its depth grid is not 1 to 1024 cells wide and high"
        }
        if clipPlanes.count > FrameRequest.clipPlaneLimit {
            return "\(clipPlanes.count) planes cut the model; \(FrameRequest.clipPlaneLimit) are possible"
        }
        for plane in clipPlanes {
            let normal = Double3(plane.x, plane.y, plane.z)
            guard abs(length(normal) - 1) < 1e-6, abs(plane.w) < 1e12 else {
                return "a plane that cuts the model has no unit normal or no finite distance"
            }
        }
        return nil
    }
}
