// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import ModelStorage
import StreamCore

/// What lists and pages show of a model without keeping its archive open.
package struct ModelSummary: Equatable, Sendable {
    package let name: String
    /// Counting every instance.
    package let triangleCount: Int
    package let byteCount: Int
    /// 64 hexadecimal digits.
    package let contentHash: String
    /// Corners of the box around it, in metres.
    package let minimum: [Double]
    package let maximum: [Double]
    package let partCount: Int
    package let instanceCount: Int
    package let hasThumbnail: Bool

    package init(_ archive: Archive) {
        name = archive.description.name.isEmpty ? ModelName.base(of: archive.path) : archive.description.name
        triangleCount = archive.triangleCount
        byteCount = archive.byteCount
        contentHash = archive.contentHash.hexadecimal
        minimum = (0..<3).map { archive.bounds.minimum[$0] }
        maximum = (0..<3).map { archive.bounds.maximum[$0] }
        partCount = archive.description.partCount
        instanceCount = archive.description.instanceCount
        hasThumbnail = archive.thumbnail != nil
    }
}

extension [UInt8] {
    var hexadecimal: String {
        var text = ""
        text.reserveCapacity(2 * count)
        for byte in self {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
        return text
    }
}
