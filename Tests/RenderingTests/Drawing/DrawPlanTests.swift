// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import Testing

@testable import Rendering
@testable import StreamCore

@Suite(.serialized, .disabled(if: Vulkan.isMissing, Vulkan.comment)) struct DrawPlanTests {
    private let transform = AffineTransform(
        x: Double3(0, 2, 0), y: Double3(-1, 0, 0.5), z: Double3(0.25, 0, 3), translation: Double3(10, 20, 30))
    private let cell = Int3(90, 210, 280)
    private let origin = Int3(100, 200, 300)
    private let gridStep: Float = 0.25

    private func list(_ items: [DrawList.Item], blended: [DrawList.Item] = []) -> DrawList {
        var list = DrawList()
        let row = list.rows.append()
        list.rows.update(eye: .zero, reach: 1000) { _, _, words in
            InstanceRows.write(
                row, transform, cell: cell, offset: Double3(1, 2, 3), treeNode: 7, to: &words)
        }
        list.visibleRows = [0]
        list.items = items
        list.blended = blended
        return list
    }

    private func item(_ node: UInt32, extent: Int3 = .zero) -> DrawList.Item {
        DrawList.Item(
            node: node, firstIndex: 3, indexCount: 6, firstVisible: 0, instanceCount: 1, material: Draw.noMaterial,
            isMirrored: false, origin: origin, gridStep: gridStep, extent: extent)
    }

    private func withStores(_ body: (MeshStore, MaterialTable) throws -> Void) throws {
        let device = try Device(VulkanInstance())
        defer { device.shutDown(timeoutMilliseconds: 20_000) }
        let uploader = Uploader(device)
        try body(MeshStore(uploader), MaterialTable([], TextureRoles([]), uploader))
    }

    /// Where mesh.vert puts a vertex, relative to the reference.
    private func place(_ words: [UInt32], _ grid: Int3) -> SIMD3<Float> {
        let numbers = words.map { Float(bitPattern: $0) }
        var local = SIMD3<Float>.zero
        for axis in 0..<3 { local[axis] = Float(Int32(bitPattern: words[12 + axis]) &+ grid[axis]) * numbers[16] }
        var result = SIMD3<Float>.zero
        for axis in 0..<3 {
            result[axis] =
                numbers[axis] * local.x + numbers[4 + axis] * local.y + numbers[8 + axis] * local.z
                + numbers[4 * axis + 3]
        }
        return result
    }

    @Test func aBoxStandsWhereItsGeometryWould() throws {
        try withStores { meshes, materials in
            let extent = Int3(8, 16, 32)
            try meshes.add(
                PackedMesh(
                    node: 5, gridStep: Double(gridStep), origin: origin,
                    vertexClass: VertexClass(isWide: false, setCount: 0, hasColors: false), vertexCount: 3,
                    vertices: [UInt8](repeating: 0, count: 36), indices: [0, 1, 2, 0, 2, 1, 1, 2, 0]))
            let node = DrawPlan(list([item(5)]), meshes, materials)
            let box = DrawPlan(list([item(Draw.boxFlag | 1, extent: extent)]), meshes, materials)
            #expect(node.placements.count == DrawPlan.placementWordCount && box.draws.count == 1)
            for corner in [Int3(0, 0, 0), Int3(1, 0, 0), Int3(0, 1, 1), Int3(1, 1, 1)] {
                #expect(place(box.placements, corner) == place(node.placements, corner &* extent))
            }
            // Tree node, and the fallback's row for what has no material.
            #expect(node.placements[15] == 7 && box.placements[15] == 7 && node.placements[17] == 0)
            #expect(node.draws[0].indexCount == 6 && node.draws[0].firstInstance == 0)
        }
    }

    @Test func whatIsNotOnTheDeviceIsLeftOut() throws {
        try withStores { meshes, materials in
            let plan = DrawPlan(list([item(5)], blended: [item(6)]), meshes, materials)
            #expect(plan.batches.isEmpty && plan.blendedBatches.isEmpty && plan.draws.isEmpty)
        }
    }

    @Test func opaqueDrawsShareABatchAndBlendedOnesKeepTheirOrder() throws {
        try withStores { meshes, materials in
            let boxes = [item(Draw.boxFlag | 1), item(Draw.boxFlag | 2)]
            let plan = DrawPlan(list(boxes, blended: boxes), meshes, materials)
            #expect(plan.batches.count == 1 && plan.batches[0].count == 2)
            // The fallback shows both sides, so blended it stays alone.
            #expect(plan.blendedBatches.map(\.first) == [2, 3])
            #expect(plan.draws.map(\.firstInstance) == [0, 1, 2, 3])
        }
    }
}
