// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension RawSpan {
    /// A copy of the bytes.
    package var copiedBytes: [UInt8] {
        unsafe withUnsafeBytes { unsafe Array($0) }
    }
}

extension Array<UInt8> {
    /// The bytes, borrowed.
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        borrowing get { unsafe span.bytes }
    }
}
