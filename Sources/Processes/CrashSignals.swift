// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What a crash of this process does.
package enum CrashSignals {
    /// A crash writes one line and ends the process at once. Swift's own handler would first examine every thread, which
    /// takes seconds while the dead server still holds its port and its lock; whoever sets `SWIFT_BACKTRACE` keeps it.
    ///
    /// - Parameter program: what the line begins with.
    package static func endAtOnce(program: String) {
        if getenv("SWIFT_BACKTRACE") == nil { clinux_end_at_once_on_crash(program) }
    }
}
