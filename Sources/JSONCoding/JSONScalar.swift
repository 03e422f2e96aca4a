// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a single value becomes.
protocol JSONScalar: Decodable {
    static var need: String { get }
    /// nil: it does not fit.
    init?(_ value: JSONValue)
}

extension Bool: JSONScalar {
    static var need: String { "true or false" }
    init?(_ value: JSONValue) {
        guard let flag = value.flag else { return nil }
        self = flag
    }
}

extension String: JSONScalar {
    static var need: String { "text" }
    init?(_ value: JSONValue) {
        guard let text = value.text else { return nil }
        self = text
    }
}

extension JSONScalar where Self: BinaryFloatingPoint {
    static var need: String { "a number" }
    init?(_ value: JSONValue) {
        guard let number = value.number, case let converted = Self(number), converted.isFinite else { return nil }
        self = converted
    }
}

extension JSONScalar where Self: FixedWidthInteger {
    static var need: String { "a whole number from \(Self.min) to \(Self.max)" }
    init?(_ value: JSONValue) {
        guard case .integer(let number) = value, let converted = Self(exactly: number) else { return nil }
        self = converted
    }
}

extension Double: JSONScalar {}
extension Float: JSONScalar {}
extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
