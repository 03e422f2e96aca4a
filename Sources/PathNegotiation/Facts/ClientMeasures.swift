// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a viewer measured on the path that it shows. nil: nothing to measure.
package struct ClientMeasures: Equatable, Sendable {
    /// While the view moves, on a path on which the viewer draws: the tenth percentile of the last two seconds.
    package var framesPerSecond: Double?
    package var longestTaskMilliseconds: Double?
    /// Bytes that arrived and wait for the decoder.
    package var decodeBacklogByteCount: Double?
    /// The driver refused memory, or chunks had to be dropped that the view needs.
    package var hasMemoryPressure = false
    /// Of what is drawn.
    package var errorPixels: Double?
    /// The graphics driver is lost and has not come back.
    package var isContextLost = false
    /// From input to its picture, median of the last two seconds, on the server path.
    package var latencyMilliseconds: Double?
    /// In the middle of a drag.
    package var isInteracting = false

    package init() {}

    /// The measures without numbers that cannot be, and the names of those.
    package var checked: (measures: ClientMeasures, ignored: [String]) {
        var measures = self
        var ignored: [String] = []
        func check(_ key: WritableKeyPath<ClientMeasures, Double?>, _ name: String, _ range: ClosedRange<Double>) {
            guard let value = measures[keyPath: key], !range.contains(value) else { return }
            ignored.append("\(name) \(value)")
            measures[keyPath: key] = nil
        }
        check(\.framesPerSecond, "framesPerSecond", 0...1000)
        check(\.longestTaskMilliseconds, "longestTaskMilliseconds", 0...1e6)
        check(\.decodeBacklogByteCount, "decodeBacklogByteCount", 0...1e12)
        check(\.errorPixels, "errorPixels", 0...1e6)
        check(\.latencyMilliseconds, "latencyMilliseconds", 0...1e6)
        return (measures, ignored)
    }
}
