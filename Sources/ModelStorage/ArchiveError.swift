// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Why an archive cannot be read.
package struct ArchiveError: Error, CustomStringConvertible, Sendable {
    package enum Code: String, Sendable {
        /// The file cannot be opened.
        case unreadable
        /// It is some other kind of file.
        case notAnArchive
        /// A program of another major version wrote it.
        case otherVersion
        /// It is cut short, or its bytes have changed since it was written.
        case damaged
    }

    package let code: Code
    package let message: String
    package let path: String

    package init(_ code: Code, _ message: String, path: String) {
        self.code = code
        self.message = message
        self.path = path
    }

    init(_ cause: FileError) { self.init(.unreadable, cause.description, path: cause.path) }

    init(_ cause: ChunkError, in section: String, path: String) {
        self.init(.damaged, "its \(section) is damaged (\(cause)); import the model again", path: path)
    }

    package var description: String { "\(path): \(message)" }
}
