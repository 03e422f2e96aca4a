// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A process could not be started.
package struct ProcessError: Error, Equatable, CustomStringConvertible {
    package let program: String
    /// The system call, for example "posix_spawn".
    package let call: String
    package let errno: Int32

    package var description: String { "\(program): \(String(cString: strerror(errno))) (\(call))" }
}
