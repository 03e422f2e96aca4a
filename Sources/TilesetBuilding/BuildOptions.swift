// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping

/// How a tileset is built. The archive's bytes depend on the model and on `memoryLimit`, never on `threads`.
package struct BuildOptions: Sendable {
    /// Worker threads, at least 1.
    package var threads: Int
    package var spill: SpillPolicy
    /// Whether the archive gets a small picture of the model.
    package var hasThumbnail = true
    /// Pixels of all textures together, decoded; nil: any number. Images are measured before any is decoded.
    package var pixelLimit: Int?
    /// Called with a phase's name and the share of it that is done (0...1), from one thread at a time.
    package var progress: @Sendable (BuildPhase, Double) -> Void
    /// Polled every few milliseconds of work; when true, building throws `BuildError.cancelled`.
    package var isCancelled: @Sendable () -> Bool

    package init(
        threads: Int, spill: SpillPolicy, progress: @escaping @Sendable (BuildPhase, Double) -> Void = { _, _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.threads = max(1, threads)
        self.spill = spill
        self.progress = progress
        self.isCancelled = isCancelled
    }
}

/// The steps of a build, in order, as people see them.
package enum BuildPhase: String, CaseIterable, Sendable {
    case geometry = "levels of detail"
    case assembly = "sectors"
    case textures
    case writing
}

/// Why a build stopped.
package enum BuildError: Error, CustomStringConvertible, Sendable {
    case cancelled
    /// Scratch space could not be written or read.
    case scratch(FileError)
    /// The model has nothing that can be drawn.
    case nothingToDraw
    /// It asks for more than a stated limit; in words.
    case tooLarge(String)
    /// A number of it is beyond what an archive can say; in words.
    case outOfRange(String)
    /// The archive could not be written; the reason in words.
    case archive(String)

    package var description: String {
        switch self {
        case .cancelled: "cancelled"
        case .scratch(let cause): "cannot use scratch space: \(cause)"
        case .nothingToDraw: "the model has no triangle with an area; there is nothing to show"
        case .tooLarge(let reason), .outOfRange(let reason), .archive(let reason): reason
        }
    }
}
