// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Takes a request's body out of the stream of bytes, whether counted or chunked (RFC 9112, 7.1).
///
/// Chunked bodies are read strictly: each line ends with a carriage return and a line feed and holds neither otherwise,
/// because readers that are lenient in different ways see different requests.
struct BodyReader {
    private enum State {
        /// So many bytes of the body, or of the current chunk, are to come.
        case data(Int)
        /// A line with a chunk's size.
        case size
        /// The line end after a chunk's data.
        case dataEnd
        /// Lines of the trailer, until an empty one.
        case trailer
        case done
    }

    /// Line ends included.
    private static let maximumLineByteCount = 258
    private static let maximumTrailerByteCount = 4096

    private var state: State
    private let isChunked: Bool
    /// What was read of the current line.
    private var line: [UInt8] = []
    private var trailerByteCount = 0

    init(_ framing: RequestHead.BodyFraming) {
        switch framing {
        case .none: (state, isChunked) = (.done, false)
        case .length(let count): (state, isChunked) = (.data(count), false)
        case .chunked: (state, isChunked) = (.size, true)
        }
    }

    var isDone: Bool { if case .done = state { true } else { false } }

    /// Removes from the front of `input` what belongs to the body, as far as the budget reaches.
    ///
    /// - Returns: The body's next bytes; empty if there are none yet.
    mutating func read(
        _ input: inout ArraySlice<UInt8>, _ budget: inout TurnBudget
    ) throws(RequestError) -> [UInt8] {
        var output: [UInt8] = []
        while !isDone, !input.isEmpty, !budget.isSpent {
            budget.spend(TurnBudget.item)
            if case .data(let left) = state {
                let taken = input.prefix(left)
                output.append(contentsOf: taken)
                input = input[taken.endIndex...]
                state = taken.count < left ? .data(left - taken.count) : isChunked ? .dataEnd : .done
            } else if try readLine(&input) {
                try lineEnded(line.dropLast(2))
                line.removeAll(keepingCapacity: true)
            }
        }
        return output
    }

    /// - Returns: Whether the line is complete.
    private mutating func readLine(_ input: inout ArraySlice<UInt8>) throws(RequestError) -> Bool {
        // A longer line is refused, so that no more than this is looked at.
        let piece = input.prefix(maximumByteCount + 1 - line.count)
        let end = piece.firstIndex(of: UInt8(ascii: "\n"))
        let taken = end.map { piece[...$0] } ?? piece
        line.append(contentsOf: taken)
        input = input[taken.endIndex...]
        guard line.count <= maximumByteCount else { throw tooLong }
        guard end != nil else { return false }
        guard line.suffix(2).first == UInt8(ascii: "\r"), line.count >= 2 else {
            throw .malformed("a line of a chunked body ends without a carriage return")
        }
        guard line.dropLast(2).allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == UInt8(ascii: "\t") }) else {
            throw .malformed("a line of a chunked body contains a control character")
        }
        return true
    }

    /// How long the current line may be.
    private var maximumByteCount: Int {
        switch state {
        case .dataEnd: 2
        case .trailer: Self.maximumTrailerByteCount - trailerByteCount
        default: Self.maximumLineByteCount
        }
    }

    private var tooLong: RequestError {
        switch state {
        case .dataEnd: .malformed("a chunk is longer than its size")
        case .trailer: .malformed("the trailer is too long")
        default: .malformed("a chunk's size line is too long")
        }
    }

    private mutating func lineEnded(_ text: ArraySlice<UInt8>) throws(RequestError) {
        switch state {
        case .size:
            guard let size = Self.size(text) else { throw .malformed("a chunk's size is not a number") }
            state = size == 0 ? .trailer : .data(size)
        case .dataEnd:
            state = .size
        case .trailer where text.isEmpty:
            state = .done
        case .trailer:
            trailerByteCount += text.count + 2
            _ = try RequestHead.header(text)
        case .data, .done: break
        }
    }

    /// - Parameter text: Hexadecimal digits, perhaps an extension.
    private static func size(_ text: ArraySlice<UInt8>) -> Int? {
        let digits = text.prefix { $0 != UInt8(ascii: ";") }
        guard !digits.isEmpty, digits.count <= 12 else { return nil }
        var size = 0
        for digit in digits {
            guard let value = hexValue(digit) else { return nil }
            size = size << 4 | Int(value)
        }
        return size
    }
}
