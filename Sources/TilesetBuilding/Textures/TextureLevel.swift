// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ImageCoding

/// One size of a texture, as it is stored and sent.
package struct TextureLevel: Equatable, Sendable {
    /// 0: the largest. Each further level has half the width and height, rounded down, but at least 1.
    package let level: Int
    package let width: Int
    package let height: Int
    package let encoding: ImageHeader.Encoding
    package let bytes: [UInt8]
}
