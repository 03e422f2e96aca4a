// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkStreaming
package import JSONCoding
import StreamCore

/// What one viewer's stream is doing, for people.
package struct ViewerReport: Sendable {
    package let statistics: StreamStatistics
    /// What would be sent next, best first.
    package let queue: [RankedChunk]
    /// The newest view's number.
    package let view: UInt32
    /// Bytes that wait in the connection.
    package let queuedByteCount: Int

    package var json: JSONValue {
        [
            "view": .integer(Int(view)), "queuedByteCount": .integer(queuedByteCount),
            "statistics": statistics.json, "queue": .array(queue.map(\.json)),
        ]
    }
}

extension StreamStatistics {
    var json: JSONValue {
        [
            "bytesPerSecond": .number(rate), "roundTripSeconds": .number(roundTripSeconds),
            "inFlightByteCount": .integer(inFlightByteCount), "windowByteCount": .integer(windowByteCount),
            "phase": .string(phase), "sentByteCount": .integer(sentByteCount),
            "sentChunkCount": .integer(sentChunkCount),
            "recalledChunkCount": .integer(recalledChunkCount),
            "prefetchedByteCount": .integer(prefetchedByteCount), "heldChunkCount": .integer(heldChunkCount),
            "missingChunkCount": .integer(missingChunkCount), "rankingCount": .integer(rankingCount),
            "ignoredNumberCount": .integer(ignoredNumberCount), "thresholdPixels": .number(Double(thresholdPixels)),
            "isSettled": .bool(isSettled),
        ]
    }
}

extension RankedChunk {
    var json: JSONValue {
        var fields: [String: JSONValue] = [
            "chunk": .integer(chunk), "kind": .string("\(kind)"),
            "nodes": .array(nodes.prefix(64).map { .integer($0) }),
            "gain": .number(Double(gain)), "byteCount": .integer(byteCount), "score": .number(Double(score)),
            "isNeeded": .bool(isNeeded),
        ]
        if let contribution {
            fields["why"] = [
                "reason": .string(contribution.reason.rawValue), "gain": .number(Double(contribution.gain)),
                "errorPixels": .number(Double(contribution.errorPixels)),
                "pixels": .number(Double(contribution.pixels)), "visibility": .number(Double(contribution.visibility)),
                "attention": .number(Double(contribution.attention)),
            ]
        }
        return .object(fields)
    }
}
