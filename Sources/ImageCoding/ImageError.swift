// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why an image was not read or written.
package enum ImageError: Error, Equatable, CustomStringConvertible {
    /// Neither a JPEG nor a PNG signature.
    case unknownEncoding
    /// Damaged, incomplete, or of a kind the library does not read; the reason is the library's or ours.
    case decodingFailed(ImageHeader.Encoding, reason: String)
    /// The header promises more than the caller allows; nothing was allocated.
    case tooLarge(width: Int, height: Int, maximumPixels: Int)
    case encodingFailed(ImageHeader.Encoding, reason: String)

    package var description: String {
        switch self {
        case .unknownEncoding: "the image is neither JPEG nor PNG"
        case .decodingFailed(let encoding, let reason): "the \(encoding.name) cannot be decoded: \(reason)"
        case .tooLarge(let width, let height, let maximumPixels):
            "the image has \(width) × \(height) pixels, more than the \(maximumPixels) allowed"
        case .encodingFailed(let encoding, let reason): "the \(encoding.name) cannot be encoded: \(reason)"
        }
    }
}

extension ImageHeader.Encoding {
    fileprivate var name: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        }
    }
}
