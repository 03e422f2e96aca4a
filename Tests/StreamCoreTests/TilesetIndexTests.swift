// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport
import Testing

@Suite struct TilesetIndexTests {
    static func decode(_ bytes: [UInt8]) throws(ChunkError) -> TilesetIndex {
        try TilesetIndex(decoding: bytes.rawSpan)
    }

    /// The field that is refused after `change`.
    static func refusal(_ change: (inout TilesetIndex) -> Void) -> ChunkField? {
        var index = SmallTileset.index
        change(&index)
        guard case .invalid(let field, _) = chunkError({ _ = try decode(index.encode()) }) else { return nil }
        return field
    }

    @Test func `an index round-trips, and damage never traps`() {
        expectDecoderProperties(SmallTileset.index, rounds: 3000, encode: { $0.encode() }, decode: Self.decode)
        var least = TilesetIndex()
        least.chunks = [ChunkRecord(kind: .sector, offset: 0, byteCount: 1, hash: SIMD16())]
        least.sectors = [
            SectorRecord(
                parent: nil, children: [], bounds: Bounds(minimum: .zero, maximum: .zero), chunk: 0, instanceCount: 0,
                proxyNode: nil, proxyError: 0, triangleCount: 0)
        ]
        expectDecoderProperties(least, rounds: 2000, encode: { $0.encode() }, decode: Self.decode)
    }

    @Test func `bytes after the last table are refused`() {
        let bytes = SmallTileset.index.encode()
        #expect(chunkError { _ = try Self.decode(bytes + [0]) } == .trailingBytes(offset: bytes.count))
    }

    @Test func `hostile counts are refused before anything is allocated`() {
        let index = SmallTileset.index
        let nodes = 4 + 29 * index.chunks.count
        for place in [0, nodes] {
            var bytes = index.encode()
            for byte in place..<place + 4 { bytes[byte] = 0xff }
            #expect(chunkError { _ = try Self.decode(bytes) } == .invalid(field: .count, offset: place))
        }
        var bytes = index.encode()
        let firstList = nodes + 4 + 57
        bytes[firstList + 3] = 0x7f
        #expect(chunkError { _ = try Self.decode(bytes) } == .invalid(field: .count, offset: firstList))
    }

    @Test func `unknown chunk kinds are refused`() {
        for kind: UInt8 in [0, 4, 255] {
            var bytes = SmallTileset.index.encode()
            bytes[4] = kind
            #expect(chunkError { _ = try Self.decode(bytes) } == .invalid(field: .chunkRange, offset: 5))
        }
    }

    @Test func `nodes must name a geometry and bytes of a chunk of nodes`() {
        #expect(Self.refusal { $0.nodes[2].geometry = 2 } == .nodeOrder)
        #expect(Self.refusal { $0.nodes[2].geometry = 1 } == .nodeOrder)
        #expect(Self.refusal { $0.nodes[2].chunk = 9 } == .indexReference)
        #expect(Self.refusal { $0.nodes[2].chunk = 1 } == .indexReference)
        #expect(Self.refusal { $0.nodes[2].offset = 11 } == .chunkRange)
        #expect(
            Self.refusal {
                $0.nodes[2].offset = .max
                $0.nodes[2].byteCount = .max
            } == .chunkRange)
    }

    @Test func `numbers that are no distance, box or grid are refused`() {
        for bad in [Float.nan, -1] {
            #expect(Self.refusal { $0.nodes[1].error = bad } == .nodeError)
            #expect(Self.refusal { $0.nodes[1].rmsError = bad } == .nodeError)
        }
        #expect(Self.refusal { $0.nodes[1].extent.y = -1 } == .nodeBox)
        #expect(Self.refusal { $0.nodes[1].extent.y = 1 << 28 } == .nodeBox)
        #expect(Self.refusal { $0.nodes[1].origin.x = 1 << 28 } == .nodeBox)
        #expect(Self.refusal { $0.nodes[1].origin.x = .min } == .nodeBox)
        for bad in [0, -1, 3, 0.3, Double.nan, .infinity] {
            #expect(Self.refusal { $0.geometries[0].grid.step = bad } == .grid)
            #expect(Self.refusal { $0.geometries[0].coordinateStep = bad } == .grid)
        }
        for bad in [Double.nan, -1] { #expect(Self.refusal { $0.sectors[1].proxyError = bad } == .sectorBox) }
        #expect(Self.refusal { $0.sectors[1].bounds.maximum.z = .infinity } == .sectorBox)
    }

    @Test func `numbers that nothing could be computed with are refused`() {
        #expect(Self.refusal { $0.nodes[1].triangleCount = 1 << 20 + 1 } == .triangleCount)
        #expect(Self.refusal { $0.nodes[1].vertexCount = .max } == .vertexCount)
        // Each by itself is allowed, not their sum.
        #expect(
            Self.refusal {
                $0.nodes[1].origin.x = 1 << 28 - 1
                $0.nodes[1].extent.x = 1
            } == .nodeBox)
        for bad in [0x1p-121, 0x1p51] { #expect(Self.refusal { $0.geometries[0].grid.step = bad } == .grid) }
        #expect(Self.refusal { $0.geometries[0].grid.step = 0x1p45 } == .grid, "its nodes reach too far")
        for bad in [0x1p-61, 0x1p21] { #expect(Self.refusal { $0.geometries[0].coordinateStep = bad } == .grid) }
        #expect(Self.refusal { $0.geometries[0].triangleCount = .max } == .triangleCount)
        #expect(Self.refusal { $0.sectors[1].triangleCount = .max } == .triangleCount)
        #expect(Self.refusal { $0.sectors[0].proxyError = 0x1p51 } == .sectorBox)
        #expect(Self.refusal { $0.sectors[0].bounds.maximum.x = 0x1p51 } == .sectorBox)
        #expect(Self.refusal { $0.sectors[0].bounds.minimum.x = 2 } == .sectorBox, "smallest above largest")
        for bad: UInt32 in [0, .max, 1 << 16] { #expect(Self.refusal { $0.textures[0].width = bad } == .textureLevel) }
        #expect(
            Self.refusal {
                $0.textures[0].width = 1 << 14
                $0.textures[0].height = 1 << 14
            } == .textureLevel)
        #expect(Self.refusal { ($0.textures[0].width, $0.textures[0].height) = (1, 1) } == .textureLevel)
    }

    @Test func `more instances than a chunk can hold are refused before room is made for them`() {
        #expect(Self.refusal { $0.sectors[3].instanceCount = 800 } == nil)
        for count: UInt32 in [801, 1 << 31, .max] {
            #expect(Self.refusal { $0.sectors[3].instanceCount = count } == .instanceCount)
        }
    }

    @Test func `chunks and payloads that share bytes are refused`() {
        #expect(Self.refusal { $0.chunks[2].offset -= 1 } == .chunkRange)
        #expect(Self.refusal { $0.chunks.swapAt(2, 3) } == .chunkRange)
        #expect(Self.refusal { $0.chunks[6].byteCount = .max } == .chunkRange)
        #expect(Self.refusal { $0.chunks[6].offset = .max } == .chunkRange)
        #expect(Self.refusal { $0.nodes[2].offset -= 11 } == .chunkRange)
        #expect(Self.refusal { $0.nodes[2].byteCount = 66 } == .chunkRange)
    }

    @Test func `errors and levels must fall from parents to children`() {
        #expect(Self.refusal { $0.nodes[3].error = 0.75 } == .nodeError)
        #expect(Self.refusal { $0.nodes[3].error = .infinity } == .nodeError)
        #expect(Self.refusal { $0.nodes[0].error = 5 } == .nodeError, "a root")
        #expect(Self.refusal { $0.nodes[3].level = 2 } == .nodeOrder)
        #expect(Self.refusal { $0.sectors[3].proxyError = 1 } == .indexReference)
    }

    @Test func `sectors that nest without end are refused`() {
        func nested(_ count: UInt32) -> ChunkField? {
            Self.refusal { index in
                index.chunks = [index.chunks[0]]
                index.textures = []
                for number in 0..<UInt64(count) {
                    index.chunks.append(
                        ChunkRecord(kind: .sector, offset: 70_000 + 100 * number, byteCount: 100, hash: SIMD16()))
                }
                index.sectors = (0..<count).map { number in
                    SmallTileset.sector(
                        number == 0 ? nil : number - 1, number + 1 < count ? [number + 1] : [], chunk: number + 1,
                        proxy: nil)
                }
            }
        }
        #expect(nested(65) == nil)
        #expect(nested(66) == .sectorDepth)
    }

    @Test func `geometries must own all nodes in order`() {
        #expect(Self.refusal { $0.geometries[1].firstNode = 6 } == .nodeOrder)
        #expect(Self.refusal { $0.geometries[0].firstNode = 1 } == .nodeOrder)
        #expect(Self.refusal { $0.geometries[1].nodeCount = 2 } == .nodeOrder)
        #expect(Self.refusal { $0.geometries[1].nodeCount = 0 } == .nodeOrder)
        #expect(
            Self.refusal {
                $0.geometries[0].nodeCount = .max
                $0.geometries[1].firstNode = .max
            } == .nodeOrder)
    }

    @Test func `links between nodes must agree in both directions, each once`() {
        let broken: [(inout TilesetIndex) -> Void] = [
            { $0.nodes[6].parents = [] }, { $0.nodes[3].parents = [1] }, { $0.nodes[3].children = [] },
            { $0.nodes[3].parents = [1, 3] }, { $0.nodes[3].parents = [1, 4] }, { $0.nodes[3].parents = [1, 99] },
            { $0.nodes[3].children = [6, 99] }, { $0.nodes[3].children = [2] }, { $0.nodes[3].children = [6, 6] },
            // The numbers of links agree, but node 2 is nobody's child.
            { $0.nodes[0].children = [1, 1] },
            // Twice in both directions.
            {
                $0.nodes[3].children = [6, 6]
                $0.nodes[6].parents = [3, 3]
            },
            // Across geometries.
            {
                $0.nodes[6].children = [7]
                $0.nodes[7].parents = [6]
            },
        ]
        for (number, change) in broken.enumerated() {
            #expect(Self.refusal(change) == .nodeOrder, "change \(number)")
        }
    }

    @Test func `sectors must be one tree whose links agree`() {
        let broken: [(inout TilesetIndex) -> Void] = [
            { $0.sectors = [] }, { $0.sectors[0].chunk = 0 }, { $0.sectors[0].chunk = 9 },
            { $0.sectors[1].chunk = 1 },
            { $0.sectors[0].parent = 0 }, { $0.sectors[1].parent = nil }, { $0.sectors[1].parent = 1 },
            { $0.sectors[1].parent = 2 }, { $0.sectors[3].parent = 0 }, { $0.sectors[0].children = [1] },
            { $0.sectors[0].children = [1, 2, 9] }, { $0.sectors[0].children = [1, 2, 0] },
            { $0.sectors[0].children = [1, 1, 2] },
            // A second parent.
            { $0.sectors[0].children = [1, 2, 3] },
            { $0.sectors[1].children = [3] },
            // Proxies must be nodes of a proxy geometry.
            { $0.sectors[0].proxyNode = 0 }, { $0.sectors[0].proxyNode = 8 },
        ]
        for (number, change) in broken.enumerated() {
            #expect(Self.refusal(change) == .indexReference, "change \(number)")
        }
    }

    @Test func `texture levels must name chunks of texture levels`() {
        #expect(Self.refusal { $0.textures[0].levelChunks = [0] } == .indexReference)
        #expect(Self.refusal { $0.textures[0].levelChunks = [3] } == .indexReference)
        #expect(Self.refusal { $0.textures[0].levelChunks = [5, 5] } == .indexReference)
        #expect(Self.refusal { $0.textures[0].levelChunks = [] } == nil)
    }

    @Test func `many links are checked in little time`() throws {
        // One node under 20,000 roots: looking each link up in the other's list would take 400 million steps.
        var index = SmallTileset.index
        let count = 20_000
        index.nodes = (0..<count).map {
            SmallTileset.node(0, place: $0, level: 1, parents: [], children: [UInt32(count)], error: .infinity)
        }
        index.nodes.append(
            SmallTileset.node(
                0, place: count, level: 0, parents: (0..<UInt32(count)).map { $0 }, children: [], error: 1))
        index.chunks = SmallTileset.chunks(nodeCount: count + 1)
        index.geometries = [SmallTileset.geometry(0, UInt32(count + 1), isProxy: false)]
        index.sectors = [SmallTileset.sector(nil, [], chunk: 1, proxy: nil)]
        let bytes = index.encode()
        let duration = try ContinuousClock().measure { _ = try Self.decode(bytes) }
        #expect(duration < .seconds(10))
    }
}

@Suite struct CutTests {
    let index = SmallTileset.index
    var geometry: GeometryRecord { index.geometries[0] }

    /// Every way to answer for seven nodes.
    func allSets() -> [(Int) -> Bool] { (0..<128).map { bits in { bits >> $0 & 1 == 1 } } }

    @Test func `the coarsest cut is the roots`() {
        let cut = Cut(of: geometry, in: index)
        #expect(geometry.nodes.filter(cut.contains) == [0] && cut.isClosed(in: index))
    }

    @Test func `cuts are closed by construction, and hold what was asked for`() {
        for wants in allSets() {
            let willing = Cut(of: geometry, in: index, where: wants)
            #expect(willing.isClosed(in: index) && willing.contains(0))
            for node in 1..<7 {
                let mayBe = SmallTileset.parents[node].allSatisfy { willing.contains(Int($0)) }
                #expect(willing.contains(node) == (mayBe && wants(node)))
            }
            let needing = Cut(of: geometry, in: index, containing: wants)
            #expect(needing.isClosed(in: index) && needing.contains(0))
            for node in 1..<7 {
                let isNeeded = wants(node) || index.nodes[node].children.contains { needing.contains(Int($0)) }
                #expect(needing.contains(node) == isNeeded)
            }
        }
    }

    /// Patches of a node: one for each child and one that is final. Following a point of the surface from the root down,
    /// exactly one patch on its way is drawn.
    @Test func `every cut draws each piece of surface once`() {
        func ways(_ node: UInt32) -> [[(node: Int, child: UInt32?)]] {
            let own: [[(node: Int, child: UInt32?)]] = [[(Int(node), nil)]]
            return own
                + index.nodes[Int(node)].children.flatMap { child in ways(child).map { [(Int(node), child)] + $0 } }
        }
        #expect(ways(0).count == 9)
        for wants in allSets() {
            for cut in [Cut(of: geometry, in: index, where: wants), Cut(of: geometry, in: index, containing: wants)] {
                for way in ways(0) { #expect(way.count { cut.draws($0.node, child: $0.child) } == 1) }
            }
        }
    }

    @Test func `an error on the screen shrinks with distance, down to the nearest distance`() {
        let view = ScreenSpaceError(eye: Double3(0, 0, 10), pixelsPerRadian: 500, nearestDistance: 0.5)
        let box = Bounds(minimum: Double3(-1, -1, -1), maximum: Double3(1, 1, 0))
        #expect(view.pixels(0.1, at: box) == 5)
        #expect(view.pixels(.infinity, at: box) == .infinity)
        var inside = view
        inside.eye = .zero
        #expect(inside.pixels(0.1, at: box) == 100)
    }
}
