// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import ImageCoding
import MeshProcessing
import ModelStorage
import StreamCore

/// Whether an archive is whole: what has to be known before a file from somebody else is served.
extension ArchiveVerification {
    /// Reads every chunk, compares it with its hash, decodes all that is in it and compares that with the index. Memory
    /// is bounded by the largest chunk for each thread. Blocks.
    ///
    /// - Parameters:
    ///   - progress: called on this thread with the share done, after every few megabytes.
    ///   - isCancelled: asked as often; the report then is of what was looked at.
    /// - Returns: a report without cuts; no problems: the archive is whole. Fifty problems are enough to stop.
    package mutating func checkContents(
        progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) -> Report {
        report.geometryCount = archive.index.geometries.count
        checkChunks(decodesNodes: true, progress: progress, isCancelled: isCancelled)
        return report
    }

    /// - Parameter decodesNodes: false: somebody else will.
    mutating func checkChunks(
        decodesNodes: Bool, progress: (Double) -> Void, isCancelled: () -> Bool
    ) {
        let content = ChunkUses(archive.index, hasNodes: decodesNodes)
        let chunks = archive.index.chunks
        var next = 0
        while next < chunks.count, !hasManyProblems {
            if isCancelled() { return }
            let batch = ArchiveVerification.batch(chunks, from: next)
            let archive = archive
            let outcomes = parallelMap(count: batch.count, threads: threads) { offset in
                ChunkOutcome(archive, batch.lowerBound + offset, content)
            }
            for outcome in outcomes { add(outcome) }
            next = batch.upperBound
            progress(Double(chunks[next - 1].offset) / Double(archive.byteCount))
        }
        guard next == chunks.count else { return }
        if report.instanceCount != archive.description.instanceCount {
            add("\(report.instanceCount) instances are placed, \(archive.description.instanceCount) are announced")
        }
    }

    /// Chunks of some megabytes together, at least one.
    private static func batch(_ chunks: [ChunkRecord], from first: Int) -> Range<Int> {
        var end = first
        var bytes = 0
        while end < chunks.count, end - first < 256, end == first || bytes + Int(chunks[end].byteCount) <= 8 << 20 {
            bytes += Int(chunks[end].byteCount)
            end += 1
        }
        return first..<end
    }

    private mutating func add(_ outcome: ChunkOutcome) {
        report.chunkCount += 1
        report.nodeCount += outcome.nodeCount
        report.instanceCount += outcome.instanceCount
        report.textureLevelCount += outcome.textureLevelCount
        for problem in outcome.problems { add(problem) }
    }
}

/// What each chunk is for, by the index.
private struct ChunkUses: Sendable {
    enum Use: Sendable {
        case nothing
        case nodes(Range<Int>)
        case sector(Int)
        /// A texture, and the place among its stored levels.
        case textureLevel(Int, Int)
    }

    private(set) var uses: [Use]
    /// Node numbers by chunk.
    private(set) var nodes: [UInt32] = []

    init(_ index: TilesetIndex, hasNodes: Bool) {
        uses = Array(repeating: .nothing, count: index.chunks.count)
        for (number, sector) in index.sectors.enumerated() { uses[Int(sector.chunk)] = .sector(number) }
        for (number, texture) in index.textures.enumerated() {
            for (position, chunk) in texture.levelChunks.enumerated() {
                uses[Int(chunk)] = .textureLevel(number, position)
            }
        }
        if hasNodes { addNodes(index) }
    }

    private mutating func addNodes(_ index: TilesetIndex) {
        nodes = (0..<UInt32(index.nodes.count)).sorted {
            (index.nodes[Int($0)].chunk, $0) < (index.nodes[Int($1)].chunk, $1)
        }
        var first = 0
        while first < nodes.count {
            let chunk = index.nodes[Int(nodes[first])].chunk
            let end = nodes[first...].firstIndex { index.nodes[Int($0)].chunk != chunk } ?? nodes.count
            uses[Int(chunk)] = .nodes(first..<end)
            first = end
        }
    }
}

/// What looking at one chunk has found.
private struct ChunkOutcome: Sendable {
    private(set) var nodeCount = 0
    private(set) var instanceCount = 0
    private(set) var textureLevelCount = 0
    private(set) var problems: [String] = []

    init(_ archive: Archive, _ chunk: Int, _ content: ChunkUses) {
        switch content.uses[chunk] {
        case .nothing: checkBytes(archive, chunk)
        case .nodes(let range): checkNodes(archive, chunk, content.nodes[range])
        case .sector(let sector): checkSector(archive, sector)
        case .textureLevel(let texture, let position): checkTexture(archive, chunk, texture, position)
        }
    }

    private mutating func checkBytes(_ archive: Archive, _ chunk: Int) {
        do { _ = try archive.chunkBytes(chunk) } catch { problems.append("chunk \(chunk): \(error)") }
    }

    private mutating func checkNodes(_ archive: Archive, _ chunk: Int, _ nodes: ArraySlice<UInt32>) {
        let bytes: [UInt8]
        do { bytes = try archive.chunkBytes(chunk) } catch {
            problems.append("chunk \(chunk): \(error)")
            return
        }
        for node in nodes {
            nodeCount += 1
            do throws(NodeCodingError) {
                _ = try archive.decodeNode(Int(node), ofChunk: bytes.rawSpan)
            } catch {
                problems.append("node \(node): \(error)")
            }
        }
    }

    private mutating func checkSector(_ archive: Archive, _ sector: Int) {
        do { instanceCount += try archive.instances(inSector: sector).count } catch {
            problems.append("sector \(sector): \(error)")
        }
    }

    private mutating func checkTexture(_ archive: Archive, _ chunk: Int, _ texture: Int, _ position: Int) {
        textureLevelCount += 1
        if let problem = ChunkOutcome.problem(archive, texture, position) {
            problems.append("texture \(texture), chunk \(chunk): \(problem)")
        }
    }

    private static func problem(_ archive: Archive, _ texture: Int, _ position: Int) -> String? {
        do {
            let (header, chunk) = try archive.textureLevel(texture, at: position)
            if position > 0, try archive.textureLevel(texture, at: position - 1).header.level >= header.level {
                return "it is not coarser than the level before it"
            }
            let bytes = chunk.rawSpan.extracting(droppingFirst: TextureLevelHeader.byteCount)
            let image = try ImageDecoding.decode(bytes, maximumPixels: header.pixelCount, channelCount: 4)
            guard image.width == header.width, image.height == header.height else {
                return "the image is \(image.width) × \(image.height), not \(header.width) × \(header.height)"
            }
            return nil
        } catch {
            return "\(error)"
        }
    }
}
