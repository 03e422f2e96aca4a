// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ImageCoding
import StreamCore

/// What a viewer that is sent pictures does with them: puts parts together, decodes one at a time, shows the newest, and
/// says so. For the loop's thread.
final class FrameIntake {
    /// A frame's life. Times are seconds of the loop's clock.
    struct Record {
        var header: Wire.Frame
        var headerAt: Double
        var arrivedAt = 0.0
        var shownAt = 0.0
        var decodeSeconds = 0.0
        var isSkipped = false
        /// From the input that made its view; nil: there was none.
        var latency: Double?
        /// What it looks like, and the camera that was wanted when it was shown; for few frames.
        var sample: Sample?
    }

    struct Sample {
        var image: Image?
        var wanted: ViewState
    }

    private(set) var records: [Record] = []
    private(set) var firstShownAt: Double?
    private(set) var damages: [String] = []
    /// Which moving frames are kept as pictures: every so many; 0: none.
    var sampleInterval = 0
    /// Pictures that may be kept still.
    var sampleRoom = 0
    /// The camera that is wanted now.
    var wanted: () -> ViewState? = { nil }

    private var open: [UInt32: (record: Record, payload: [UInt8])] = [:]
    private var waiting: [(record: Record, payload: [UInt8])] = []
    private var decoding: Record?
    private var sentAt: [UInt32: Double] = [:]
    private var movingCount = 0

    /// What to do about something that came.
    struct Actions {
        var messages: [[UInt8]] = []
        var job: (@Sendable () -> DecodedMessage)?
    }

    /// Whether the best still of a view was shown after a time.
    func hasShownLossless(since time: Double) -> Bool {
        records.contains { $0.header.kind == .lossless && $0.shownAt > time }
    }

    /// A view was sent.
    func sent(view: UInt32, at now: Double) { sentAt[view] = now }

    func take(_ message: ServerMessage, at now: Double) -> Actions {
        var actions = Actions()
        switch message {
        case .frame(let header):
            open[header.frame] = (Record(header: header, headerAt: now), [])
            if header.byteCount == 0 { complete(header.frame, now, &actions) }
        case .framePart(let part):
            guard open[part.frame] != nil else { break }
            open[part.frame]?.payload += part.payload
            if let frame = open[part.frame], frame.payload.count >= Int(frame.record.header.byteCount) {
                complete(part.frame, now, &actions)
            }
        case .frameCancelled(let cancelled): open[cancelled.frame] = nil
        default: break
        }
        return actions
    }

    private func complete(_ number: UInt32, _ now: Double, _ actions: inout Actions) {
        guard var frame = open.removeValue(forKey: number) else { return }
        frame.record.arrivedAt = now
        let gap = UInt32(clamping: Int((now - frame.record.headerAt) * 1e6))
        actions.messages.append(Wire.FrameReceived(frame: number, gapMicroseconds: gap).encode())
        // A newer one takes the place of a moving one that waits.
        for index in waiting.indices.reversed() where waiting[index].record.header.kind == .moving {
            var skipped = waiting.remove(at: index).record
            skipped.isSkipped = true
            actions.messages.append(finish(skipped, now))
        }
        waiting.append(frame)
        decodeNext(&actions)
    }

    private func decodeNext(_ actions: inout Actions) {
        guard decoding == nil, !waiting.isEmpty else { return }
        let next = waiting.removeFirst()
        decoding = next.record
        let (number, payload) = (next.record.header.frame, next.payload)
        actions.job = { DecodedMessage.decode(frame: number, payload: payload) }
    }

    /// A decoder is done with the frame it had.
    func take(_ result: DecodedMessage, seconds: Double, at now: Double) -> Actions {
        var actions = Actions()
        guard var record = decoding else { return actions }
        decoding = nil
        record.decodeSeconds = seconds
        var image: Image?
        switch result {
        case .picture(_, let decoded): image = decoded
        case .damaged(_, _, let reason) where record.header.byteCount > 0:
            damages.append(reason)
            record.isSkipped = true
        default: break
        }
        if !record.isSkipped {
            firstShownAt = firstShownAt ?? now
            if let wanted = wanted(), isSampled(record) { record.sample = Sample(image: image, wanted: wanted) }
        }
        actions.messages.append(finish(record, now))
        decodeNext(&actions)
        return actions
    }

    private func isSampled(_ record: Record) -> Bool {
        guard sampleInterval > 0, sampleRoom > 0 else { return false }
        if record.header.kind == .moving {
            movingCount += 1
            guard movingCount % sampleInterval == 0 else { return false }
        }
        sampleRoom -= 1
        return true
    }

    private func finish(_ unfinished: Record, _ now: Double) -> [UInt8] {
        var record = unfinished
        record.shownAt = now
        record.latency = sentAt[record.header.view].map { now - $0 }
        records.append(record)
        return Wire.FrameShown(
            frame: record.header.frame, isSkipped: record.isSkipped,
            decodeMicroseconds: UInt32(clamping: Int(record.decodeSeconds * 1e6)),
            latencyMicroseconds: UInt32(clamping: Int((record.latency ?? 0) * 1e6))
        ).encode()
    }
}

extension Wire.Frame {
    /// The camera that it shows.
    func view(width: Double, height: Double) -> ViewState {
        ViewState(
            eye: eye, orientation: Double4(orientation),
            projection: projection == .perspective
                ? .perspective(tangent: Double(scale)) : .orthographic(halfHeight: Double(scale)),
            width: width, height: height)
    }
}
