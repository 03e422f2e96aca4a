// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a worker process is asked to do: one line of JSON on its standard input.
package struct WorkerJob: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// A model file to an archive.
        case convert
        /// Every byte of an archive is looked at.
        case verify
    }

    package var kind: Kind
    /// The model file, or the archive to verify.
    package var file: String
    /// Where the archive is to be written.
    package var archive = ""
    /// At least 1.
    package var threads = 1
    /// Bytes of memory that no file backs, beyond which the worker gets none.
    package var memoryLimit: Int?
    package var budget = ImportBudget()
    package var hasThumbnail = true
    /// The process that asks.
    package var parent: Int32 = 0

    package init(kind: Kind, file: String) {
        self.kind = kind
        self.file = file
    }
}

/// What one import may cost beside memory. Whatever is nil has no limit.
package struct ImportBudget: Codable, Equatable, Sendable {
    /// Of all textures together, decoded.
    package var pixelLimit: Int?
    /// Parts and placings of parts, each.
    package var partLimit: Int?

    package init(pixelLimit: Int? = nil, partLimit: Int? = nil) {
        self.pixelLimit = pixelLimit
        self.partLimit = partLimit
    }
}

/// What a worker process says: lines of JSON on its standard output, of which `done` or `failed` is the last.
package enum WorkerMessage: Codable, Equatable, Sendable {
    /// - Parameter fraction: of the phase, 0 … 1.
    case progress(phase: String, fraction: Double)
    /// - Parameters:
    ///   - contentHash: of the archive, 64 hexadecimal digits.
    ///   - warnings: what was left out, repaired or assumed.
    case done(contentHash: String, warnings: [String])
    /// - Parameter code: a `ServiceError.Code`.
    case failed(code: String, message: String)

    /// Longest line that anybody reads, in bytes.
    static let lineLimit = 1 << 16
    private static let mostWarnings = 50
    private static let mostLetters = 400

    /// `done` with as many and as long warnings as fit into a line.
    package static func done(contentHash: [UInt8], warnings: [String]) -> WorkerMessage {
        var shown = warnings.prefix(mostWarnings).map { String($0.prefix(mostLetters)) }
        if warnings.count > mostWarnings { shown.append("… and \(warnings.count - mostWarnings) more") }
        return .done(contentHash: contentHash.hexadecimal, warnings: shown)
    }

    package static func failed(_ error: ServiceError) -> WorkerMessage {
        .failed(code: error.code.rawValue, message: String(error.message.prefix(4 * mostLetters)))
    }
}
