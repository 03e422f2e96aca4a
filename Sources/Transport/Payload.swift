// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Bytes that stay where they are until they are written.
package protocol ByteSource: AnyObject, Sendable {
    /// Lends the bytes of `range` for the time of the call. Called on the loop thread.
    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R
}

/// Bytes that several messages may share.
package final class SharedBytes: ByteSource {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        unsafe bytes.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}

/// The content of a message.
package enum Payload: Sendable {
    case bytes([UInt8])
    /// `header`, then the bytes of `source` in `range`. The source is kept alive until the message was written.
    case slice(header: [UInt8], source: any ByteSource, range: Range<Int>)

    package var byteCount: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .slice(let header, _, let range): header.count + range.count
        }
    }
}

/// What goes out first. Messages of one priority keep their order; a message that has begun is finished first.
package enum Priority: Int, CaseIterable, Sendable {
    case control, frame, chunk, prefetch
}

/// Bytes on their way out, read front to back.
struct Segment {
    enum Content {
        case bytes([UInt8])
        case source(any ByteSource)
    }

    let content: Content
    /// What is left.
    private(set) var range: Range<Int>

    init(_ bytes: [UInt8]) {
        content = .bytes(bytes)
        range = 0..<bytes.count
    }

    init(_ source: any ByteSource, _ range: Range<Int>) {
        content = .source(source)
        self.range = range
    }

    var byteCount: Int { range.count }

    /// Keeps only `subrange`, counted from the front of what is left.
    func cut(to subrange: Range<Int>) -> Segment {
        var copy = self
        copy.range = range.lowerBound + subrange.lowerBound..<range.lowerBound + subrange.upperBound
        return copy
    }

    /// Copies as many bytes as fit into `target` and drops them.
    ///
    /// - Returns: How many.
    mutating func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, range.count)
        guard count > 0 else { return 0 }
        let taken = range.lowerBound..<range.lowerBound + count
        switch content {
        case .bytes(let bytes):
            bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken])) }
        case .source(let source):
            source.withBytes(taken) { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
        }
        range = taken.upperBound..<range.upperBound
        return count
    }
}

extension Payload {
    /// The parts in order.
    var segments: [Segment] {
        switch self {
        case .bytes(let bytes): [Segment(bytes)]
        case .slice(let header, let source, let range): [Segment(header), Segment(source, range)]
        }
    }
}
