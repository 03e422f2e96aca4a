// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A process of ours that is talked to through its standard input, output and error. It leads a process group of its own
/// and inherits no other descriptor, no blocked or ignored signal. It never outlives this object: what still runs then is
/// killed, and reaped in any case.
///
/// For one thread, which stays alive as long as the child: `ChildLimits.apply` ties the child's life to that thread's.
package final class ChildProcess {
    package enum Ending: Equatable, Sendable {
        case code(Int)
        case signal(Int)
    }

    /// What the child did next.
    package enum Event: Equatable, Sendable {
        case output([UInt8])
        case errors([UInt8])
        /// Nothing, for as long as was asked.
        case quiet
        /// Both of its outputs are closed: it has ended, or will not say anything any more.
        case closed
    }

    private let process: pid_t
    private var input: Int32
    /// -1 once closed.
    private var output: Int32
    private var errors: Int32
    private var ending: Ending?
    private static let pieceByteCount = 1 << 16

    /// - Parameters:
    ///   - program: a path.
    ///   - arguments: without the program's own name.
    ///   - environment: all of it.
    package init(program: String, arguments: [String], environment: [String: String]) throws(ProcessError) {
        var pipes = Pipes()
        do throws(ProcessError) {
            try pipes.open(program)
            process = try ChildProcess.spawn(program, arguments, environment, pipes)
        } catch {
            pipes.closeAll()
            throw error
        }
        (input, output, errors) = (pipes.input.ours, pipes.output.ours, pipes.errors.ours)
        pipes.closeTheirs()
    }

    deinit {
        if ending == nil {
            kill()
            wait()
        }
        for descriptor in [input, output, errors] where descriptor >= 0 { close(descriptor) }
    }

    /// Writes to the child's standard input; waits while it does not read.
    ///
    /// - Returns: false when it does not listen any more.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(input, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            done += count
        }
        return true
    }

    /// Waits for the next thing the child says, at most `milliseconds`.
    package func next(within milliseconds: Int) -> Event {
        if output < 0, errors < 0 { return .closed }
        var waiting = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // A negative descriptor is skipped by poll.
        guard poll(&waiting, nfds_t(waiting.count), Int32(clamping: milliseconds)) > 0 else { return .quiet }
        if waiting[1].revents != 0 {
            let bytes = ChildProcess.read(&errors)
            if !bytes.isEmpty { return .errors(bytes) }
        }
        if waiting[0].revents != 0 {
            let bytes = ChildProcess.read(&output)
            if !bytes.isEmpty { return .output(bytes) }
        }
        return output < 0 && errors < 0 ? .closed : .quiet
    }

    /// Empty at the end, where the descriptor is closed.
    private static func read(_ descriptor: inout Int32) -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: pieceByteCount) { buffer, count in
            var got: Int
            repeat { got = Glibc.read(descriptor, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
            count = max(0, got)
        }
        if bytes.isEmpty {
            close(descriptor)
            descriptor = -1
        }
        return bytes
    }

    /// Ends the child and everything it started, at once.
    package func kill() {
        if ending == nil { _ = Glibc.kill(-process, SIGKILL) }
    }

    /// Waits for its end.
    @discardableResult
    package func wait() -> Ending {
        if let ending { return ending }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let ending = signal == 0 ? Ending.code(Int(status >> 8) & 0xFF) : .signal(Int(signal))
        self.ending = ending
        return ending
    }
}
