// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A setting that cannot be used: which one, and what it may be.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible, Sendable {
    /// Dots between sections: "viewers.messageByteLimit"; empty: the file as a whole.
    package let path: String
    /// What is wrong and what is allowed.
    package let message: String
    /// Where it was read from: a file's path, "--listen"; empty when it is not known.
    package var source = ""

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String {
        [source, path, message].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
