// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A box in the form that transforms quickly.
struct CenteredBox {
    var center: Double3
    var halfSize: Double3

    init(center: Double3, halfSize: Double3) {
        self.center = center
        self.halfSize = halfSize
    }

    /// The box of grid positions `origin ... origin + extent`.
    init(origin: Int3, extent: Int3, step: Double) {
        halfSize = Double3(extent) * (step * 0.5)
        center = Double3(origin) * step + halfSize
    }

    var diagonal: Double { length(halfSize) * 2 }
}

/// A node whose mesh is on the GPU, linked with its resident neighbours in the hierarchy.
struct ResidentNode {
    struct Parent {
        var node: UInt32
        /// -1: not resident, or it does not know this node as its child.
        var slot: Int32 = -1
        /// Triangles of the parent's that this node replaces.
        var triangleCount: Int32 = 0
    }

    struct Range {
        /// The node that replaces these triangles; `ResidentNode.none`: they are final.
        var child: UInt32
        /// -1: not resident.
        var childSlot: Int32 = -1
        var material: UInt32
        var firstTriangle: UInt32
        var triangleCount: UInt32
    }

    static let none = UInt32.max

    var node: UInt32
    var geometry: Int32
    var chunk: Int32
    /// In the geometry's space, metres before the instance's scale.
    var box: CenteredBox
    var error: Float
    var triangleCount: Int32
    var parents: [Parent]
    var ranges: [Range]
    /// Resident children; a range's child counts once.
    var childCount: Int32 = 0

    var isRoot: Bool { parents.isEmpty }
}

/// What is known of a geometry, and which of its nodes are resident.
struct ResidentGeometry {
    var id: UInt32
    /// Whether the facts below have arrived.
    var isKnown = false
    var gridStep = 1.0
    var boxOrigin = Int3.zero
    var boxExtent = Int3.zero
    var materials: [UInt32] = []
    /// Rows of its instances.
    var rows: [Int32] = []
    /// Slots of its nodes by rising id: parents before children.
    var order: [Int32] = []
    var roots: [Int32] = []
    var rootTriangleCount: Int64 = 0
    /// The largest error among its nodes that are not roots; 0: there are none.
    var largestError: Float = 0

    var box: CenteredBox { CenteredBox(origin: boxOrigin, extent: boxExtent, step: gridStep) }

    /// The model's material that a range's index means; materials are 24 bits in a draw.
    func material(at index: UInt16) -> UInt32 {
        let material = Int(index) < materials.count ? materials[Int(index)] : Draw.noMaterial
        return material < Draw.noMaterial ? material : Draw.noMaterial
    }
}

struct ResidentInstance {
    var geometry: Int32
    var sector: Int32
    var treeNode: UInt32
    var transform: AffineTransform
    var scale: Double
    var isMirrored: Bool
    /// World space; known when the geometry is.
    var box = CenteredBox(center: .zero, halfSize: Double3(repeating: -1))

    init(_ instance: Instance, geometry: Int32, sector: Int32) {
        self.geometry = geometry
        self.sector = sector
        treeNode = instance.treeNode
        transform = instance.transform
        scale = transform.largestScale
        isMirrored = transform.determinant < 0
    }
}

struct ResidentSector {
    var id: UInt32
    var parent: UInt32?
    var bounds: Bounds
    var proxyNode: UInt32?
    var proxyError: Double
    /// Ids, and slots; a slot is -1 while the child is not resident.
    var children: [UInt32]
    var childSlots: [Int32]
    var rows: Range<Int>
    /// Row of its proxy, or -1.
    var proxyRow: Int32 = -1
    /// Instances whose geometry has no resident root.
    var rootlessCount = 0
}

/// A chunk of nodes, all of which come and go together.
struct ResidentChunk {
    var id: UInt32
    var nodes: [Int32] = []
    var gpuByteCount: Int64 = 0
    /// The last selection that drew from it, or needed it for what it drew.
    var usedTime: UInt32 = 0
}

/// Something to draw: one index range of a node, for several instances.
package struct Draw: Equatable, BitwiseCopyable, Sendable {
    package static let noMaterial: UInt32 = 0xff_ffff
    /// Added to a geometry's number: its box, for which no node is resident.
    package static let boxFlag: UInt32 = 0x8000_0000
    /// Indices of a box: 12 triangles.
    package static let boxIndexCount: UInt32 = 36

    package var node: UInt32
    package var firstIndex: UInt32
    package var indexCount: UInt32
    /// Into the selection's visible rows.
    package var firstVisible: UInt32
    package var instanceCount: UInt32
    /// Material, and in the highest byte flags; bit 0: the transform mirrors.
    package var material: UInt32
}
