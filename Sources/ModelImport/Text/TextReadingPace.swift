// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// What a reading loop owes its surroundings every few megabytes: the share done, a look at the cancel flag, and pages
/// of the map given back when memory is limited.
struct ReadingPace {
    private static let checkBytes = 4 << 20
    private static let releaseBytes = 64 << 20

    private let file: MappedFile
    private let options: ImportOptions
    private(set) var nextCheck = 0
    private var released = 0

    init(_ file: MappedFile, _ options: ImportOptions) {
        self.file = file
        self.options = options
    }

    /// - Throws: `.cancelled`.
    @inline(__always) mutating func reached(_ position: Int) throws(ImportError) {
        if position >= nextCheck { try check(position) }
    }

    private mutating func check(_ position: Int) throws(ImportError) {
        nextCheck = position + Self.checkBytes
        if options.isCancelled() {
            throw ImportError(.cancelled, "reading was cancelled", file: file.path)
        }
        if file.byteCount > 0 {
            options.progress(Double(min(position, file.byteCount)) / Double(file.byteCount))
        }
        if position - released >= Self.releaseBytes {
            file.releaseResidentPages(released..<position)
            released = position
        }
    }
}
