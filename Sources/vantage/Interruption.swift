// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Synchronization

/// Ctrl-C and `kill` ask long work to stop at its next safe point; a second Ctrl-C ends the program at once. Files being
/// written have no name yet, so nothing half-written stays either way.
enum Interruption {
    private static let isAsked = Atomic<Bool>(false)

    static func watch() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Interruption.isAsked.exchange(true, ordering: .relaxed) { _exit(128 + number) }
            }
        }
    }

    static var isRequested: Bool { isAsked.load(ordering: .relaxed) }

    /// What shells expect of a program that Ctrl-C ended.
    static let exitCode = ExitCode(130)
}
