// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Bytes that arrived and wait to be read. What was read is skipped, not moved: reading many small things costs no more
/// than their bytes.
struct Inbox {
    private var bytes: [UInt8] = []
    private var readCount = 0

    var count: Int { bytes.count - readCount }
    var isEmpty: Bool { count == 0 }

    /// What was not read yet. Indices count from the storage's beginning, as slices' do.
    var unread: ArraySlice<UInt8> { bytes[readCount...] }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        // Only what is left moves, and only when at least as much was read: each byte moves once at most, on average.
        if readCount > 0, readCount >= count {
            bytes.removeFirst(readCount)
            readCount = 0
        }
        bytes.append(contentsOf: new)
    }

    /// Skips the next bytes.
    mutating func skip(_ count: Int) {
        precondition(0...self.count ~= count, "only what has arrived can be read")
        readCount += count
        if readCount == bytes.count { removeAll() }
    }

    /// Takes everything.
    mutating func takeAll() -> [UInt8] {
        defer { removeAll() }
        return Array(unread)
    }

    mutating func removeAll() {
        // A buffer that one burst made large is not kept for an idle connection.
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4096)
        readCount = 0
    }
}
