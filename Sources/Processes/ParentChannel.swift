// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A child's side of the talk with the process that made it: lines on standard input and output.
package enum ParentChannel {
    private static let isWriting = Mutex(())

    /// The next line without its end, from one thread only; nil when there is none, or it has more than `limit` bytes.
    package static func receive(limit: Int) -> [UInt8]? {
        var line: [UInt8] = []
        while line.count <= limit {
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return nil }
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
        }
        return nil
    }

    /// Writes one line; from any thread. Ends the process if nobody listens any more.
    package static func tell(_ line: [UInt8]) {
        isWriting.withLock { _ in
            let bytes = line + [UInt8(ascii: "\n")]
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress! + done, $0.count - done) }
                if count < 0, errno == EINTR { continue }
                if count <= 0 { _exit(1) }
                done += count
            }
        }
    }

    /// From now on the end of standard input ends this process, whatever it is doing.
    package static func endWithInput() {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { _ in
                while ParentChannel.receive(limit: 1 << 16) != nil {}
                _exit(1)
            }, nil)
        pthread_detach(thread)
    }
}
