// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import StreamCore
import TestSupport
import Testing

@testable import ModelStorage

/// Bytes that every version of the program must read, because archives hold them.
@Suite struct GoldenSectorTests {
    /// SmallArchive's second sector: header, table size, zlib stream.
    static let sector = """
        0100000000000000ffffffff 0000000000000000
        000000000000f0bf00000000000000c000000000000008c0 000000000000104000000000000014400000000000001840
        0000000002000000 70000000
        78da636040004628666068b067400184f810704128d991012ff8b01f00ddf50575
        """

    @Test func `a stored sector chunk is still read`() throws {
        let folder = TemporaryFolder()
        var chunks = SmallArchive.chunks
        chunks[1].bytes = [UInt8](hex: Self.sector)
        try SmallArchive.write(folder.file("a"), chunks: chunks)
        #expect(try Archive(path: folder.file("a")).instances(inSector: 1) == SmallArchive.instances)
        // The compressed part may differ from one zlib to the next; what is in front of it may not.
        #expect(SmallArchive.chunks[1].bytes.prefix(80) == chunks[1].bytes.prefix(80))
    }
}
