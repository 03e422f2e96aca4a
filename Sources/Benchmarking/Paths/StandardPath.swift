// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The camera paths that come with the program.
package enum StandardPath: String, CaseIterable, Sendable {
    /// Once around the model at a steady rate.
    case orbit
    /// From all of it to a detail of its surface, and back.
    case diveIn = "dive-in"
    /// Past the model at a walk, close to it.
    case walkThrough = "walk-through"
    /// Stands still, and is somewhere else at once.
    case teleport
    /// An unsteady hand: small, fast movements.
    case jitter

    /// - Throws: `BenchmarkError` when the program's files are damaged.
    package func load() throws(BenchmarkError) -> CameraPath {
        let url = Bundle.module.bundleURL.appendingPathComponent("Paths/\(rawValue).json")
        guard let data = try? Data(contentsOf: url) else {
            throw BenchmarkError("\(url.path) is missing: build the program again")
        }
        return try CameraPath(decoding: data, source: url.path)
    }
}
