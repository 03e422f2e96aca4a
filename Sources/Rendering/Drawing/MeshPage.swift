// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// A vertex buffer and an index buffer that many meshes of one vertex class share.
final class MeshPage {
    /// Where a mesh is in its page.
    struct Slot {
        var vertices: Range<Int>
        var indices: Range<Int>
    }

    /// Triangles of a dense mesh are twice its vertices.
    private static let vertexCapacity = 1 << 17
    private static let indexCapacity = 6 << 17

    /// The page's own, unique in its store.
    let number: Int
    let vertexClass: VertexClass
    let isShared: Bool
    let vertices: Buffer
    let indices: Buffer
    private var vertexRanges: RangeAllocator
    private var indexRanges: RangeAllocator

    /// - Parameter only: makes a page for one mesh that is too large to share.
    init(
        _ device: Device, number: Int, vertexClass: VertexClass, only: (vertexCount: Int, indexCount: Int)? = nil
    ) throws(GPUError) {
        self.number = number
        self.vertexClass = vertexClass
        isShared = only == nil
        let vertexCount = only?.vertexCount ?? MeshPage.vertexCapacity
        let indexCount = only?.indexCount ?? MeshPage.indexCapacity
        vertexRanges = RangeAllocator(capacity: vertexCount)
        indexRanges = RangeAllocator(capacity: indexCount)
        vertices = try Buffer(
            device, byteCount: vertexCount * vertexClass.stride, usage: [.vertices, .copyDestination],
            memory: .device)
        indices = try Buffer(
            device, byteCount: indexCount * 4, usage: [.indices, .copyDestination], memory: .device)
    }

    static func canShare(vertexCount: Int, indexCount: Int) -> Bool {
        vertexCount <= vertexCapacity && indexCount <= indexCapacity
    }

    var isEmpty: Bool { vertexRanges.isEmpty }

    /// - Returns: nil if it does not fit.
    func reserve(vertexCount: Int, indexCount: Int) -> Slot? {
        guard let vertices = vertexRanges.allocate(vertexCount) else { return nil }
        guard let indices = indexRanges.allocate(indexCount) else {
            vertexRanges.release(vertices)
            return nil
        }
        return Slot(vertices: vertices, indices: indices)
    }

    func release(_ slot: Slot) {
        vertexRanges.release(slot.vertices)
        indexRanges.release(slot.indices)
    }
}
