// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Synchronization

/// Ctrl-C and `kill` ask long work to stop at its next safe point; a second Ctrl-C ends the program at once. Files being
/// written have no name yet, so nothing half-written stays either way.
enum Interruption {
    /// What somebody asks for while the program waits.
    enum Request {
        case stop
        /// SIGHUP: look again at files that may have changed.
        case reload
    }

    private static let isAsked = Atomic<Bool>(false)
    /// A pipe, because little but writing to one is safe in a signal handler.
    private static let ends: (reading: Int32, writing: Int32) = {
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler must not wait, however many signals come; that one waits already is enough.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
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

    /// From now on SIGHUP, which ends a program by default (also when its terminal is closed), is a request to reload.
    static func watchReloads() {
        _ = ends
        signal(SIGHUP) { _ in
            var byte: UInt8 = 1
            _ = unsafe write(Interruption.ends.writing, &byte, 1)
        }
    }

    /// Returns when somebody asks; `watch` comes before.
    static func wait() -> Request {
        var byte: UInt8 = 0
        while !isRequested {
            if unsafe read(ends.reading, &byte, 1) == 1 { return byte == 1 ? .reload : .stop }
            guard errno == EINTR else { break }
        }
        return .stop
    }

    static var isRequested: Bool { isAsked.load(ordering: .relaxed) }

    /// What shells expect of a program that Ctrl-C ended.
    static let exitCode = ExitCode(130)
}
