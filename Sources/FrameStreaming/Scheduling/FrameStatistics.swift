// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Facts of one viewer's frames. Rates are of the last two seconds.
package struct FrameStatistics: Equatable, Sendable {
    package var orderedPerSecond = 0.0
    package var sentPerSecond = 0.0
    package var shownPerSecond = 0.0
    package var skippedPerSecond = 0.0
    /// From input to presentation, of the latest 128 frames that moved, milliseconds; 0: not known.
    package var latencyMedian = 0.0
    package var latency95 = 0.0
    /// Milliseconds; nil: not known.
    package var roundTripMilliseconds: Double?
    package var queueMilliseconds = 0.0
    /// Bytes per second; nil: not measured.
    package var linkRate: Double?
    /// Means of moving frames, milliseconds.
    package var drawMilliseconds = 0.0
    package var encodeMilliseconds = 0.0
    package var decodeMilliseconds = 0.0
    /// Of the latest moving frame.
    package var frameByteCount = 0
    package var sentByteCount = 0
    package var sentFrameCount = 0
    package var shownFrameCount = 0
    package var skippedFrameCount = 0
    package var abandonedFrameCount = 0
    /// Stills that were drawn and shown already.
    package var unchangedFrameCount = 0
    /// Acknowledgements that name nothing that was sent.
    package var ignoredCount = 0
    /// Frames that may be begun and not presented, and those that are.
    package var window = 0
    package var unshownCount = 0
    /// 0 is best.
    package var rung = 0
    package var rungsDown = 0
    package var rungsUp = 0
    package var quality = 0
    package var scale = 1.0
    package var rate = 0.0
    package var shortage = Shortage.nothing
    /// Device time, seconds.
    package var deviceSeconds = 0.0
    package var isVisible = true
    package var isSilent = false
}
