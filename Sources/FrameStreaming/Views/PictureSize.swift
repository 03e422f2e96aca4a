// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The size of a picture that is drawn smaller than the viewer's, which stretches it.
enum PictureSize {
    /// Pictures are no larger than that in either direction.
    static let longestSide = 16_384

    /// The width is a multiple of 16 (JPEG blocks) unless nothing is scaled; the height keeps the aspect ratio, because
    /// a stretched picture would be wrong by the difference.
    ///
    /// - Parameters:
    ///   - width: of the viewer, pixels; at least 1.
    ///   - pixelLimit: the picture has about so many pixels at most.
    static func scaled(width: Double, height: Double, by scale: Double, pixelLimit: Int) -> (width: Int, height: Int) {
        let side = Double(longestSide)
        let bound = min((Double(max(pixelLimit, 256)) / (width * height)).squareRoot(), side / width, side / height)
        let scale = min(scale, bound)
        guard scale < 1 else { return (Int(width.rounded()), Int(height.rounded())) }
        let blocks = max(1, (width * scale / 16).rounded())
        let scaledWidth = min(blocks * 16, side)
        let scaledHeight = min(max(1, (scaledWidth * height / width).rounded()), side)
        return (Int(scaledWidth), Int(scaledHeight))
    }
}
