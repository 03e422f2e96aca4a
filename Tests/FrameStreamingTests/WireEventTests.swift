// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import StreamCore
import Testing

@Suite struct WireEventTests {
    @Test func `Messages of a viewer are events`() {
        #expect(
            FrameEvent(Wire.FrameReceived(frame: 7, gapMicroseconds: 1500))
                == .received(frame: 7, gap: .milliseconds(1.5)))
        let shown = Wire.FrameShown(
            frame: 7, isSkipped: true, decodeMicroseconds: 6000, latencyMicroseconds: .max)
        #expect(
            FrameEvent(shown)
                == .shown(
                    frame: 7, isSkipped: true, decode: .milliseconds(6), latency: .microseconds(UInt32.max)))
        #expect(FrameEvent(Wire.Visibility(isVisible: false)) == .visibility(false))
        #expect(
            FrameEvent(Wire.Pick(request: 3, frame: 0, place: .zero)) == .pick(request: 3, frame: 0))
    }

    @Test func `Purposes have the kinds of the protocol`() {
        let purposes: [FramePurpose] = [.moving, .still, .refined, .lossless]
        #expect(purposes.map(\.kind) == Wire.FrameKind.allCases)
        #expect(FramePurpose.pick(request: 1).kind == nil)
    }
}
