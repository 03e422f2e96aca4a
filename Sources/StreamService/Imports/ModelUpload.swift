// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// One upload: bytes come in on the loop thread and are written on the uploads' thread.
package final class ModelUpload: Sendable {
    package let id: String
    private let queue: ImportQueue
    private let state = Mutex(State())

    private struct State {
        var file: UploadFile?
        var pendingByteCount = 0
        var isEnded = false
        var onRelief: (@Sendable () -> Void)?
    }

    /// Bytes that may wait for the disk before the sender is asked to pause.
    private static let backlogLimit = 8 << 20

    init(id: String, queue: ImportQueue, file: UploadFile) {
        self.id = id
        self.queue = queue
        state.withLock { $0.file = file }
    }

    /// Takes bytes; returns at once.
    ///
    /// - Parameter onRelief: called, from another thread, when false was returned and bytes are welcome again.
    /// - Returns: whether more are welcome right away.
    package func append(_ bytes: [UInt8], onRelief: @escaping @Sendable () -> Void) -> Bool {
        let (file, isWelcome): (UploadFile?, Bool) = state.withLock {
            if $0.isEnded { return (nil, true) }
            $0.pendingByteCount += bytes.count
            let isWelcome = $0.pendingByteCount < ModelUpload.backlogLimit
            if !isWelcome { $0.onRelief = onRelief }
            return ($0.file, isWelcome)
        }
        guard let file else { return true }
        queue.disk.start { [self] in
            if state.withLock({ $0.isEnded }) { return }
            do { try file.append(bytes) } catch {
                queue.uploadFailed(
                    id, ServiceError(.failed, "the upload cannot be stored: \(error.localizedDescription)"))
            }
            let relief: (@Sendable () -> Void)? = state.withLock { state in
                state.pendingByteCount -= bytes.count
                guard state.pendingByteCount < ModelUpload.backlogLimit / 2 else { return nil }
                defer { state.onRelief = nil }
                return state.onRelief
            }
            relief?()
        }
        return isWelcome
    }

    /// All bytes have come. `answer` is called once, from another thread.
    package func finish(_ answer: @escaping @Sendable (Result<ImportQueue.Acceptance, ServiceError>) -> Void) {
        queue.disk.start { [self] in
            guard let file = end() else {
                let error = queue.status(id)?.error ?? ServiceError(.badRequest, "the upload was given up")
                return answer(.failure(error))
            }
            file.close()
            answer(queue.accept(id, file))
        }
    }

    /// The sender has gone, or the import was cancelled.
    package func abort(_ reason: ServiceError) {
        queue.uploadFailed(id, reason)
        queue.disk.start { [self] in end()?.remove() }
    }

    /// Takes the file away from further writing.
    private func end() -> UploadFile? {
        state.withLock { state in
            state.isEnded = true
            defer { state.file = nil }
            return state.file
        }
    }
}
