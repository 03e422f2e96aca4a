// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Dispatch
import JSONCoding
import StreamCore
import Synchronization

/// What the render thread is told.
enum RenderCommand: Sendable {
    case enter(FrameMember, ViewUpdate)
    case leave(Int)
    case input(Int, FrameInput)
    case inspect(Int, @Sendable (JSONValue) -> Void)
    case picture(PictureTask)
    /// Nobody waits for it any more.
    case cancelPicture(Int)
    /// The latest picture was encoded and answered.
    case pictureEncoded
    case encoded(EncodedFrame)
    /// An encoder no longer needs the pixels of a drawing.
    case released(Int)
    case picked(Int, Wire.Picked)
    /// Chunks were decoded.
    case decoded
    case stop
}

/// The one way in to the render thread: any thread posts, the render thread takes everything at once.
final class RenderMailbox: Sendable {
    private let state = Mutex((commands: [RenderCommand](), isClosed: false))
    private let signal = DispatchSemaphore(value: 0)
    private let isSignalled = Atomic(false)

    /// - Returns: false when nobody takes anything any more.
    @discardableResult
    func post(_ command: RenderCommand) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.commands.append(command) }
            return !state.isClosed
        }
        if isTaken, !isSignalled.exchange(true, ordering: .acquiringAndReleasing) { signal.signal() }
        return isTaken
    }

    /// Everything that has come, after waiting for the first for at most `seconds`; nil: as long as it takes.
    func take(within seconds: Double?) -> [RenderCommand] {
        if let seconds {
            if seconds > 0 { _ = signal.wait(timeout: .now() + seconds) }
        } else {
            signal.wait()
        }
        // A signal that was not waited for ends the next wait early, which does no harm.
        isSignalled.store(false, ordering: .releasing)
        return takeAll(closing: false)
    }

    /// Takes nothing more; what has come and was not taken.
    func close() -> [RenderCommand] { takeAll(closing: true) }

    private func takeAll(closing: Bool) -> [RenderCommand] {
        state.withLock { state in
            defer { state.commands = [] }
            state.isClosed = state.isClosed || closing
            return state.commands
        }
    }
}
