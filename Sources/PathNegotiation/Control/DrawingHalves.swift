// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which halves of a viewer's drawing, chunks for the client and pictures of the server, hold what was loaded; each is
/// forgotten a minute after it was used last. Times in seconds.
struct DrawingHalves: Sendable {
    static let keptSeconds = 60.0

    private var used: Set<ViewerPath> = []
    private var forgetAt: [ViewerPath: Double] = [:]

    /// The halves used from now on are those of these paths.
    mutating func use(_ paths: [ViewerPath], at now: Double) {
        var next: Set<ViewerPath> = []
        if paths.contains(where: \.usesChunks) { next.insert(.client) }
        if paths.contains(where: \.usesPictures) { next.insert(.server) }
        for half in used.subtracting(next) { forgetAt[half] = now + DrawingHalves.keptSeconds }
        for half in next { forgetAt[half] = nil }
        used = next
    }

    /// The halves to forget now.
    mutating func forgotten(at now: Double) -> [ViewerPath] {
        let due = ViewerPath.allCases.filter { half in forgetAt[half].map { now >= $0 } ?? false }
        for half in due { forgetAt[half] = nil }
        return due
    }

    var times: [Double] { Array(forgetAt.values) }
}
