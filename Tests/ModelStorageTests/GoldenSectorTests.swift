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
        GOLDEN
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
