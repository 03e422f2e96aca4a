// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport
import Testing

/// What every decoder of a header promises: its own bytes round-trip, every truncation is an error, and damage is an
/// error or a value that encodes and decodes again, never a trap.
func expectDecoderProperties<Value: Equatable>(
    _ value: Value, rounds: Int = 5000, encode: (Value) -> [UInt8], decode: ([UInt8]) throws -> Value,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let bytes = encode(value)
    let decoded = try? decode(bytes)
    #expect(decoded == value, sourceLocation: sourceLocation)
    for length in 0..<bytes.count {
        let isRefused: Bool
        do {
            _ = try decode(Array(bytes[..<length]))
            isRefused = false
        } catch { isRefused = error is ChunkError }
        #expect(isRefused, "the first \(length) bytes were accepted", sourceLocation: sourceLocation)
    }
    mutate(bytes, rounds: rounds, seed: UInt64(bytes.count)) { damaged in
        guard let decoded = try? decode(damaged) else { return }
        let again = encode(decoded)
        if (try? decode(again)).map(encode) != again {
            Issue.record("\(damaged.hex) decodes to what does not round-trip", sourceLocation: sourceLocation)
        }
    }
}

/// The error that `body` throws, if any.
func chunkError(_ body: () throws -> Void) -> ChunkError? {
    do {
        try body()
        return nil
    } catch { return error as? ChunkError }
}
