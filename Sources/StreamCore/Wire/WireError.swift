// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a message of the protocol.
package struct WireError: Error {
    package enum Problem: Equatable, Sendable {
        /// The message ends within the field.
        case truncated
        /// Bytes follow the last field.
        case trailingBytes
        /// No such message travels in this direction.
        case unknownType(UInt8)
        /// A number that names nothing.
        case unknownValue(UInt8)
        /// A number that is not finite.
        case notFinite
        /// A list that claims more items than the message has bytes for.
        case count
    }

    /// The message's and the field's name in the schema.
    package let message: StaticString
    package let field: StaticString
    package let problem: Problem

    init(_ message: StaticString, _ field: StaticString, _ problem: Problem) {
        self.message = message
        self.field = field
        self.problem = problem
    }
}

#if !hasFeature(Embedded)
    extension WireError: CustomStringConvertible {
        /// Names message and field; short enough for the reason of a WebSocket's close.
        package var description: String {
            switch problem {
            case .truncated: "\(message).\(field): the message ends here"
            case .trailingBytes: "\(message): bytes follow \(field), the last field"
            case .unknownType(let type): "\(message): unknown type \(type)"
            case .unknownValue(let value): "\(message).\(field): unknown value \(value)"
            case .notFinite: "\(message).\(field): not a finite number"
            case .count: "\(message).\(field): more items than the message has bytes for"
            }
        }
    }

    extension WireError: Equatable {
        package static func == (a: WireError, b: WireError) -> Bool { a.description == b.description }
    }
#endif
