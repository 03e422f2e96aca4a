// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import ChunkStreaming

/// Drives a stream without a link: everything sent is acknowledged at once, or not at all.
struct DirectViewer {
    let plan: StreamPlan
    var stream: ViewerStream
    var scratch = RankingScratch()
    private var now = ContinuousClock.now
    private(set) var chunks: [Int] = []
    private(set) var recalled: [Int] = []
    private(set) var actions: [ViewerStream.Action] = []
    var acknowledges = true

    init(_ plan: StreamPlan, limits: StreamLimits = StreamLimits()) {
        self.plan = plan
        stream = ViewerStream(plan: plan, limits: limits)
    }

    /// - Returns: what this event brought about, with what followed from its acknowledgements.
    @discardableResult
    mutating func handle(_ event: ViewerStream.Event, after duration: Duration = .milliseconds(50))
        -> [ViewerStream.Action]
    {
        now = now.advanced(by: duration)
        var result = stream.handle(event, at: now, using: &scratch)
        note(result)
        var last = result
        while acknowledges, let sequence = last.compactMap(\.sequence).last {
            now = now.advanced(by: .milliseconds(10))
            last = stream.handle(
                .acknowledge(sequence: sequence, hold: .zero, backlogByteCount: 0, decodeRate: 0), at: now,
                using: &scratch)
            note(last)
            result += last
        }
        return result
    }

    private mutating func note(_ actions: [ViewerStream.Action]) {
        self.actions += actions
        for action in actions {
            switch action {
            case .sendChunk(_, let chunk): chunks.append(chunk)
            case .recall(_, let chunk): recalled.append(chunk)
            default: break
            }
        }
    }

    @discardableResult
    mutating func look(
        _ view: ViewState, _ sequence: UInt32, threshold: Float = 1, isMoving: Bool = false
    ) -> [ViewerStream.Action] {
        handle(.view(ViewUpdate(sequence: sequence, view: view, thresholdPixels: threshold, isMoving: isMoving)))
    }

    func queue(limit: Int = 1000) -> [RankedChunk] {
        var scratch = RankingScratch()
        return stream.queue(limit: limit, at: now, using: &scratch)
    }
}

extension ViewerStream.Action {
    var sequence: UInt32? {
        switch self {
        case .sendChunk(let sequence, _), .recall(let sequence, _): sequence
        default: nil
        }
    }

    var chunk: Int? {
        switch self {
        case .sendChunk(_, let chunk), .recall(_, let chunk): chunk
        default: nil
        }
    }

    var settledView: UInt32? {
        if case .settled(let view, _) = self { return view }
        return nil
    }
}

extension StreamLimits {
    static var withoutPrefetch: StreamLimits {
        var limits = StreamLimits()
        limits.prefetchByteCount = 0
        return limits
    }
}

extension StreamPlan {
    /// Places in `order` where a chunk comes before one that it depends on.
    func misplaced(in order: [Int]) -> [Int] {
        var known = BitSet(count: chunkCount)
        return order.filter { chunk in
            known.insert(chunk)
            return chunkParents[chunk].contains { !known.contains(Int($0)) }
        }
    }
}
