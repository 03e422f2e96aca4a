// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamCore
import TestSupport
import Testing

/// A message of either direction, so that one test body serves both.
struct Coding: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    /// Decodes and encodes again.
    var recode: @Sendable ([UInt8]) throws -> [UInt8]
    var testDescription: String { name }

    static let all: [Coding] =
        Samples.server.map { sample in
            Coding(name: sample.name, bytes: sample.message.encode()) {
                try ServerMessage(decoding: $0.rawSpan).encode()
            }
        }
        + Samples.client.map { sample in
            Coding(name: sample.name, bytes: sample.message.encode()) {
                try ClientMessage(decoding: $0.rawSpan).encode()
            }
        }

    /// Messages that end in bytes or JSON are whole at many lengths; the others at one.
    var takesTheRest: Bool {
        [
            "welcome", "material", "chunk", "notice", "hello", "frame", "framePart", "identityMap", "picked",
            "path", "facts", "pathShown",
        ].contains(name)
    }
}

/// The error that `body` throws, if any.
func wireError(_ body: () throws -> Void) -> WireError? {
    do {
        try body()
        return nil
    } catch { return error as? WireError }
}

@Suite("Messages of the protocol") struct MessageTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/wire")

    @Test("are the golden bytes", arguments: Coding.all) func areGolden(coding: Coding) throws {
        let file = Self.fixtures.appending(path: "\(coding.name).hex")
        if ProcessInfo.processInfo.environment["VANTAGE_WRITE_FIXTURES"] != nil {
            try Data("\(coding.bytes.hex)\n".utf8).write(to: file)
        }
        let golden = [UInt8](hex: try String(contentsOf: file, encoding: .utf8))
        #expect(coding.bytes == golden)
        #expect(try coding.recode(golden) == golden)
    }

    @Test("decode to what was encoded") func roundTrip() throws {
        for sample in Samples.server {
            let bytes = sample.message.encode()
            let decoded = try ServerMessage(decoding: bytes.rawSpan)
            #expect(decoded == sample.message)
        }
        for sample in Samples.client {
            let bytes = sample.message.encode()
            let decoded = try ClientMessage(decoding: bytes.rawSpan)
            #expect(decoded == sample.message)
        }
    }

    @Test("are refused when cut short, naming the message", arguments: Coding.all)
    func truncation(coding: Coding) throws {
        for length in 0..<coding.bytes.count {
            let error = wireError { _ = try coding.recode(Array(coding.bytes[..<length])) }
            if coding.takesTheRest, length > 0 {
                #expect(error == nil || error?.problem == .truncated || error?.problem == .count)
            } else {
                #expect(error?.problem == .truncated || error?.problem == .count, "\(length) bytes")
            }
            if let error, length > 0 { #expect("\(error.message)".lowercased() == coding.name.lowercased()) }
        }
    }

    @Test("are refused with a byte too many", arguments: Coding.all.filter { !$0.takesTheRest })
    func trailingByte(coding: Coding) {
        #expect(wireError { _ = try coding.recode(coding.bytes + [0]) }?.problem == .trailingBytes)
    }

    @Test("with damaged bytes are refused, or are other messages", arguments: Coding.all)
    func damage(coding: Coding) {
        mutate(coding.bytes, rounds: 3000, seed: UInt64(coding.bytes.count)) { damaged in
            guard let again = try? coding.recode(damaged) else { return }
            if again != damaged { Issue.record("\(damaged.hex) became \(again.hex)") }
        }
    }

    @Test("of no type, or of the other direction, are refused") func unknownType() {
        let ping = Wire.Ping(time: 1).encode()
        let pong = Wire.Pong(time: 1).encode()
        let unknown: [UInt8] = [200]
        #expect(wireError { _ = try ServerMessage(decoding: ping.rawSpan) }?.problem == .unknownType(136))
        #expect(wireError { _ = try ClientMessage(decoding: pong.rawSpan) }?.problem == .unknownType(7))
        #expect(wireError { _ = try ClientMessage(decoding: unknown.rawSpan) }?.problem == .unknownType(200))
    }
}

@Suite("Fields of messages") struct FieldTests {
    private func description(of bytes: [UInt8]) -> String? {
        wireError { _ = try ClientMessage(decoding: bytes.rawSpan) }?.description
    }

    @Test("that must be finite are") func notFinite() {
        for value in [Double.infinity, -.infinity, .nan] {
            #expect(description(of: Wire.Ping(time: value).encode()) == "Ping.time: not a finite number")
            let hint = Wire.Hint(weight: Float(value), treeNodes: [])
            #expect(description(of: hint.encode()) == "Hint.weight: not a finite number")
        }
    }

    @Test("that are enumerations have one of its values") func unknownValue() {
        var bytes = Wire.Holdings(kind: .resident, ranges: []).encode()
        bytes[1] = 2
        #expect(description(of: bytes) == "Holdings.kind: unknown value 2")
    }

    @Test("that are flags are 0 or 1") func flags() {
        guard case .view(let view) = Samples.client[1].message else { return }
        var bytes = view.encode()
        bytes[bytes.count - 1] = 2
        #expect(description(of: bytes) == "View.isMoving: unknown value 2")
    }

    @Test("that count more than is there are refused before anything is allocated") func hostileCount() {
        for count: [UInt8] in [[1, 0, 0, 0], [255, 255, 255, 255]] {
            let bytes = [Wire.Lost.type] + count
            #expect(description(of: bytes) == "Lost.chunks: more items than the message has bytes for")
        }
    }

    @Test("of a chunk can be written in front of a payload that lies elsewhere") func chunkHeader() {
        let whole = Wire.Chunk(sequence: 5, chunk: 6, kind: 1, payload: [7, 8]).encode()
        #expect(Wire.Chunk.header(sequence: 5, chunk: 6, kind: 1) + [7, 8] == whole)
    }
}

@Suite("A peer's protocol version") struct ProtocolVersionTests {
    @Test("of our major is welcome whatever its minor", arguments: ["1.0", "1.9"]) func welcome(version: String) {
        #expect(Wire.refusal(ofViewer: version) == nil)
    }

    @Test("that is newer asks to update the server") func newer() throws {
        let refusal = try #require(Wire.refusal(ofViewer: "2.0"))
        #expect(refusal == "The server speaks protocol \(Wire.major).\(Wire.minor), the viewer 2.0: update the server.")
    }

    @Test("that is older asks to update the viewer") func older() throws {
        #expect(Wire.refusal(ofViewer: "0.9")?.hasSuffix("update the viewer.") == true)
    }

    @Test(
        "that is none is refused in a sentence that fits a close reason",
        arguments: [nil, "", "1", "1.", ".0", "1.0.0", "a.b", "-1.0", "1.65536", "99999999999999999.0", "65535.65535"])
    func nonsense(version: String?) throws {
        let refusal = try #require(Wire.refusal(ofViewer: version))
        #expect(refusal.utf8.count <= 123)
    }
}
