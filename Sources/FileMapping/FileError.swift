// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A system call on a file that failed.
package struct FileError: Error, Equatable, CustomStringConvertible {
    package let path: String
    /// The system call, for example "open".
    package let call: String
    package let errno: Int32

    package init(path: String, call: String, errno: Int32) {
        self.path = path
        self.call = call
        self.errno = errno
    }

    package var description: String { "\(path): \(cause)" }

    /// What is wrong, without saying where on the machine.
    package var cause: String { "\(String(cString: strerror(errno))) (\(call))" }
}

/// Runs a system call, retries it when a signal interrupts it, and turns -1 into a `FileError`.
func system<Result: SignedInteger>(
    _ call: String, _ path: String, _ body: () -> Result
) throws(FileError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw FileError(path: path, call: call, errno: code) }
    }
}
