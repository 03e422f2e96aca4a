// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a JSON text may cost. Each bound holds before anything is allocated for what lies beyond it.
package struct JSONLimits: Equatable, Sendable {
    /// Lists and objects inside each other, 1 … 64: readers descend by one call each.
    package let depth: Int
    /// Bytes of the whole text.
    package let byteCount: Int
    /// Values of every kind, lists and objects too, and keys.
    package let valueCount: Int

    package init(depth: Int = 16, byteCount: Int, valueCount: Int) {
        precondition((1...64).contains(depth), "the depth of JSON is 1 to 64")
        self.depth = depth
        self.byteCount = byteCount
        self.valueCount = valueCount
    }

    /// What one message of a stream says.
    package static let message = JSONLimits(byteCount: 8 << 10, valueCount: 512)
    /// A request's or an answer's body, and what people write.
    package static let document = JSONLimits(byteCount: 1 << 20, valueCount: 1 << 16)
    /// What describes a whole model or a folder of them: names and properties of a million parts.
    package static let library = JSONLimits(byteCount: 256 << 20, valueCount: 1 << 24)
}
