// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import Dispatch
import StreamCore
import Synchronization

/// What the render thread is told.
enum RenderCommand: Sendable {
    case enter(FrameMember, ViewUpdate)
    case leave(Int)
    case input(Int, FrameInput)
    case inspect(Int, @Sendable (JSONValue) -> Void)
    case picture(PictureTask)
    case encoded(EncodedFrame)
    /// An encoder no longer needs the pixels of a drawing.
    case released(Int)
    case picked(Int, Wire.Picked)
    /// Look again: chunks were decoded, or the device has finished something.
    case wake
    case stop
}

/// The one way in to the render thread: any thread posts, the render thread takes everything at once.
final class RenderMailbox: Sendable {
    private let commands = Mutex<[RenderCommand]>([])
    private let signal = DispatchSemaphore(value: 0)
    private let isSignalled = Atomic(false)

    func post(_ command: RenderCommand) {
        commands.withLock { $0.append(command) }
        wake()
    }

    /// Ends the current or next wait.
    func wake() {
        if !isSignalled.exchange(true, ordering: .acquiringAndReleasing) { signal.signal() }
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
        return commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}
