// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The largest numbers that an archive may hold: far beyond every model, and small enough that nothing that is computed
/// from them overflows. Writers keep them, and opening an archive refuses more. In words: FORMAT.md, "Limits".
package enum TilesetLimits {
    /// Metres, in each axis: of boxes, translations, and of a geometry's size times an instance's scale.
    package static let largestCoordinate = 0x1p50
    /// Grid steps, in units of their geometry.
    package static let gridSteps = 0x1p-120...0x1p50
    /// Steps of texture coordinates.
    package static let coordinateSteps = 0x1p-60...0x1p20
    /// Grid positions lie in `-largestGridPosition + 1 … largestGridPosition - 1`, and so do boxes' sizes.
    package static let largestGridPosition: Int32 = 1 << 28
    /// Of one chunk: readers hold chunks in memory, whole.
    package static let largestChunkByteCount = 1 << 30
    /// Of a texture's full size: readers hold decoded levels in memory.
    package static let largestTexturePixelCount = 1 << 26
    package static let largestTextureSide = 1 << 15
    /// From the root sector to the deepest.
    package static let deepestSector = 64
    /// Of all sectors together.
    package static let mostInstances = 1 << 28
    /// Zlib makes of a byte 1032 at most, but instances that differ take more than a bit each.
    package static let mostInstancesPerByte = 8
    /// Of counts that are also written as JSON numbers, which are exact up to here.
    package static let largestCount = 1 << 53
    /// UTF-8 bytes of a name, a value or another text.
    package static let longestTextByteCount = 1 << 16
    /// Of a material's factors.
    package static let largestFactor: Float = 0x1p24

    /// Whether a box is one and no coordinate of it is too large; false for NaN.
    package static func allows(_ bounds: Bounds) -> Bool {
        for axis in 0..<3 {
            let (low, high) = (bounds.minimum[axis], bounds.maximum[axis])
            guard low >= -largestCoordinate, low <= high, high <= largestCoordinate else { return false }
        }
        return true
    }

    /// Whether no number of a transform is too large; false for NaN.
    package static func allows(_ transform: AffineTransform) -> Bool {
        func isAllowed(_ vector: Double3) -> Bool {
            abs(vector.x) <= largestCoordinate && abs(vector.y) <= largestCoordinate
                && abs(vector.z) <= largestCoordinate
        }
        return isAllowed(transform.x) && isAllowed(transform.y) && isAllowed(transform.z)
            && isAllowed(transform.translation)
    }

    /// Whether a box on a grid stays on it.
    package static func allows(origin: Int3, extent: Int3) -> Bool {
        // The first four keep the last sum far from overflow.
        extent.min() >= 0 && extent.max() < largestGridPosition && origin.max() < largestGridPosition
            && origin.min() > -largestGridPosition && (origin &+ extent).max() < largestGridPosition
    }
}
