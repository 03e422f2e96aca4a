// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import StreamCore
import TestSupport
import Testing

@Suite struct SHA256Tests {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `hashes are those of the standard`(text: String, hex: String) {
        let hash = SHA256.hash(Array(text.utf8).rawSpan)
        #expect(hash.hex == hex)
        #expect(hash.count == SHA256.byteCount)
    }

    @Test func `a million letters hash to the standard's value`() {
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            SHA256.hash(letters.rawSpan).hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: [1, 63, 64, 1000, 5000])
    func `bytes that come in pieces have the same hash`(pieceByteCount: Int) {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        let pieces = SHA256.Pieces()
        pieces.add([UInt8]().rawSpan)
        for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
            pieces.add(Array(bytes[start..<min(start + pieceByteCount, bytes.count)]).rawSpan)
        }
        #expect(pieces.hash() == SHA256.hash(bytes.rawSpan))
    }
}

@Suite struct DeflateTests {
    static let text = (0..<2000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }

    func failure(_ bytes: [UInt8], _ byteCount: Int) -> Deflate.Failure? {
        do throws(Deflate.Failure) {
            _ = try Deflate.expand(bytes.rawSpan, byteCount: byteCount)
            return nil
        } catch { return error }
    }

    @Test(arguments: [0, 1, 1000, 300_000]) func `gzip holds the same deflate stream with the size behind it`(
        count: Int
    ) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) }
        let member = Deflate.gzip(bytes)
        // RFC 1952: ten bytes before, the checksum and the size after the stream; RFC 1950 has two and four.
        #expect(member.prefix(3) == [0x1f, 0x8b, 8] && member[3] == 0)
        let size = member.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(size == count)
        let stream = [0x78, 0xda] + member.dropFirst(10).dropLast(8) + Deflate.compress(bytes).suffix(4)
        #expect(try Deflate.expand(stream.rawSpan, byteCount: count) == bytes)
    }

    @Test func `bytes round-trip`() throws {
        for bytes in [[], [7], Self.text, [UInt8](repeating: 0, count: 1 << 20)] {
            let compressed = Deflate.compress(bytes)
            #expect(try Deflate.expand(compressed.rawSpan, byteCount: bytes.count) == bytes)
        }
        #expect(Deflate.compress(Self.text).count < Self.text.count)
    }

    @Test func `every truncation and anything after the stream is corrupt`() {
        let compressed = Deflate.compress(Self.text)
        for length in 0..<compressed.count {
            #expect(failure(Array(compressed[..<length]), Self.text.count) == .corrupt, "\(length)")
        }
        #expect(failure(compressed + [0], Self.text.count) == .corrupt)
        #expect(failure(compressed + compressed, Self.text.count) == .corrupt)
    }

    @Test func `a stream of another size is refused, and a bomb fills no memory`() {
        let compressed = Deflate.compress(Self.text)
        #expect(failure(compressed, Self.text.count + 1) == .corrupt)
        #expect(failure(compressed, Self.text.count - 1) == .tooLarge(maximum: Self.text.count - 1))
        #expect(failure(compressed, 0) == .tooLarge(maximum: 0))
        let bomb = Deflate.compress([UInt8](repeating: 0, count: 64 << 20))
        #expect(bomb.count < 70_000)
        #expect(failure(bomb, 1000) == .tooLarge(maximum: 1000))
        // More than so few bytes can hold: refused before so much is allocated.
        #expect(failure(compressed, 1 << 45) == .corrupt)
        #expect(failure([], 1 << 45) == .corrupt)
    }

    @Test func `damage never traps`() {
        var accepted = 0
        mutate(Deflate.compress(Self.text), rounds: 5000, seed: 1) { damaged in
            if failure(damaged, Self.text.count) == nil { accepted += 1 }
        }
        // Its checksum finds nearly all; some mutations undo themselves.
        #expect(accepted < 50)
    }
}
