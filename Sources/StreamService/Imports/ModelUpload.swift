// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// One upload: bytes come in on the loop thread and are written on the uploads' thread.
package final class ModelUpload: Sendable {
    package let id: String
    private let queue: ImportQueue
    private let state: Mutex<State>

    private struct State {
        /// nil: nothing more is written.
        var file: UploadFile?
        var pendingByteCount = 0
        var onRelief: (@Sendable () -> Void)?
    }

    /// Bytes that may wait for the disk before the sender is asked to pause.
    private static let backlogLimit = 8 << 20

    init(id: String, queue: ImportQueue, file: UploadFile) {
        self.id = id
        self.queue = queue
        state = Mutex(State(file: file))
    }

    /// Takes bytes; returns at once. Bytes of an upload that has failed are dropped.
    ///
    /// - Parameter onRelief: called, from another thread, when false was returned and bytes are welcome again.
    /// - Returns: whether more are welcome right away.
    package func append(_ bytes: [UInt8], onRelief: @escaping @Sendable () -> Void) -> Bool {
        let isWelcome = state.withLock { state in
            if state.file == nil { return true }
            state.pendingByteCount += bytes.count
            if state.pendingByteCount < ModelUpload.backlogLimit { return true }
            state.onRelief = onRelief
            return false
        }
        queue.disk.start { [self] in write(bytes) }
        return isWelcome
    }

    private func write(_ bytes: [UInt8]) {
        guard let file = state.withLock({ $0.file }) else { return }
        do { try file.append(bytes) } catch {
            let reason = error.localizedDescription
            return abort(ServiceError(.failed, "the upload cannot be stored: \(reason)"))
        }
        let relief: (@Sendable () -> Void)? = state.withLock { state in
            state.pendingByteCount -= bytes.count
            guard state.pendingByteCount < ModelUpload.backlogLimit / 2 else { return nil }
            defer { state.onRelief = nil }
            return state.onRelief
        }
        relief?()
    }

    /// All bytes have come. `answer` is called once, from another thread.
    package func finish(_ answer: @escaping @Sendable (Result<ImportQueue.Acceptance, ServiceError>) -> Void) {
        queue.disk.start { [self] in
            guard let file = end() else {
                return answer(.failure(queue.status(id)?.error ?? ServiceError(.ended, "the upload was given up")))
            }
            do { try file.close() } catch {
                let failure = ServiceError(.failed, "the upload cannot be stored: \(error.localizedDescription)")
                queue.uploadFailed(id, failure)
                return answer(.failure(failure))
            }
            queue.accept(id, file, answer)
        }
    }

    /// The sender has gone, or the import was cancelled, or the disk is full: nothing of it stays.
    package func abort(_ reason: ServiceError) {
        queue.uploadFailed(id, reason)
        let file = end()
        queue.disk.start { file?.remove() }
    }

    /// Takes the file away from further writing, and lets a paused sender go on.
    private func end() -> UploadFile? {
        let (file, relief) = state.withLock { state in
            defer {
                state.file = nil
                state.onRelief = nil
            }
            return (state.file, state.onRelief)
        }
        relief?()
        return file
    }
}
