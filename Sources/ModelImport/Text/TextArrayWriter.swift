// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// Appends plain values to a `LargeArray` in blocks: the reading loops write into a small Swift array, and whole blocks
/// are copied over. Pages of a spilled array are dropped from memory every 64 MB.
struct ArrayWriter<Element: BitwiseCopyable> {
    let array: LargeArray<Element>
    private let file: String
    private var block: [Element]
    private var used = 0
    private var reserved = 0
    private var flushedCount = 0
    private var unreleasedBytes = 0

    /// - Parameter filler: any value; only fills the unused rest of the block.
    init(_ array: LargeArray<Element>, filler: Element, file: String) {
        self.array = array
        self.file = file
        block = [Element](repeating: filler, count: 4096)
    }

    var count: Int { flushedCount + used }

    /// Room for `count` elements in all; only for counts already checked against the file's size.
    mutating func reserve(_ count: Int) throws(ImportError) {
        do throws(FileError) { try array.reserve(count) } catch { throw ImportError(error, file: file) }
        reserved = max(reserved, count)
    }

    @inline(__always) mutating func append(_ element: Element) throws(ImportError) {
        if used == block.count { try flush() }
        block[used] = element
        used += 1
    }

    /// Three at once, with one check.
    @inline(__always) mutating func append(_ a: Element, _ b: Element, _ c: Element)
        throws(ImportError)
    {
        if used + 3 > block.count { try flush() }
        block[used] = a
        block[used + 1] = b
        block[used + 2] = c
        used += 3
    }

    mutating func append(repeating element: Element, count: Int) throws(ImportError) {
        for _ in 0..<count { try append(element) }
    }

    mutating func append(contentsOf elements: Span<Element>) throws(ImportError) {
        for index in elements.indices { try append(elements[index]) }
    }

    /// Copies what is left over and gives the array back, `count` elements long.
    mutating func finish() throws(ImportError) -> LargeArray<Element> {
        try flush()
        return array
    }

    mutating func flush() throws(ImportError) {
        guard used > 0 else { return }
        let start = flushedCount
        let end = start + used
        if end > reserved { try reserve(max(end, reserved + reserved / 2)) }
        do throws(FileError) { try array.resize(end) } catch { throw ImportError(error, file: file) }
        unsafe array.withUnsafeMutableBuffer { target in
            unsafe block.withUnsafeBufferPointer { source in
                for index in 0..<used { unsafe target[start + index] = source[index] }
            }
        }
        flushedCount = end
        unreleasedBytes += used * MemoryLayout<Element>.stride
        used = 0
        if unreleasedBytes >= 64 << 20 {
            array.releaseResidentPages()
            unreleasedBytes = 0
        }
    }
}

extension ImportOptions {
    /// A writer to an array that is spilled as the policy says; see `SpillPolicy.makeArray`.
    func writer<Element: BitwiseCopyable>(
        filler: Element, expectedTotalBytes: Int, file: String
    ) throws(ImportError) -> ArrayWriter<Element> {
        do throws(FileError) {
            let array = try spill.makeArray(of: Element.self, expectedTotalBytes: expectedTotalBytes)
            return ArrayWriter(array, filler: filler, file: file)
        } catch { throw ImportError(error, file: file) }
    }
}
