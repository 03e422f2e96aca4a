// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ModelStorage
import Transport

/// A chunk's bytes in the mapping, lent to the connection that writes them; keeps the archive mapped until then.
package final class ChunkSource: ByteSource {
    private let archive: Archive
    private let chunk: Int

    package init(_ archive: Archive, chunk: Int) {
        self.archive = archive
        self.chunk = chunk
    }

    package func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let archive = archive
        let bytes = archive.chunkBytes(chunk).extracting(range)
        return unsafe bytes.withUnsafeBytes { unsafe body($0) }
    }
}
