// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// The only places of the glTF importer that touch raw memory; each is bounds-checked.
enum GLTFBytes {
    /// A plain number of `bytes`, little endian like every machine we run on; the offset is checked by `RawSpan`.
    @inline(__always)
    static func load<Scalar: BitwiseCopyable>(
        _ bytes: borrowing RawSpan, at offset: Int, as type: Scalar.Type
    ) -> Scalar {
        // Unsafe only for types with invalid bit patterns; all callers load integers and floats.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    }

    static func copy(_ bytes: RawSpan) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    /// Copies the first `count` elements of `block` to `array`, from element `start` on.
    static func write<Element: BitwiseCopyable>(
        _ block: [Element], count: Int, to array: LargeArray<Element>, at start: Int
    ) {
        precondition(start >= 0 && count >= 0 && count <= block.count && start + count <= array.count)
        unsafe array.withUnsafeMutableBuffer { destination in
            for index in 0..<count { unsafe destination[start + index] = block[index] }
        }
    }

    /// 3 when `bytes` start with the UTF-8 byte order mark, else 0.
    static func byteOrderMarkLength(_ bytes: RawSpan) -> Int {
        guard bytes.byteCount >= 3 else { return 0 }
        let isMark =
            load(bytes, at: 0, as: UInt8.self) == 0xEF && load(bytes, at: 1, as: UInt8.self) == 0xBB
            && load(bytes, at: 2, as: UInt8.self) == 0xBF
        return isMark ? 3 : 0
    }
}

/// A range of a mapped file or of bytes in memory, shared without copying.
struct GLTFByteSlice {
    private enum Storage {
        case file(MappedFile)
        case memory([UInt8])
    }

    private let storage: Storage
    private let range: Range<Int>

    init(_ file: MappedFile, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= file.byteCount)
        storage = .file(file)
        self.range = range
    }

    init(_ bytes: [UInt8]) {
        storage = .memory(bytes)
        range = 0..<bytes.count
    }

    private init(storage: Storage, range: Range<Int>) {
        self.storage = storage
        self.range = range
    }

    var count: Int { range.count }

    /// `byteCount` bytes from `offset` on, or nil where they are not all there.
    func slice(from offset: Int, byteCount: Int) -> GLTFByteSlice? {
        guard offset >= 0, byteCount >= 0, offset <= count, byteCount <= count - offset else {
            return nil
        }
        let start = range.lowerBound + offset
        return GLTFByteSlice(storage: storage, range: start..<start + byteCount)
    }

    func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch storage {
        case .file(let file): try body(file.bytes.extracting(range))
        case .memory(let bytes): try body(unsafe bytes.span.bytes.extracting(range))
        }
    }

    func copied() -> [UInt8] { withBytes { GLTFBytes.copy($0) } }
}
