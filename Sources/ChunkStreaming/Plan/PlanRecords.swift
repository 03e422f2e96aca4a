// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Stands for "no such thing" in the plan's arrays.
let none = UInt32.max

/// What ranking knows of a chunk.
struct PlanChunk: Sendable {
    var kind: ChunkKind
    var byteCount: UInt32
    /// What its content takes on a viewer's GPU.
    var gpuByteCount: UInt32
    /// The sector or texture that it belongs to; `none` for nodes.
    var owner: UInt32 = none
}

/// What ranking knows of a node, in its geometry's space.
struct PlanNode: Sendable {
    var center: Float3
    var half: Float3
    /// Around the boxes of the node and everything finer below it.
    var reachCenter: Float3
    var reachHalf: Float3
    /// Estimated area of the surface, seen along each axis, that faces +x, +y, +z.
    var frontArea: Float3
    /// … that faces -x, -y, -z.
    var backArea: Float3
    var error: Float
    /// What is left of it when the node is shown: the largest error of its children.
    var remainingError: Float = 0
    /// The largest error of the node and everything below it.
    var reachError: Float
    var chunk: UInt32
    var triangleCount: UInt32
}

struct PlanGeometry: Sendable {
    var firstNode: UInt32
    var nodeCount: UInt32
    /// Around all nodes, in the geometry's space.
    var center: Float3
    var half: Float3
    /// Estimated areas of the whole surface, as `PlanNode.frontArea`.
    var frontArea: Float3
    var backArea: Float3
    /// The chunk that holds all of its nodes, or `none`.
    var onlyChunk: UInt32
    var isProxy: Bool
    /// Seen from both sides: some material is double-sided.
    var isTwoSided: Bool
}

/// An instance in the plan's space.
struct PlanInstance: Sendable {
    var x: Float3
    var y: Float3
    var z: Float3
    var translation: Float3
    var geometry: UInt32
    var treeNode: UInt32
    /// How much the transform can lengthen a vector.
    var scale: Float
}

struct PlanSector: Sendable {
    /// In the plan's space.
    var center: Float3
    var half: Float3
    var chunk: UInt32
    /// The chunk of its proxy, or `none`.
    var proxyChunk: UInt32
    /// Metres.
    var proxyError: Float
    /// Metres: what is wrong where the proxy has something to show.
    var shownError: Float
    var firstInstance: UInt32
    var instanceCount: UInt32
    /// Whether `StreamPlan.sectorContent` lists all that its instances can ever need.
    var isContentListed = false

    var instances: Range<Int> { Int(firstInstance)..<Int(firstInstance) + Int(instanceCount) }
    var hasProxy: Bool { proxyChunk != none }
}

/// How a geometry samples a texture.
struct TextureUse: Sendable {
    var texture: UInt32
    /// Texels of the full size along one unit of the geometry's space.
    var texelDensity: Float
    /// How much its sharpness matters, 0...1: colour most.
    var weight: Float
}

struct PlanTexture: Sendable {
    /// A material that samples it, or `none`.
    var material: UInt32
    /// How much coarser than the full size each stored level is, finest first; 1, 2, 4, …
    var reductions: [Float]
}
