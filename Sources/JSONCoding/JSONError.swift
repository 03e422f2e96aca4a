// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why a text is no JSON, or more of it than is taken, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible, Sendable {
    package enum Reason: Equatable, Sendable {
        /// More bytes than the limit.
        case tooManyBytes(limit: Int)
        case tooManyValues(limit: Int)
        case tooDeep(limit: Int)
        /// The text ends inside a value.
        case ended
        /// Something else should be here.
        case unexpected(wanted: String)
        /// Something stands behind the value.
        case trailingBytes
        /// A character below U+0020, which has to be escaped.
        case controlCharacter
        case invalidEscape
        /// Half of a pair of UTF-16 codes.
        case loneSurrogate
        case invalidUTF8
        /// Digits are missing, or too many.
        case invalidNumber
        /// No number of 64 bits is that large.
        case numberTooLarge
        case repeatedKey(String)
    }

    package let reason: Reason
    /// Bytes before the place.
    package let offset: Int

    package var description: String { "byte \(offset): \(sentence)" }

    /// What is wrong, without the place.
    package var sentence: String {
        switch reason {
        case .tooManyBytes(let limit): "the text is longer than \(limit) bytes"
        case .tooManyValues(let limit): "there are more than \(limit) values"
        case .tooDeep(let limit): "lists and objects lie more than \(limit) deep in each other"
        case .ended: "the text ends too early"
        case .unexpected(let wanted): "\(wanted) is expected here"
        case .trailingBytes: "nothing may stand behind the value"
        case .controlCharacter: "a control character in a text has to be escaped"
        case .invalidEscape: "this escape does not exist"
        case .loneSurrogate: "this escape is half of a pair"
        case .invalidUTF8: "this text is not valid UTF-8"
        case .invalidNumber: "this is no number"
        case .numberTooLarge: "this number is too large"
        case .repeatedKey(let key): "the key \"\(key.prefix(60))\" stands here for a second time"
        }
    }

    /// The place as people count: lines and their bytes from 1.
    ///
    /// - Parameter bytes: the text that was read.
    package func place(in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (before.count { $0 == UInt8(ascii: "\n") } + 1, offset - lineStart + 1)
    }
}
