// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Takes a request's body out of the stream of bytes, whether counted or chunked (RFC 9112, 7.1).
struct BodyReader {
    private enum State {
        case data(Int)
        /// The line with a chunk's size: what was read of it.
        case size(line: [UInt8])
        /// The line end after a chunk's data.
        case dataEnd
        /// Trailer lines until an empty one; the length of the current line.
        case trailer(lineByteCount: Int, totalByteCount: Int)
        case done
    }

    private static let maximumLineByteCount = 256
    private static let maximumTrailerByteCount = 4096

    private var state: State
    private let isChunked: Bool

    init(_ framing: RequestHead.BodyFraming) {
        switch framing {
        case .none: (state, isChunked) = (.done, false)
        case .length(let count): (state, isChunked) = (.data(count), false)
        case .chunked: (state, isChunked) = (.size(line: []), true)
        }
    }

    var isDone: Bool { if case .done = state { true } else { false } }

    /// Removes from the front of `input` what belongs to the body.
    ///
    /// - Returns: The body's next bytes; empty if there are none yet.
    mutating func read(_ input: inout ArraySlice<UInt8>) throws(RequestError) -> [UInt8] {
        var output: [UInt8] = []
        while !isDone, !input.isEmpty {
            if case .data(let left) = state {
                let taken = input.prefix(left)
                output.append(contentsOf: taken)
                input.removeFirst(taken.count)
                state = taken.count < left ? .data(left - taken.count) : isChunked ? .dataEnd : .done
            } else {
                try readControl(input.removeFirst())
            }
        }
        return output
    }

    private mutating func readControl(_ byte: UInt8) throws(RequestError) {
        switch state {
        case .size(let line): try readSize(byte, line)
        case .dataEnd: try readDataEnd(byte)
        case .trailer(let line, let total): try readTrailer(byte, line, total)
        case .data, .done: break
        }
    }

    private mutating func readSize(_ byte: UInt8, _ line: [UInt8]) throws(RequestError) {
        switch byte {
        case UInt8(ascii: "\n"):
            guard let size = Self.size(line) else { throw .malformed("a chunk's size is not a number") }
            state = size == 0 ? .trailer(lineByteCount: 0, totalByteCount: 0) : .data(size)
        case _ where line.count >= Self.maximumLineByteCount:
            throw .malformed("a chunk's size line is too long")
        default:
            state = .size(line: line + [byte])
        }
    }

    /// - Parameter line: Hexadecimal digits, perhaps an extension, a carriage return.
    private static func size(_ line: [UInt8]) -> Int? {
        guard line.last == UInt8(ascii: "\r") else { return nil }
        let digits = line.dropLast().prefix { $0 != UInt8(ascii: ";") }
        guard !digits.isEmpty, digits.count <= 12 else { return nil }
        var size = 0
        for digit in digits {
            guard let value = hexValue(digit) else { return nil }
            size = size << 4 | Int(value)
        }
        return size
    }

    private mutating func readDataEnd(_ byte: UInt8) throws(RequestError) {
        switch byte {
        case UInt8(ascii: "\r"): break
        case UInt8(ascii: "\n"): state = .size(line: [])
        default: throw .malformed("a chunk is longer than its size")
        }
    }

    private mutating func readTrailer(_ byte: UInt8, _ line: Int, _ total: Int) throws(RequestError) {
        guard total < Self.maximumTrailerByteCount else { throw .malformed("the trailer is too long") }
        switch byte {
        case UInt8(ascii: "\n"): state = line == 0 ? .done : .trailer(lineByteCount: 0, totalByteCount: total + 1)
        case UInt8(ascii: "\r"): state = .trailer(lineByteCount: line, totalByteCount: total + 1)
        default: state = .trailer(lineByteCount: line + 1, totalByteCount: total + 1)
        }
    }
}
