// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a viewer has of a model, and what of it to draw for a view: the one selection of browser and native renderer.
///
/// Nodes, sectors and geometries are added as they arrive, in any order, and `select` finds the cut to draw:
///
/// 1. Sectors, from the root: one is drawn as its proxy until it is worth more and everything that replaces the proxy
///    is there.
/// 2. For each instance in view, the errors of its geometry's resident nodes in pixels; a parent counts as at least as
///    wrong as its children, and a node without all its parents cannot be shown. After that a node is expanded exactly
///    when its number reaches the threshold, so the triangles of the cuts for all thresholds are known at once.
/// 3. The smallest threshold that keeps the budgets, and the ranges to draw, the same for all instances that show the
///    same nodes.
///
/// Whatever is missing, something coarser is drawn in its place: every drawn set is a closed cut (see `Cut`) over
/// resident nodes. Only + − × ÷, square roots and comparisons: native and WebAssembly results are equal bit for bit.
/// Input never traps; results are valid until the next call that changes the scene. Not for several threads at once.
///
/// - Source: design as in Cignoni et al., "Batched multi triangulation", 2005, with boxes instead of nested spheres.
package struct ResidentScene {
    /// More than any builder makes for one viewer; bounds what hostile data can make a scene allocate.
    package static let maximumNodeCount = 1 << 20
    package static let maximumInstanceCount = 1 << 20

    var nodes: [ResidentNode] = []
    var freeNodes: [Int32] = []
    var nodeSlots = IdTable()
    var geometries: [ResidentGeometry] = []
    var geometrySlots = IdTable()
    var sectors: [ResidentSector] = []
    var sectorSlots = IdTable()
    /// Slots by rising id: parents before children.
    var sectorOrder: [Int32] = []
    /// By row: instances, and the proxies of sectors (with geometry -1).
    var instances: [ResidentInstance] = []
    var chunks: [ResidentChunk] = []
    var freeChunks: [Int32] = []
    var chunkSlots = IdTable()
    var residentTriangleCount: Int64 = 0
    var gpuByteCount: Int64 = 0

    var gpuByteLimit: Int64 = 512 << 20
    var triangleLimit: Int64 = 5_000_000
    var triangleReserve = 1.0
    /// Counts selections.
    var time: UInt32 = 0
    var usedByteCount: Int64 = 0
    var work = SelectionWork()

    /// By number; the first is always there.
    var viewers = [ViewerMemory()]
    /// The viewer of the last selection.
    var viewer = 0

    /// What to draw, and the rows of the instances for which; of the last selection.
    package internal(set) var draws: [Draw] = []
    package internal(set) var visibleRows: [UInt32] = []
    package internal(set) var statistics = SceneStatistics()

    package init() {}

    /// What the resident meshes take.
    package var residentGPUByteCount: Int64 { gpuByteCount }

    /// - Parameters:
    ///   - gpuByteCount: bytes that meshes may take; at least 1 MiB.
    ///   - triangleCount: that a selection may draw, but for roots and proxies; at least 1.
    package mutating func setLimits(gpuByteCount: Int64, triangleCount: Int64) {
        gpuByteLimit = max(gpuByteCount, 1 << 20)
        triangleLimit = max(triangleCount, 1)
    }

    /// How many times the triangle limit is used rather than let many parts give way to one stand-in; 1 to begin with. For
    /// limits that are a matter of time.
    package mutating func setTriangleReserve(_ times: Double) { triangleReserve = max(times, 1) }

    /// From a row's geometry to the world.
    package func transform(ofRow row: Int) -> AffineTransform { instances[row].transform }

    /// Where the instances stand, for the viewer of the last selection.
    package var rows: InstanceRows { viewers[viewer].rows }

    /// Forgets everything but the limits; only viewer 0 is left.
    package mutating func removeAll() {
        let (bytes, triangles, reserve) = (gpuByteLimit, triangleLimit, triangleReserve)
        self = ResidentScene()
        setLimits(gpuByteCount: bytes, triangleCount: triangles)
        setTriangleReserve(reserve)
    }

    /// Tells the renderer whether `rows` differ from those at the last call.
    package mutating func takeRowsChanged() -> Bool {
        defer { viewers[viewer].rows.hasChanged = false }
        return viewers[viewer].rows.hasChanged
    }
}

/// What a selection found, for people and for the server.
package struct SceneStatistics: Equatable, Sendable {
    package var triangleCount: Int64 = 0
    /// The threshold that was used: at least the asked one; the server should send nothing finer.
    package var thresholdPixels = 0.0
    /// The largest error in view that finer data could still reduce, in pixels, estimated where that data is not there.
    package var largestErrorPixels = 0.0
    package var residentNodeCount = 0
    package var residentGPUByteCount: Int64 = 0
    package var residentTriangleCount: Int64 = 0
    package var visibleInstanceCount = 0
    /// Instances drawn as boxes, because nothing of their geometry is there.
    package var boxCount = 0
    /// Whether the threshold is still on its way: selecting the same view again gives another result.
    package var isThresholdMoving = false
    /// GPU bytes of the chunks that the selection needs.
    package var usedGPUByteCount: Int64 = 0
    package var instanceCount = 0
    package var drawCount = 0
    /// Whether the limits would need a higher threshold than there is: what is drawn may be more wrong than it.
    package var isThresholdAtEnd = false
}

extension ResidentScene {
    /// Makes known what a geometry is. Nodes of it can be added afterwards; a known one stays as it is.
    ///
    /// - Throws: `inconsistent` for a step that is not a power of two, or a box outside the grid.
    package mutating func addGeometry(_ message: Wire.Geometry) throws(SceneError) {
        let limit: Int32 = 1 << 28
        let (origin, extent) = (message.boxOrigin, message.boxExtent)
        guard message.gridStep > 0, message.gridStep.isNormal, message.gridStep.significand == 1,
            origin.min() > -limit, origin.max() < limit, extent.min() >= 0, extent.max() < limit,
            (origin &+ extent).max() < limit
        else { throw .inconsistent }
        let slot = try geometrySlot(of: message.geometry)
        if geometries[slot].isKnown { return }
        geometries[slot].isKnown = true
        geometries[slot].gridStep = message.gridStep
        geometries[slot].boxOrigin = origin
        geometries[slot].boxExtent = extent
        geometries[slot].materials = message.materials
        for row in geometries[slot].rows { place(row) }
    }

    /// The slot of a geometry, which need not be known yet.
    mutating func geometrySlot(of id: UInt32) throws(SceneError) -> Int {
        let slot = geometrySlots.slot(of: id)
        if slot >= 0 { return Int(slot) }
        guard geometries.count < ResidentScene.maximumNodeCount else { throw .full }
        geometrySlots.set(id, to: Int32(geometries.count))
        geometries.append(ResidentGeometry(id: id))
        return geometries.count - 1
    }

    /// Computes where an instance of a known geometry is.
    mutating func place(_ row: Int32) {
        let geometry = geometries[Int(instances[Int(row)].geometry)]
        let placed = PlacedTransform(instances[Int(row)].transform)
        instances[Int(row)].box = placed.apply(to: geometry.box)
        for number in viewers.indices { viewers[number].rows.invalidate(row) }
    }
}

/// A transform prepared for boxes.
struct PlacedTransform {
    private let transform: AffineTransform
    private let absoluteX: Double3
    private let absoluteY: Double3
    private let absoluteZ: Double3

    init(_ transform: AffineTransform) {
        self.transform = transform
        absoluteX = magnitudes(transform.x)
        absoluteY = magnitudes(transform.y)
        absoluteZ = magnitudes(transform.z)
    }

    /// The axis-aligned box around the transformed one.
    @inline(__always)
    func apply(to box: CenteredBox) -> CenteredBox {
        CenteredBox(
            center: transform.apply(to: box.center),
            halfSize: absoluteX * box.halfSize.x + absoluteY * box.halfSize.y + absoluteZ * box.halfSize.z)
    }
}

/// Component by component.
@inline(__always)
func magnitudes(_ a: Double3) -> Double3 { Double3(abs(a.x), abs(a.y), abs(a.z)) }
