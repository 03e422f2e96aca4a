// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping

/// An accessor after every offset, stride and count was checked: its elements can be read in blocks.
struct GLTFAccessor {
    enum Scalar: Int {
        case int8 = 5120
        case uint8 = 5121
        case int16 = 5122
        case uint16 = 5123
        case uint32 = 5125
        case float32 = 5126

        var size: Int {
            switch self {
            case .int8, .uint8: 1
            case .int16, .uint16: 2
            case .uint32, .float32: 4
            }
        }
    }

    /// Elements that replace others; `indices` ascending and below the accessor's count.
    struct Sparse {
        var indices: [Int]
        /// Tightly packed.
        var values: GLTFByteSlice
    }

    var place: String
    var scalar: Scalar
    /// 1...4, or 16 for MAT4.
    var componentCount: Int
    var count: Int
    var isNormalized: Bool
    /// From the first element on; nil: all zeros, but for `sparse`.
    var bytes: GLTFByteSlice?
    var stride: Int
    var sparse: Sparse?

    /// How many elements callers read at once: the blocks stay in the first-level cache.
    static let blockCount = 2048

    /// Reads `range` as floats, `componentCount` each; normalized integers become -1...1.
    ///
    /// - Parameter block: at least `range.count` × `componentCount` long; the rest is left alone.
    func read(_ range: Range<Int>, into block: inout [Float]) {
        guard let bytes else {
            for index in 0..<range.count * componentCount { block[index] = 0 }
            readSparse(range, into: &block)
            return
        }
        bytes.withBytes { span in
            convert(
                span, from: range.lowerBound * stride, stride: stride, count: range.count, to: 0, of: &block
            )
        }
        if sparse != nil { readSparse(range, into: &block) }
    }

    private func readSparse(_ range: Range<Int>, into block: inout [Float]) {
        guard let sparse else { return }
        let size = scalar.size * componentCount
        var next = Self.lowerBound(sparse.indices, range.lowerBound)
        sparse.values.withBytes { span in
            while next < sparse.indices.count, sparse.indices[next] < range.upperBound {
                convert(
                    span, from: next * size, stride: size, count: 1,
                    to: sparse.indices[next] - range.lowerBound,
                    of: &block)
                next += 1
            }
        }
    }

    /// The first position in ascending `values` that holds at least `value`.
    private static func lowerBound(_ values: [Int], _ value: Int) -> Int {
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func convert(
        _ span: RawSpan, from offset: Int, stride: Int, count: Int, to element: Int,
        of block: inout [Float]
    ) {
        switch scalar {
        case .int8: convert(Int8.self, 127, span, offset, stride, count, element, &block)
        case .uint8: convert(UInt8.self, 255, span, offset, stride, count, element, &block)
        case .int16: convert(Int16.self, 32767, span, offset, stride, count, element, &block)
        case .uint16: convert(UInt16.self, 65535, span, offset, stride, count, element, &block)
        case .uint32: convert(UInt32.self, 4_294_967_296, span, offset, stride, count, element, &block)
        case .float32:
            var target = element * componentCount
            for index in 0..<count {
                for component in 0..<componentCount {
                    block[target] = GLTFBytes.load(
                        span, at: offset + index * stride + 4 * component, as: Float.self)
                    target += 1
                }
            }
        }
    }

    @inline(__always)
    private func convert<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type, _ largest: Float, _ span: RawSpan, _ offset: Int, _ stride: Int,
        _ count: Int,
        _ element: Int, _ block: inout [Float]
    ) {
        let size = MemoryLayout<Integer>.size
        let divisor: Float = isNormalized ? largest : 1
        let lowest: Float = isNormalized ? -1 : -.greatestFiniteMagnitude
        var target = element * componentCount
        for index in 0..<count {
            for component in 0..<componentCount {
                let value = GLTFBytes.load(span, at: offset + index * stride + size * component, as: type)
                block[target] = max(lowest, Float(value) / divisor)
                target += 1
            }
        }
    }

    /// Reads `range` of an index accessor (unsigned scalars) into the first elements of `block`.
    func readIndices(_ range: Range<Int>, into block: inout [UInt32]) {
        if let bytes {
            bytes.withBytes { span in
                loadIndices(
                    span, from: range.lowerBound * stride, stride: stride, count: range.count, to: 0,
                    of: &block)
            }
        } else {
            for index in 0..<range.count { block[index] = 0 }
        }
        guard let sparse else { return }
        var next = Self.lowerBound(sparse.indices, range.lowerBound)
        sparse.values.withBytes { span in
            while next < sparse.indices.count, sparse.indices[next] < range.upperBound {
                loadIndices(
                    span, from: next * scalar.size, stride: scalar.size, count: 1,
                    to: sparse.indices[next] - range.lowerBound, of: &block)
                next += 1
            }
        }
    }

    private func loadIndices(
        _ span: RawSpan, from offset: Int, stride: Int, count: Int, to target: Int,
        of block: inout [UInt32]
    ) {
        switch scalar {
        case .uint8:
            for index in 0..<count {
                block[target + index] = UInt32(
                    GLTFBytes.load(span, at: offset + index * stride, as: UInt8.self))
            }
        case .uint16:
            for index in 0..<count {
                block[target + index] = UInt32(
                    GLTFBytes.load(span, at: offset + index * stride, as: UInt16.self))
            }
        default:
            for index in 0..<count {
                block[target + index] = GLTFBytes.load(span, at: offset + index * stride, as: UInt32.self)
            }
        }
    }
}

/// - Source: glTF 2.0 specification, section 3.6.2 "Accessors".
extension GLTFImport {
    /// Checks accessor `index` and finds its bytes.
    func accessor(_ index: Int, _ place: @autoclosure () -> String) throws(ImportError)
        -> GLTFAccessor
    {
        let entry = try element(document.accessors, index, "accessors", place())
        let own = "accessors[\(index)]"
        guard let scalar = GLTFAccessor.Scalar(rawValue: entry.componentType) else {
            throw malformed("\(entry.componentType) is no component type", "\(own).componentType")
        }
        let componentCount = try componentCount(entry.type, own)
        guard entry.count >= 0 else { throw malformed("the count is negative", "\(own).count") }
        let size = scalar.size * componentCount
        var result = GLTFAccessor(
            place: own, scalar: scalar, componentCount: componentCount, count: entry.count,
            isNormalized: entry.normalized ?? false, bytes: nil, stride: size, sparse: nil)
        if let view = entry.bufferView {
            (result.bytes, result.stride) = try elements(of: entry, in: view, size: size, own)
        } else {
            try charge(entry.count, stride: size, "\(own).count")
        }
        if let sparse = entry.sparse {
            result.sparse = try self.sparse(sparse, count: entry.count, size: size, "\(own).sparse")
        }
        return result
    }

    private func componentCount(_ type: String, _ own: String) throws(ImportError) -> Int {
        switch type {
        case "SCALAR": return 1
        case "VEC2": return 2
        case "VEC3": return 3
        case "VEC4": return 4
        case "MAT4": return 16
        default:
            throw malformed("the type \"\(type.prefix(20))\" is not one to read here", "\(own).type")
        }
    }

    private func elements(
        of entry: GLTFDocument.Accessor, in viewIndex: Int, size: Int, _ own: String
    ) throws(ImportError) -> (GLTFByteSlice, Int) {
        let (bytes, declaredStride) = try bufferView(viewIndex, "\(own).bufferView")
        let stride = declaredStride ?? size
        guard stride >= size else {
            throw malformed("elements of \(size) bytes overlap", "bufferViews[\(viewIndex)].byteStride")
        }
        guard
            let slice = Self.slice(
                bytes, from: entry.byteOffset ?? 0, count: entry.count, stride: stride, size)
        else {
            throw malformed(
                "\(entry.count) elements, \(stride) bytes apart, from byte \(entry.byteOffset ?? 0) on do not fit into"
                    + " the \(bytes.count) bytes of bufferViews[\(viewIndex)]", "\(own).count")
        }
        return (slice, stride)
    }

    /// The bytes from the first element on, or nil where the last one ends behind them.
    private static func slice(
        _ bytes: GLTFByteSlice, from offset: Int, count: Int, stride: Int, _ size: Int
    ) -> GLTFByteSlice? {
        guard count > 0 else { return bytes.slice(from: offset, byteCount: 0) }
        let (last, overflow) = (count - 1).multipliedReportingOverflow(by: stride)
        guard !overflow, last <= bytes.count else { return nil }
        return bytes.slice(from: offset, byteCount: last + size)
    }

    private func sparse(
        _ sparse: GLTFDocument.Accessor.Sparse, count: Int, size: Int, _ own: String
    ) throws(ImportError) -> GLTFAccessor.Sparse {
        let indexView = try bufferView(sparse.indices.bufferView, "\(own).indices.bufferView").bytes
        let valueView = try bufferView(sparse.values.bufferView, "\(own).values.bufferView").bytes
        guard let scalar = GLTFAccessor.Scalar(rawValue: sparse.indices.componentType),
            scalar == .uint8 || scalar == .uint16 || scalar == .uint32
        else {
            throw malformed(
                "\(sparse.indices.componentType) is no index type", "\(own).indices.componentType")
        }
        guard sparse.count >= 0, sparse.count <= count,
            let indexBytes = Self.slice(
                indexView, from: sparse.indices.byteOffset ?? 0, count: sparse.count, stride: scalar.size,
                scalar.size),
            let values = Self.slice(
                valueView, from: sparse.values.byteOffset ?? 0, count: sparse.count, stride: size, size)
        else {
            throw malformed("\(sparse.count) elements do not fit into their buffer views", "\(own).count")
        }

        let reader = GLTFAccessor(
            place: "\(own).indices", scalar: scalar, componentCount: 1, count: sparse.count,
            isNormalized: false,
            bytes: indexBytes, stride: scalar.size, sparse: nil)
        var indices = [UInt32](repeating: 0, count: sparse.count)
        reader.readIndices(0..<sparse.count, into: &indices)
        for position in 0..<sparse.count
        where Int(indices[position]) >= count
            || (position > 0 && indices[position] <= indices[position - 1])
        {
            throw malformed("index \(position) is out of range or out of order", "\(own).indices")
        }
        return GLTFAccessor.Sparse(indices: indices.map(Int.init), values: values)
    }

    /// All elements of a small accessor as doubles.
    func numbers(_ accessor: GLTFAccessor) throws(ImportError) -> [Double] {
        try charge(accessor.count, stride: 12 * accessor.componentCount, accessor.place)
        var block = [Float](repeating: 0, count: accessor.count * accessor.componentCount)
        accessor.read(0..<accessor.count, into: &block)
        return block.map(Double.init)
    }
}
