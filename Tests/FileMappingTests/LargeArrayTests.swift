// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Glibc
import TestSupport
import Testing

@Suite struct LargeArrayTests {
    let folder = TemporaryFolder()

    func arrays<Element: BitwiseCopyable>(of type: Element.Type) throws -> [LargeArray<Element>] {
        [LargeArray(), try LargeArray(spilledTo: folder.path)]
    }

    @Test func `elements keep their values while the array grows`() throws {
        for array in try arrays(of: Int64.self) {
            for value in 0..<200_000 { try array.append(Int64(value * value)) }
            #expect(array.count == 200_000)
            array.releaseResidentPages()
            #expect((0..<200_000).allSatisfy { array[$0] == Int64($0 * $0) })
            array[7] = -1
            #expect(array.span[7] == -1 && array.span.count == 200_000)
        }
        #expect(folder.entries == [], "it has no name")
    }

    @Test func `resizing adds zeros and keeps the front`() throws {
        for array in try arrays(of: Int32.self) {
            try array.append(5)
            try array.resize(100_000)
            #expect(array.count == 100_000 && array[0] == 5)
            #expect((1..<100_000).allSatisfy { array[$0] == 0 })
            try array.resize(1)
            #expect(array.count == 1)
            try array.resize(0)
            #expect(array.span.count == 0)
        }
    }

    @Test func `elements of odd sizes do not overlap`() throws {
        typealias Odd = (UInt8, UInt32, UInt8)
        for array in try arrays(of: Odd.self) {
            for value in 0..<30_000 { try array.append((UInt8(value & 255), UInt32(value), 3)) }
            #expect((0..<30_000).allSatisfy { array[$0].1 == UInt32($0) && array[$0].0 == UInt8($0 & 255) })
        }
    }

    @Test func `more than the machine has is an error, and the array stays as it was`() throws {
        for array in try arrays(of: Int64.self) {
            try array.append(42)
            for capacity in [Int.max, 1 << 43] {
                let error = #expect(throws: FileError.self) { try array.reserve(capacity) }
                #expect(error?.errno == ENOMEM)
            }
            #expect(array.count == 1 && array[0] == 42)
            try array.append(43)
            #expect(array[1] == 43)
        }
    }

    @Test func `an unused array is empty, and a missing directory is an error`() {
        let array = LargeArray<Float>()
        #expect(array.count == 0 && array.span.isEmpty && !array.isSpilled)
        array.releaseResidentPages()
        #expect(throws: FileError(path: "/missing", call: "open", errno: ENOENT)) {
            _ = try LargeArray<Float>(spilledTo: "/missing")
        }
    }

    @Test func `memory is given back with the array`() throws {
        // Together they would need more addresses than a process has.
        for _ in 0..<150_000 { try LargeArray<UInt8>().reserve(1 << 30) }
    }

    @Test func `files are given back with the array`() throws {
        // A process gets its smallest free descriptor; other tests hold a few.
        func nextDescriptor() -> Int32 {
            let descriptor = open("/dev/null", O_RDONLY)
            close(descriptor)
            return descriptor
        }
        let before = nextDescriptor()
        for _ in 0..<400 { _ = try LargeArray<UInt8>(spilledTo: folder.path) }
        #expect(nextDescriptor() < before + 200)
    }

    @Test func `arrays are spilled when they take a large share of the limit`() throws {
        let policy = SpillPolicy(memoryLimit: 1 << 20, directory: folder.path)
        #expect(try policy.makeArray(of: Int32.self, expectedTotalBytes: (1 << 18) + 1).isSpilled)
        #expect(try !policy.makeArray(of: Int32.self, expectedTotalBytes: 1 << 18).isSpilled)
        #expect(try !SpillPolicy.inMemory.makeArray(of: Int32.self, expectedTotalBytes: .max).isSpilled)
        let broken = SpillPolicy(memoryLimit: 1, directory: "/missing")
        #expect(throws: FileError.self) { _ = try broken.makeArray(of: Int32.self, expectedTotalBytes: 100) }
    }
}
