// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Where large arrays live: in anonymous memory, or in unlinked files under a directory when a memory limit is set and
/// an array would take a large share of it.
package struct SpillPolicy: Sendable {
    /// Bytes the whole process should stay under; nil: memory is not limited and nothing is spilled.
    package var memoryLimit: Int?
    /// Directory for spilled arrays; must be on a disk, not a memory file system.
    package var directory: String

    package init(memoryLimit: Int? = nil, directory: String) {
        self.memoryLimit = memoryLimit
        self.directory = directory
    }

    package static let inMemory = SpillPolicy(directory: "/var/tmp")

    /// An empty array that is spilled when `expectedTotalBytes`, the estimate for everything kept at the same time,
    /// exceeds a quarter of the limit.
    package func makeArray<Element: BitwiseCopyable>(
        of type: Element.Type, expectedTotalBytes: Int
    ) throws(FileError) -> LargeArray<Element> {
        if let memoryLimit, expectedTotalBytes > memoryLimit / 4 {
            return try LargeArray(spilledTo: directory)
        }
        return LargeArray()
    }
}

/// A growable array of plain values outside the Swift heap: grows without copying (mremap), and can be backed by an
/// unlinked file so that its pages count against the disk instead of memory.
///
/// Appending is for one thread at a time; concurrent reads are safe while nobody appends. Indices are checked.
package final class LargeArray<Element: BitwiseCopyable>: @unchecked Sendable {  // callers separate writing and reading
    // Exclusivity of access is the callers' promise above; checking it at run time costs more than an element.
    @exclusivity(unchecked) package private(set) var count = 0
    private var capacity = 0
    private var mappedByteCount = 0
    @exclusivity(unchecked) private var base: UnsafeMutablePointer<Element>?
    private let descriptor: Int32
    private let path: String

    /// In anonymous memory.
    package init() {
        descriptor = -1
        path = "memory"
    }

    /// In an unlinked file under `directory`.
    package init(spilledTo directory: String) throws(FileError) {
        path = directory
        descriptor = try system("open", directory) { clinux_open_unnamed(directory) }
    }

    deinit {
        if let base { munmap(base, mappedByteCount) }
        if descriptor >= 0 { close(descriptor) }
    }

    package var isSpilled: Bool { descriptor >= 0 }

    /// - Throws: `FileError` (ENOMEM, ENOSPC) when the memory or disk is exhausted; the array is unchanged then.
    package func reserve(_ newCapacity: Int) throws(FileError) {
        guard newCapacity > capacity else { return }
        let stride = MemoryLayout<Element>.stride
        let (wanted, overflow) = newCapacity.multipliedReportingOverflow(by: stride)
        guard !overflow, wanted < 1 << 46 else { throw FileError(path: path, call: "mmap", errno: ENOMEM) }
        let granularity = 1 << 16
        let newByteCount = (wanted + granularity - 1) / granularity * granularity
        if isSpilled {
            let code = posix_fallocate(descriptor, 0, newByteCount)
            if code != 0 { throw FileError(path: path, call: "fallocate", errno: code) }
        }
        let flags = isSpilled ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS
        let map =
            if let base {
                clinux_mremap(base, mappedByteCount, newByteCount)
            } else {
                mmap(nil, newByteCount, PROT_READ | PROT_WRITE, flags, descriptor, 0)
            }
        guard let map, map != MAP_FAILED else { throw FileError(path: path, call: "mmap", errno: errno) }
        base = map.assumingMemoryBound(to: Element.self)
        mappedByteCount = newByteCount
        capacity = newByteCount / stride
    }

    package func append(_ element: Element) throws(FileError) {
        if count == capacity { try reserve(max(4096, capacity + capacity / 2)) }
        base.unsafelyUnwrapped[count] = element
        count += 1
    }

    /// Makes `count` exactly `newCount`; new elements are zero bytes (or what a longer array held there before).
    package func resize(_ newCount: Int) throws(FileError) {
        precondition(newCount >= 0, "a count is not negative")
        try reserve(newCount)
        count = newCount
    }

    /// Empties the array and gives its memory and disk space back at once, whoever else still holds it.
    package func removeAll() {
        if let base { munmap(base, mappedByteCount) }
        if isSpilled { ftruncate(descriptor, 0) }
        base = nil
        (count, capacity, mappedByteCount) = (0, 0, 0)
    }

    package subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "index out of range")
            return base.unsafelyUnwrapped[index]
        }
        set {
            precondition(index >= 0 && index < count, "index out of range")
            base.unsafelyUnwrapped[index] = newValue
        }
    }

    package var span: Span<Element> {
        @_lifetime(borrow self)
        borrowing get {
            let buffer = UnsafeBufferPointer(start: base, count: count)
            return _overrideLifetime(Span(_unsafeElements: buffer), borrowing: self)
        }
    }

    /// The elements as memory; the pointer is valid inside `body` only and while nobody appends.
    package func withUnsafeMutableBuffer<Result, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeMutableBufferPointer(start: base, count: count))
    }

    /// Drops a spilled array's pages from this process (they stay in the file); nothing for an array in memory.
    package func releaseResidentPages() {
        guard isSpilled, let base else { return }
        madvise(base, count * MemoryLayout<Element>.stride, MADV_DONTNEED)
    }
}
