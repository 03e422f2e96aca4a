// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import JSONCoding
import StreamCore
import Transport

extension Wire.Frame {
    /// The header of an encoded frame.
    init(
        _ order: FrameOrder, _ content: EncodedFrame.Content, encodeSeconds: Double,
        at now: ContinuousClock.Instant
    ) {
        let (projection, scale): (Wire.ProjectionKind, Double) =
            switch order.view.projection {
            case .perspective(let tangent): (.perspective, tangent)
            case .orthographic(let halfHeight): (.orthographic, halfHeight)
            }
        let grid = content.depthGrid
        let waited = (now - order.viewArrivedAt).inSeconds - content.drawSeconds - encodeSeconds
        self.init(
            frame: order.frame, kind: order.purpose.kind ?? .moving, codec: order.isLossless ? .png : .jpeg,
            isWhole: content.isWhole, byteCount: UInt32(content.payload.bytes.count), view: order.viewSequence,
            eye: order.view.eye, orientation: Float4(order.view.orientation), projection: projection,
            scale: Float(scale), width: UInt16(order.view.width), height: UInt16(order.view.height),
            left: UInt16(content.rectangle.left), top: UInt16(content.rectangle.top),
            imageWidth: UInt16(content.rectangle.width), imageHeight: UInt16(content.rectangle.height),
            quality: UInt8(order.isLossless ? 100 : order.quality),
            renderMicroseconds: microseconds(content.drawSeconds), encodeMicroseconds: microseconds(encodeSeconds),
            waitMicroseconds: microseconds(waited), triangleCount: UInt32(clamping: content.triangleCount),
            thresholdPixels: content.thresholdPixels, depthColumns: UInt8(grid?.columns ?? 0),
            depthRows: UInt8(grid?.rows ?? 0), depthNear: grid?.near ?? 0, depthFar: grid?.far ?? 0,
            depthCodes: grid?.bytes ?? [])
    }
}

extension Wire.IdentityMap {
    init(_ runs: IdentityRuns, of frame: UInt32) {
        self.init(
            frame: frame, width: UInt16(runs.width), height: UInt16(runs.height), treeNodes: runs.treeNodes,
            runs: runs.runs)
    }
}

private func microseconds(_ seconds: Double) -> UInt32 { UInt32(min(max(seconds * 1e6, 0), 4e9)) }

extension Shortage {
    /// What is short, for people.
    var sentence: String {
        switch self {
        case .nothing: "Nothing is short."
        case .link: "The link is too slow for pictures."
        case .renderer: "The server is too busy to draw."
        case .decoder: "This device is too slow to show pictures."
        }
    }
}

extension FrameStatistics {
    var json: JSONValue {
        [
            "framesPerSecond": [
                "ordered": .number(orderedPerSecond), "sent": .number(sentPerSecond),
                "shown": .number(shownPerSecond), "skipped": .number(skippedPerSecond), "aim": .number(rate),
            ],
            "milliseconds": [
                "latencyMedian": .number(latencyMedian), "latency95": .number(latency95),
                "roundTrip": .number(roundTripMilliseconds ?? 0), "queue": .number(queueMilliseconds),
                "draw": .number(drawMilliseconds), "encode": .number(encodeMilliseconds),
                "decode": .number(decodeMilliseconds),
            ],
            "bytesPerSecond": .number(linkRate ?? 0), "frameByteCount": .integer(frameByteCount),
            "sentByteCount": .integer(sentByteCount),
            "frames": [
                "sent": .integer(sentFrameCount), "shown": .integer(shownFrameCount),
                "skipped": .integer(skippedFrameCount), "abandoned": .integer(abandonedFrameCount),
                "unchanged": .integer(unchangedFrameCount),
            ],
            "ignoredNumberCount": .integer(ignoredCount), "window": .integer(window),
            "unshown": .integer(unshownCount),
            "quality": [
                "rung": .integer(rung), "rungsDown": .integer(rungsDown), "rungsUp": .integer(rungsUp),
                "quality": .integer(quality), "scale": .number(scale), "shortage": .string(shortage.rawValue),
            ],
            "deviceSeconds": .number(deviceSeconds), "isVisible": .bool(isVisible), "isSilent": .bool(isSilent),
        ]
    }
}
