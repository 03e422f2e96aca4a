// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

extension ChildProcess {
    /// The three descriptors of a child, seen from both sides; -1: none.
    struct Pipes {
        typealias Ends = (ours: Int32, theirs: Int32)

        /// A socket, because writing to one can fail without a signal.
        private(set) var input: Ends = (-1, -1)
        private(set) var output: Ends = (-1, -1)
        private(set) var errors: Ends = (-1, -1)

        mutating func open(_ program: String) throws(ProcessError) {
            var ends: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
                throw ProcessError(program: program, call: "socketpair", errno: errno)
            }
            input = (ends[0], ends[1])
            output = try Pipes.pipe(program)
            errors = try Pipes.pipe(program)
        }

        private static func pipe(_ program: String) throws(ProcessError) -> Ends {
            var ends: [Int32] = [-1, -1]
            guard clinux_pipe(&ends) == 0 else {
                throw ProcessError(program: program, call: "pipe", errno: errno)
            }
            return (ends[0], ends[1])
        }

        func closeTheirs() { for end in [input, output, errors] where end.theirs >= 0 { close(end.theirs) } }

        func closeAll() {
            closeTheirs()
            for end in [input, output, errors] where end.ours >= 0 { close(end.ours) }
        }
    }

    static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String], _ pipes: Pipes
    ) throws(ProcessError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, end) in [pipes.input, pipes.output, pipes.errors].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, end.theirs, Int32(number))
        }
        clinux_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let name = program.split(separator: "/").last.map(String.init) ?? program
        let words = CStrings([name] + arguments)
        let settings = CStrings(environment.map { "\($0.key)=\($0.value)" })
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, &attributes, words.pointers, settings.pointers)
        guard code == 0 else { throw ProcessError(program: program, call: "posix_spawn", errno: code) }
        return process
    }

    /// A list of C strings with nil at its end; freed with this object.
    private final class CStrings {
        let pointers: [UnsafeMutablePointer<CChar>?]

        init(_ strings: [String]) { pointers = strings.map { strdup($0) } + [nil] }

        deinit { for pointer in pointers { free(pointer) } }
    }
}
