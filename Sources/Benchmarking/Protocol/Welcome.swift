// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import StreamCore

/// What a server says first.
package struct Welcome: Decodable, Equatable, Sendable {
    package struct Model: Decodable, Equatable, Sendable {
        package var id: String
        package var name: String?
        package var contentHash: String?
        package var triangleCount: Int
        package var byteCount: Int
        package var minimum: [Double]
        package var maximum: [Double]
        package var chunkCount: Int
    }

    package var `protocol`: [Int]
    package var server: String?
    package var path: String?
    package var reason: String?
    package var model: Model

    init(_ message: Wire.Welcome) throws(BenchmarkError) {
        do { self = try JSONDecoder().decode(Welcome.self, from: Data(message.json)) } catch {
            throw BenchmarkError("the server's welcome cannot be read: \(error)")
        }
        guard `protocol`.count == 2, model.minimum.count == 3, model.maximum.count == 3 else {
            throw BenchmarkError("the server's welcome lacks its protocol or the model's size")
        }
    }

    package var bounds: Bounds {
        let (a, b) = (model.minimum, model.maximum)
        return Bounds(minimum: Double3(a[0], a[1], a[2]), maximum: Double3(b[0], b[1], b[2]))
    }
}
