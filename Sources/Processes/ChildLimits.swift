// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What a child process puts on itself before it touches anything that others wrote.
package enum ChildLimits {
    /// Ends this process when the thread that made it ends, and before any other when the machine is out of memory; lets
    /// everything else go first; leaves no core file.
    ///
    /// - Parameters:
    ///   - parent: the process that made this one; nothing happens if it is gone already, except that this one ends.
    ///   - memoryByteCount: of memory that is not backed by a file (RLIMIT_DATA), so that mapped files and arrays that
    ///     spill to disk are not counted; nil: as before. What asks for more is told that there is none.
    package static func apply(parent: Int32, memoryByteCount: Int?) {
        clinux_set_parent_death_signal(SIGKILL)
        if getppid() != parent { exit(1) }
        limit(RLIMIT_CORE, 0)
        if let memoryByteCount { limit(RLIMIT_DATA, memoryByteCount) }
        _ = nice(10)
        raiseMemoryScore()
    }

    private static func limit(_ resource: __rlimit_resource, _ value: Int) {
        var bounds = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        setrlimit(__rlimit_resource_t(resource.rawValue), &bounds)
    }

    /// The kernel kills what has the highest score; anybody may raise their own (proc(5), oom_score_adj).
    private static func raiseMemoryScore() {
        let descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        write(descriptor, "1000", 4)
        close(descriptor)
    }
}
