// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping

/// Why a model file could not be read: which file, where in it, what is wrong and what to do.
package struct ImportError: Error, CustomStringConvertible, Sendable {
    package enum Code: String, Sendable {
        /// The file or one it names cannot be opened or read.
        case unreadable
        /// Nothing we read recognises its first bytes.
        case unknownFormat
        /// It breaks its format's rules.
        case malformed
        /// It is valid but needs something we do not have.
        case unsupported
        /// It has no triangles to show.
        case empty
        /// It asks for more than a stated limit.
        case tooLarge
        case cancelled
    }

    package let code: Code
    /// What is wrong and what to do about it, one sentence or two.
    package let message: String
    package let file: String
    /// Where in the file: "line 12", "byte 340", "accessors[3].count"; empty when the whole file is meant.
    package let place: String

    package init(_ code: Code, _ message: String, file: String, place: String = "") {
        self.code = code
        self.message = message
        self.file = file
        self.place = place
    }

    package init(_ cause: FileError, file: String) {
        self.init(.unreadable, cause.description, file: file)
    }

    package var description: String {
        place.isEmpty ? "\(file): \(message)" : "\(file): \(place): \(message)"
    }
}
