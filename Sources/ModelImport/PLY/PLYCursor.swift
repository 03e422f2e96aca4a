// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Walks the data behind a PLY header value by value, text and binary alike, and knows where it is for error messages.
struct PLYCursor {
    let file: String
    let encoding: PLYHeader.Encoding
    var position: Int
    /// The element being read and its row, for error messages.
    var element = PLYElement(name: "", count: 0)
    var row = 0

    init(file: String, header: PLYHeader) {
        self.file = file
        encoding = header.encoding
        position = header.bodyStart
    }

    func error(_ message: String) -> ImportError {
        ImportError(
            .malformed, message, file: file, place: "\(element.name) \(row) of \(element.count)")
    }

    func endError(missing: Int, _ bytes: RawSpan) -> ImportError {
        error("the file ends here: at least \(missing) more bytes are needed, it is cut off")
    }

    /// Refuses an element that cannot fit in what is left of the file. Call before reserving room for its rows.
    mutating func begin(_ element: PLYElement, _ bytes: RawSpan) throws(ImportError) {
        self.element = element
        row = 0
        let left = bytes.byteCount - position
        let isText = encoding == .ascii
        let smallest = isText ? 2 * element.properties.count : element.smallestByteCount
        let (needed, overflow) = element.count.multipliedReportingOverflow(by: smallest)
        // The last value of a text file may come without the space or line end behind it.
        guard overflow || needed - (isText ? 1 : 0) > left else { return }
        let have = left / max(1, smallest)
        throw ImportError(
            .malformed,
            "the header promises \(element.count) rows of \"\(element.name)\", but the \(left) bytes left hold at most "
                + "\(have): the file is cut off or its header is wrong",
            file: file, place: "element \(element.name)")
    }

    @inline(__always) mutating func number(_ bytes: RawSpan, _ type: PLYScalar) throws(ImportError)
        -> Double
    {
        if encoding == .ascii { return try textNumber(bytes) }
        try need(type.byteCount, bytes)
        let value = bytes.plyNumber(at: position, type, isBigEndian: encoding == .bigEndian)
        position += type.byteCount
        return value
    }

    @inline(__always) mutating func integer(_ bytes: RawSpan, _ type: PLYScalar) throws(ImportError)
        -> Int
    {
        if encoding == .ascii { return try textInteger(bytes) }
        try need(type.byteCount, bytes)
        let value = bytes.plyInteger(at: position, type, isBigEndian: encoding == .bigEndian)
        position += type.byteCount
        guard let value else { throw error("a whole number is not whole") }
        return value
    }

    /// The number of entries of a list, checked against the bytes left.
    @inline(__always) mutating func listCount(_ bytes: RawSpan, _ property: PLYProperty)
        throws(ImportError) -> Int
    {
        let count = try integer(bytes, property.countType ?? .uint8)
        let smallest = encoding == .ascii ? 2 : property.type.byteCount
        guard count >= 0 else {
            throw error("the list \"\(property.name)\" has a negative count, \(count)")
        }
        let left = bytes.byteCount - position
        guard count <= left / smallest + 1, encoding == .ascii || count * smallest <= left else {
            throw error(
                "the list \"\(property.name)\" promises \(count) entries, but only \(left) bytes are left: the file is "
                    + "cut off or damaged")
        }
        return count
    }

    mutating func skip(_ bytes: RawSpan, _ property: PLYProperty) throws(ImportError) {
        let count = property.countType == nil ? 1 : try listCount(bytes, property)
        if encoding == .ascii {
            for _ in 0..<count { try skipWord(bytes) }
        } else {
            try need(count * property.type.byteCount, bytes)
            position += count * property.type.byteCount
        }
    }

    @inline(__always) private func need(_ count: Int, _ bytes: RawSpan) throws(ImportError) {
        let left = bytes.byteCount - position
        if count > left { throw endError(missing: count - left, bytes) }
    }

    private mutating func skipWord(_ bytes: RawSpan) throws(ImportError) {
        position = bytes.skippingSpace(position)
        if position == bytes.byteCount { throw endError(missing: 1, bytes) }
        position = bytes.wordEnd(position)
    }

    private mutating func textNumber(_ bytes: RawSpan) throws(ImportError) -> Double {
        position = bytes.skippingSpace(position)
        if let value = bytes.number(&position),
            position == bytes.byteCount || bytes.byte(position).isTextSpace
        {
            return value
        }
        throw wordError(bytes)
    }

    private mutating func textInteger(_ bytes: RawSpan) throws(ImportError) -> Int {
        position = bytes.skippingSpace(position)
        let start = position
        if let value = bytes.integer(&position),
            position == bytes.byteCount || bytes.byte(position).isTextSpace
        {
            return value
        }
        // Some writers print whole numbers as 3.0.
        position = start
        if let value = bytes.number(&position), let whole = Int(exactly: value),
            position == bytes.byteCount || bytes.byte(position).isTextSpace
        {
            return whole
        }
        position = start
        throw wordError(bytes)
    }

    private func wordError(_ bytes: RawSpan) -> ImportError {
        if position >= bytes.byteCount { return endError(missing: 1, bytes) }
        let end = min(bytes.wordEnd(position), position + 40)
        let word = bytes.text(position..<end)
        return error("\"\(word)\" (\(bytes.linePlace(position))) is not a number of the kind expected")
    }
}

extension RawSpan {
    /// A binary PLY number; the caller has checked that it is inside.
    @inline(__always) func plyNumber(at position: Int, _ type: PLYScalar, isBigEndian: Bool) -> Double {
        switch type {
        case .float32: Double(Float(bitPattern: plyBits(at: position, UInt32.self, isBigEndian)))
        case .float64: Double(bitPattern: plyBits(at: position, UInt64.self, isBigEndian))
        default: Double(plyWhole(at: position, type, isBigEndian))
        }
    }

    /// A binary PLY number as a whole one; nil where it is a fraction.
    @inline(__always) func plyInteger(at position: Int, _ type: PLYScalar, isBigEndian: Bool) -> Int? {
        type.isFloat
            ? Int(exactly: plyNumber(at: position, type, isBigEndian: isBigEndian))
            : plyWhole(at: position, type, isBigEndian)
    }

    @inline(__always) private func plyWhole(at position: Int, _ type: PLYScalar, _ isBigEndian: Bool)
        -> Int
    {
        switch type {
        case .int8: Int(Int8(bitPattern: byte(position)))
        case .uint8: Int(byte(position))
        case .int16: Int(Int16(bitPattern: plyBits(at: position, UInt16.self, isBigEndian)))
        case .uint16: Int(plyBits(at: position, UInt16.self, isBigEndian))
        case .int32: Int(Int32(bitPattern: plyBits(at: position, UInt32.self, isBigEndian)))
        default: Int(plyBits(at: position, UInt32.self, isBigEndian))
        }
    }

    @inline(__always) private func plyBits<Bits: FixedWidthInteger & BitwiseCopyable>(
        at position: Int, _ type: Bits.Type, _ isBigEndian: Bool
    ) -> Bits {
        let bits = scalar(at: position, as: type)
        return isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
    }
}
