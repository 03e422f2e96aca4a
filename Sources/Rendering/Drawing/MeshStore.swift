// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// The meshes of a scene on the device, by node, in pages. Freed places are used again when the device has drawn
/// everything that was submitted before.
final class MeshStore {
    struct Mesh {
        let page: MeshPage
        let slot: MeshPage.Slot
    }

    /// The mesh of a box: positions are 0 or 1.
    let box: Mesh
    /// What vertices without coordinates and colours have.
    let constants: Buffer
    private let uploader: Uploader
    private var meshes: [UInt32: Mesh] = [:]
    private var pages: [VertexClass: [MeshPage]]
    private var pageCount = 1
    /// Pictures that are drawn in pieces, and the meshes that have left since the first of them was begun.
    private var holderCount = 0
    private var held: [Mesh] = []

    init(_ uploader: Uploader) throws(GPUError) {
        self.uploader = uploader
        constants = try Buffer(
            uploader.device, byteCount: 16, usage: [.vertices, .copyDestination], memory: .device)
        try uploader.write([UInt32](arrayLiteral: 0, 0, 0xffff_ffff, 0), to: constants, at: 0)
        let (vertices, indices) = MeshStore.boxGeometry()
        let plain = VertexClass(isWide: false, setCount: 0, hasColors: false)
        let page = try MeshPage(uploader.device, number: 0, vertexClass: plain)
        guard let slot = page.reserve(vertexCount: vertices.count / 6, indexCount: indices.count) else {
            preconditionFailure("a box fits into an empty page")
        }
        box = Mesh(page: page, slot: slot)
        pages = [plain: [page]]
        try write(vertices, indices, box)
    }

    func mesh(_ node: UInt32) -> Mesh? { meshes[node] }

    /// Puts a mesh on the device, in place of an older one of the same node.
    func add(_ mesh: PackedMesh) throws(GPUError) {
        if mesh.vertexCount == 0 || mesh.indexCount == 0 {
            remove(mesh.node)
            return
        }
        let place = try reserve(mesh)
        remove(mesh.node)
        try write(mesh.vertices, mesh.indices, place)
        meshes[mesh.node] = place
    }

    func remove(_ node: UInt32) {
        guard let mesh = meshes.removeValue(forKey: node) else { return }
        if holderCount > 0 { held.append(mesh) } else { free(mesh) }
    }

    /// Meshes that leave keep their places until `letGo`, which must follow.
    func hold() { holderCount += 1 }

    func letGo() {
        holderCount -= 1
        if holderCount > 0 { return }
        for mesh in held { free(mesh) }
        held = []
    }

    private func free(_ mesh: Mesh) {
        let pageClass = mesh.page.vertexClass
        uploader.device.afterUse { [weak self] in
            mesh.page.release(mesh.slot)
            if mesh.page.isEmpty { self?.retire(mesh.page, pageClass) }
        }
    }

    private func write<Vertex: BitwiseCopyable>(
        _ vertices: [Vertex], _ indices: [UInt32], _ mesh: Mesh
    ) throws(GPUError) {
        let stride = mesh.page.vertexClass.stride
        try uploader.write(vertices, to: mesh.page.vertices, at: mesh.slot.vertices.lowerBound * stride)
        try uploader.write(indices, to: mesh.page.indices, at: mesh.slot.indices.lowerBound * 4)
    }

    private func reserve(_ mesh: PackedMesh) throws(GPUError) -> Mesh {
        let (vertexCount, indexCount) = (mesh.vertexCount, mesh.indexCount)
        let isShared = MeshPage.canShare(vertexCount: vertexCount, indexCount: indexCount)
        for page in pages[mesh.vertexClass] ?? [] where isShared && page.isShared {
            if let slot = page.reserve(vertexCount: vertexCount, indexCount: indexCount) {
                return Mesh(page: page, slot: slot)
            }
        }
        let page = try MeshPage(
            uploader.device, number: pageCount, vertexClass: mesh.vertexClass,
            only: isShared ? nil : (vertexCount, indexCount))
        pageCount += 1
        pages[mesh.vertexClass, default: []].append(page)
        guard let slot = page.reserve(vertexCount: vertexCount, indexCount: indexCount) else {
            preconditionFailure("what fits into a page fits into an empty one")
        }
        return Mesh(page: page, slot: slot)
    }

    // One empty shared page of each class stays, so that a mesh that comes and goes does not allocate each time.
    private func retire(_ page: MeshPage, _ pageClass: VertexClass) {
        if page.isShared, pages[pageClass, default: []].filter({ $0.isShared && $0.isEmpty }).count < 2 { return }
        pages[pageClass]?.removeAll { $0 === page }
    }

    /// Six sides of four vertices, of 16-bit position (four numbers) and octahedral normal.
    private static func boxGeometry() -> (vertices: [UInt16], indices: [UInt32]) {
        var vertices: [UInt16] = []
        var indices: [UInt32] = []
        let sides: [(axis: Int, isUpper: Bool, normal: (Int16, Int16))] = [
            (0, false, (-32767, 0)), (0, true, (32767, 0)), (1, false, (0, -32767)), (1, true, (0, 32767)),
            (2, false, (32767, 32767)), (2, true, (0, 0)),
        ]
        for side in sides {
            let first = UInt32(vertices.count / 6)
            for (u, v) in [(0, 0), (1, 0), (1, 1), (0, 1)] {
                var position: [UInt16] = [0, 0, 0, 0]
                position[side.axis] = side.isUpper ? 1 : 0
                position[(side.axis + 1) % 3] = UInt16(u)
                position[(side.axis + 2) % 3] = UInt16(v)
                vertices += position + [UInt16(bitPattern: side.normal.0), UInt16(bitPattern: side.normal.1)]
            }
            let corners: [UInt32] = side.isUpper ? [0, 1, 2, 0, 2, 3] : [0, 2, 1, 0, 3, 2]
            indices += corners.map { first + $0 }
        }
        return (vertices, indices)
    }
}
