// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CMeshoptimizer

/// Why a meshoptimizer stream was refused.
package enum MeshoptError: Error, Equatable, CustomStringConvertible {
    /// Count, stride, mode and filter do not go together.
    case invalidLayout(String)
    /// The stream ends too early, has the wrong header or bytes left over; `code` is meshoptimizer's.
    case malformed(code: Int32)

    package var description: String {
        switch self {
        case .invalidLayout(let reason): reason
        case .malformed(let code): "not a valid meshoptimizer stream (code \(code))"
        }
    }
}

/// Decodes the streams of EXT_meshopt_compression with libmeshoptimizer (bitstream version 0 for attributes, 0 and 1
/// for indices).
package enum MeshoptDecoder {
    package enum Mode: String, Sendable {
        case attributes = "ATTRIBUTES"
        case triangles = "TRIANGLES"
        case indices = "INDICES"
    }

    package enum Filter: String, Sendable {
        case none = "NONE"
        case octahedral = "OCTAHEDRAL"
        case quaternion = "QUATERNION"
        case exponential = "EXPONENTIAL"
    }

    /// The decoded elements, `count` × `stride` bytes. Indices may be anything: check them against the vertex count.
    ///
    /// Allocates at most about 64 times the size of `bytes`: shorter streams cannot be valid and are refused before.
    ///
    /// - Throws: `invalidLayout`, or `malformed` where the stream is not exactly one of `count` elements.
    /// - Source: EXT_meshopt_compression, "Mode 0..2" and "Filters".
    package static func decode(
        _ bytes: RawSpan, mode: Mode, filter: Filter, count: Int, stride: Int
    ) throws(MeshoptError) -> [UInt8] {
        try checkLayout(mode: mode, filter: filter, count: count, stride: stride)
        let (size, overflow) = count.multipliedReportingOverflow(by: stride)
        // An attribute byte takes at least two bits per group of 16, an index or a triangle at least one byte.
        let share =
            switch mode {
            case .attributes: size / 64
            case .triangles: count / 3
            case .indices: count
            }
        guard !overflow, share <= bytes.byteCount else { throw .malformed(code: -2) }
        if count == 0 { return [] }

        var status: Int32 = 0
        let decoded = [UInt8](unsafeUninitializedCapacity: size) { destination, initialized in
            bytes.withUnsafeBytes { source in
                let start = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
                status =
                    switch mode {
                    case .attributes:
                        meshopt_decodeVertexBuffer(destination.baseAddress, count, stride, start, source.count)
                    case .triangles:
                        meshopt_decodeIndexBuffer(destination.baseAddress, count, stride, start, source.count)
                    case .indices:
                        meshopt_decodeIndexSequence(destination.baseAddress, count, stride, start, source.count)
                    }
            }
            if status == 0 { apply(filter, to: destination.baseAddress, count: count, stride: stride) }
            initialized = status == 0 ? size : 0
        }
        guard status == 0 else { throw .malformed(code: status) }
        return decoded
    }

    /// The library only asserts these, and Debian builds it without assertions.
    private static func checkLayout(mode: Mode, filter: Filter, count: Int, stride: Int)
        throws(MeshoptError)
    {
        guard count >= 0 else { throw .invalidLayout("the count is negative") }
        switch mode {
        case .attributes:
            guard (4...256).contains(stride), stride % 4 == 0 else {
                throw .invalidLayout(
                    "attribute streams have a stride of 4, 8, ... 256 bytes, not \(stride)")
            }
        case .triangles, .indices:
            guard stride == 2 || stride == 4 else {
                throw .invalidLayout("index streams have a stride of 2 or 4 bytes, not \(stride)")
            }
            guard filter == .none else { throw .invalidLayout("index streams have no filter") }
            guard mode == .indices || count % 3 == 0 else {
                throw .invalidLayout("a triangle stream of \(count) indices is not whole triangles")
            }
        }
        let fits =
            switch filter {
            case .none, .exponential: true
            case .octahedral: stride == 4 || stride == 8
            case .quaternion: stride == 8
            }
        guard fits else {
            throw .invalidLayout("filter \(filter.rawValue) does not take a stride of \(stride) bytes")
        }
    }

    private static func apply(
        _ filter: Filter, to elements: UnsafeMutableRawPointer?, count: Int, stride: Int
    ) {
        switch filter {
        case .none: break
        case .octahedral: meshopt_decodeFilterOct(elements, count, stride)
        case .quaternion: meshopt_decodeFilterQuat(elements, count, stride)
        case .exponential: meshopt_decodeFilterExp(elements, count, stride)
        }
    }
}
