// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Synchronization

/// Ctrl-C and `kill` ask long work to stop at its next safe point; a second Ctrl-C ends the program at once. Files being
/// written have no name yet, so nothing half-written stays either way.
enum Interruption {
    private static let isAsked = Atomic<Bool>(false)
    /// A pipe, because little but writing to one is safe in a signal handler.
    private static let ends: (reading: Int32, writing: Int32) = {
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        return (ends[0], ends[1])
    }()

    static func watch() {
        _ = ends
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Interruption.isAsked.exchange(true, ordering: .relaxed) { _exit(128 + number) }
                var byte: UInt8 = 0
                _ = unsafe write(Interruption.ends.writing, &byte, 1)
            }
        }
    }

    /// Returns when somebody asks; `watch` comes before.
    static func wait() {
        var byte: UInt8 = 0
        while !isRequested, unsafe read(ends.reading, &byte, 1) < 0, errno == EINTR {}
    }

    static var isRequested: Bool { isAsked.load(ordering: .relaxed) }

    /// What shells expect of a program that Ctrl-C ended.
    static let exitCode = ExitCode(130)
}
