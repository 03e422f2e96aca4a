// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

extension FrameEvent {
    package init(_ message: Wire.FrameReceived) {
        self = .received(frame: message.frame, gap: .microseconds(message.gapMicroseconds))
    }

    package init(_ message: Wire.FrameShown) {
        self = .shown(
            frame: message.frame, isSkipped: message.isSkipped, decode: .microseconds(message.decodeMicroseconds),
            latency: .microseconds(message.latencyMicroseconds))
    }

    package init(_ message: Wire.Visibility) { self = .visibility(message.isVisible) }

    package init(_ message: Wire.Pick) { self = .pick(request: message.request, frame: message.frame) }
}

extension FramePurpose {
    /// What the viewer is told; nil for picks, which it is not sent.
    package var kind: Wire.FrameKind? {
        switch self {
        case .moving: .moving
        case .still: .still
        case .refined: .refined
        case .lossless: .lossless
        case .pick: nil
        }
    }
}
