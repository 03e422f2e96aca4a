// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What a viewer that draws for itself does with chunks: it acknowledges, decodes, selects, evicts. The scene is the
/// browser's own, compiled natively. For the loop's thread.
final class MeshIntake {
    struct Arrival {
        var time: Double
        /// Received on the connection so far, this included.
        var byteCount: Int
        var chunk: UInt32
        var kind: UInt8
        var chunkByteCount: Int
        /// When it was decoded and in the scene.
        var residentAt: Double?
    }

    /// What a selection found.
    struct Selection {
        var time: Double
        var largestErrorPixels: Double
        var triangleCount: Int
        var isWhole: Bool
    }

    private static let acknowledgedByteCount = 16_384
    private static let acknowledgedSeconds = 0.02

    private(set) var arrivals: [Arrival] = []
    private(set) var selections: [Selection] = []
    private(set) var decodeSeconds: [Double] = []
    private(set) var decodedByteCount = 0
    private(set) var damages: [String] = []
    /// When the first picture could be drawn, and the arrival that made it possible.
    private(set) var firstPicture: (time: Double, arrival: Int)?
    private(set) var settledAt: Double?
    private(set) var recalledCount = 0

    private let decodes: Bool
    private var scene = ResidentScene()
    private var geometries: [UInt32: GeometryRecord] = [:]
    private var chunkOfNode: [UInt32: UInt32] = [:]
    private var arrivalOfChunk: [UInt32: Int] = [:]
    private var drawnChunks: Set<UInt32> = []
    private(set) var backlogByteCount = 0
    private var unacknowledgedByteCount = 0
    private var lastSequence: UInt32 = 0
    private var lastArrivedAt = 0.0
    private var lastAcknowledgedAt = 0.0
    private var isChanged = false
    private var viewSequence: UInt32 = 0

    /// - Parameter decodes: false: chunks are acknowledged and dropped, as a load needs it.
    init(decodes: Bool) { self.decodes = decodes }

    /// Takes a message of the client path.
    ///
    /// - Returns: a job for a decoder, if there is one.
    func take(_ message: ServerMessage, connectionByteCount: Int, at now: Double) -> (@Sendable () -> DecodedMessage)? {
        switch message {
        case .geometry(let geometry):
            geometries[geometry.geometry] = GeometryRecord(geometry)
            if decodes { try? scene.addGeometry(geometry) }
        case .chunk(let chunk): return take(chunk, connectionByteCount, now)
        case .recall(let recall):
            recalledCount += 1
            (lastSequence, lastArrivedAt) = (recall.sequence, now)
            unacknowledgedByteCount += 1
        case .settled(let settled):
            if settled.view == viewSequence { settledAt = now }
        default: break
        }
        return nil
    }

    private func take(_ chunk: Wire.Chunk, _ connectionByteCount: Int, _ now: Double) -> (
        @Sendable () -> DecodedMessage
    )? {
        let byteCount = chunk.payload.count + 10
        (lastSequence, lastArrivedAt) = (chunk.sequence, now)
        unacknowledgedByteCount += byteCount
        arrivalOfChunk[chunk.chunk] = arrivals.count
        arrivals.append(
            Arrival(
                time: now, byteCount: connectionByteCount, chunk: chunk.chunk, kind: chunk.kind,
                chunkByteCount: byteCount, residentAt: nil))
        guard decodes else { return nil }
        backlogByteCount += byteCount
        let known = geometries
        return { DecodedMessage.decode(chunk, geometries: known) }
    }

    /// A new view: what was sent before says nothing about it.
    func viewChanged(to sequence: UInt32) {
        viewSequence = sequence
        settledAt = nil
        isChanged = true
    }

    /// What to say to the server, if it is time.
    ///
    /// - Parameter isIdle: nothing more is waiting to be read.
    func acknowledgement(at now: Double) -> [UInt8]? {
        guard unacknowledgedByteCount > 0,
            unacknowledgedByteCount >= MeshIntake.acknowledgedByteCount
                || now - max(lastAcknowledgedAt, lastArrivedAt) >= 0
                    && now - lastAcknowledgedAt >= MeshIntake.acknowledgedSeconds
        else { return nil }
        unacknowledgedByteCount = 0
        lastAcknowledgedAt = now
        let rate = decodeSeconds.isEmpty ? 0 : Double(decodedByteCount) / max(decodeSeconds.reduce(0, +), 1e-6)
        return Wire.Acknowledge(
            sequence: lastSequence, holdMicroseconds: UInt32(clamping: Int((now - lastArrivedAt) * 1e6)),
            backlogByteCount: UInt32(clamping: backlogByteCount),
            decodeBytesPerSecond: UInt32(clamping: Int(min(rate, 4e9)))
        ).encode()
    }

    /// Takes what a decoder made.
    func take(_ result: DecodedMessage, seconds: Double, at now: Double) {
        var chunk: UInt32?
        do throws(SceneError) {
            switch result {
            case .nodes(let id, let nodes):
                chunk = id
                for (header, gpuByteCount) in nodes {
                    chunkOfNode[header.node] = id
                    try scene.addNode(header, chunk: id, gpuByteCount: UInt32(clamping: gpuByteCount))
                }
            case .sector(let id, let header, let instances):
                chunk = id
                try scene.addSector(header, instances: instances)
                drawnChunks.insert(id)
            case .texture(let id):
                chunk = id
                drawnChunks.insert(id)
            case .damaged(let id, _, let reason):
                chunk = id
                damages.append(reason)
            case .picture: return
            }
        } catch {
            damages.append("\(error)")
        }
        isChanged = true
        decodeSeconds.append(seconds)
        guard let chunk, let index = arrivalOfChunk[chunk] else { return }
        backlogByteCount -= arrivals[index].chunkByteCount
        decodedByteCount += arrivals[index].chunkByteCount
        arrivals[index].residentAt = now
    }

    /// Draws, if anything has changed: selects, notes what is used, evicts.
    ///
    /// - Returns: what to say to the server.
    func draw(_ view: ViewState, thresholdPixels: Double, at now: Double) -> [UInt8]? {
        guard decodes, isChanged, scene.select(view, thresholdPixels: thresholdPixels) else { return nil }
        isChanged = scene.statistics.isThresholdMoving
        for draw in scene.draws {
            if let chunk = chunkOfNode[draw.node] { drawnChunks.insert(chunk) }
        }
        let facts = scene.statistics
        let isWhole = facts.boxCount == 0 && facts.triangleCount > 0
        selections.append(
            Selection(
                time: now, largestErrorPixels: facts.largestErrorPixels, triangleCount: Int(facts.triangleCount),
                isWhole: isWhole))
        if firstPicture == nil, isWhole, let arrival = arrivals.lastIndex(where: { $0.residentAt != nil }) {
            firstPicture = (now, arrival)
        }
        let evicted = scene.evict()
        return evicted.isEmpty ? nil : Wire.Evicted(chunks: evicted).encode()
    }

    /// Bytes of node chunks that no selection ever drew, and of all node chunks.
    var waste: (byteCount: Int, ofByteCount: Int) {
        let nodes = arrivals.filter { $0.kind == ChunkKind.nodes.rawValue }
        let wasted = nodes.filter { !drawnChunks.contains($0.chunk) }
        return (wasted.reduce(0) { $0 + $1.chunkByteCount }, nodes.reduce(0) { $0 + $1.chunkByteCount })
    }
}
