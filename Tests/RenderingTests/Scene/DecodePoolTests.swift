// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ModelStorage
import StreamCore
import Synchronization
import Testing

@testable import Rendering

@Suite("A decode pool") struct DecodePoolTests {
    private static func decoder(_ model: TestModel) -> ChunkDecoder {
        ChunkDecoder(archive: model.archive, contents: ChunkContents(model.archive.index))
    }

    /// Waits for results, in the order in which they come.
    private static func results(_ pool: DecodePool, _ client: Int, count: Int) -> [DecodePool.Result] {
        var results: [DecodePool.Result] = []
        for _ in 0..<20_000 where results.count < count {
            results += pool.takeResults(of: client, byteLimit: .max)
            pauseBriefly()
        }
        return results
    }

    private static func requests(_ chunks: some Sequence<Int>) -> [Int] {
        Array(chunks)
    }

    @Test("decodes all that is asked, the best first, and tells of each") func order() throws {
        let model = try TestModel.stone.get()
        let count = Mutex(0)
        let pool = DecodePool(threadCount: 1) { count.withLock { $0 += 1 } }
        let client = pool.addClient(Self.decoder(model))
        let chunks = Array(model.archive.index.chunks.indices.reversed())
        pool.replaceRequests(of: client, by: Self.requests(chunks))
        let results = Self.results(pool, client, count: chunks.count)
        #expect(results.map(\.chunk) == chunks)
        #expect(count.withLock { $0 } == chunks.count)
        var nodes: Set<UInt32> = []
        for case .nodes(let decoded) in results.map(\.content) { nodes.formUnion(decoded.map(\.mesh.node)) }
        #expect(nodes.count == model.archive.index.nodes.count)
        #expect(pool.openCount(of: client) == 0 && !pool.hasResults(of: client))
    }

    @Test("decodes only what the newest list names") func replacement() throws {
        let model = try TestModel.stone.get()
        let pool = DecodePool(threadCount: 1)
        let client = pool.addClient(Self.decoder(model))
        let chunks = model.archive.index.chunks.indices
        pool.replaceRequests(of: client, by: Self.requests(chunks))
        pool.replaceRequests(of: client, by: Self.requests([chunks.last!]))
        var seen: [Int] = []
        while pool.openCount(of: client) > 0 { pauseBriefly() }
        seen = pool.takeResults(of: client, byteLimit: .max).map(\.chunk)
        // What had begun is finished.
        #expect(seen.last == chunks.last && seen.count <= chunks.count / 2 + 1)
        // What is asked twice is decoded once while its result waits.
        pool.replaceRequests(of: client, by: Self.requests([3]))
        while !pool.hasResults(of: client) { pauseBriefly() }
        pool.replaceRequests(of: client, by: Self.requests([3, 4]))
        #expect(Self.results(pool, client, count: 2).map(\.chunk) == [3, 4])
    }

    @Test("hands out results up to a number of bytes, at least one") func byteLimit() throws {
        let model = try TestModel.stone.get()
        let pool = DecodePool(threadCount: 2)
        let client = pool.addClient(Self.decoder(model))
        pool.replaceRequests(of: client, by: Self.requests(model.archive.index.chunks.indices))
        while pool.openCount(of: client) > 0 { pauseBriefly() }
        var total = 0
        while pool.hasResults(of: client) {
            let part = pool.takeResults(of: client, byteLimit: 1)
            #expect(!part.isEmpty && part.dropLast().allSatisfy { $0.content.byteCount == 0 })
            total += part.count
        }
        #expect(total == model.archive.index.chunks.count)
    }

    @Test("lets scenes take turns") func turns() throws {
        let model = try TestModel.stone.get()
        let decoder = Self.decoder(model)
        let pool = DecodePool(threadCount: 1)
        let (first, second) = (pool.addClient(decoder), pool.addClient(decoder))
        let chunks = Self.requests(model.archive.index.chunks.indices)
        pool.replaceRequests(of: first, by: chunks)
        pool.replaceRequests(of: second, by: Array(chunks.prefix(3)))
        while pool.openCount(of: second) > 0 { pauseBriefly() }
        #expect(pool.openCount(of: first) > 0)
        pool.removeClient(first)
        #expect(pool.openCount(of: first) == 0 && Self.results(pool, second, count: 3).count == 3)
    }

    @Test("tells sectors, textures and damage apart") func contents() throws {
        let model = try TestModel.glass.get()
        let index = model.archive.index
        let level = Int(try #require(index.textures.first?.levelChunks.first))
        let decoder = Self.decoder(model)
        guard case .texture(let texture) = decoder.decode(level) else {
            Issue.record("no texture")
            return
        }
        #expect(texture.width == 512 && texture.height == 512 && texture.level == 0 && texture.isColor)
        #expect(texture.pixels.count == 512 * 512 * 4 && texture.levelCount == index.textures[0].levelChunks.count)
        // As the picture was made; PNG keeps it.
        #expect(Array(texture.pixels[4 * 513..<4 * 514]) == [UInt8(truncatingIfNeeded: 513 * 7), 1, 90, 255])
        guard case .sector(let header, let instances) = decoder.decode(Int(index.sectors[0].chunk))
        else {
            Issue.record("no sector")
            return
        }
        #expect(header.instanceCount == 3 && instances.count == 3)
        // No plan is made of damaged sectors.
        for chunk in index.chunks.indices where index.chunks[chunk].kind != .sector {
            let damaged = try model.damaged(chunks: [chunk])
            guard case .damaged = Self.decoder(damaged).decode(chunk) else {
                Issue.record("chunk \(chunk) passes for whole")
                return
            }
        }
    }
}
