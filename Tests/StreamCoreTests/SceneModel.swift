// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import TestSupport

/// Everything a server would send of a model, without the meshes: what a ResidentScene is fed with.
struct SceneModel {
    struct Node {
        var header: NodeHeader
        var chunk: UInt32
        var gpuByteCount: UInt32
    }
    var geometries: [Wire.Geometry] = []
    var sectors: [(header: SectorHeader, instances: [Instance])] = []
    var nodes: [Node] = []

    var bounds: Bounds { sectors[0].header.bounds }

    func addAll(to scene: inout ResidentScene) throws {
        for geometry in geometries { try scene.addGeometry(geometry) }
        for sector in sectors { try scene.addSector(sector.header, instances: sector.instances) }
        for node in nodes { try scene.add(node) }
    }
}

extension ResidentScene {
    mutating func add(_ node: SceneModel.Node) throws(SceneError) {
        try addNode(node.header, chunk: node.chunk, gpuByteCount: node.gpuByteCount)
    }
}

/// Makes hierarchies of the shape that the builder makes, at random: every child has one to three parents, every parent
/// several patches, boxes hold what they replace, errors fall.
struct SceneModelMaker {
    var random: SeededGenerator
    private var model = SceneModel()

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func unit() -> Double { Double(random.next() >> 11) * 0x1p-53 }

    /// A geometry with `leaves` nodes of level 0, about 2 m in size; one node where `leaves` is 1.
    mutating func addGeometry(leaves: Int, isProxy: Bool = false) -> UInt32 {
        let geometry = UInt32(model.geometries.count)
        var levels: [[Draft]] = [(0..<leaves).map { _ in leaf() }]
        while levels.last!.count > 1 { levels.append(parents(of: levels.count - 1, &levels)) }
        let first = UInt32(model.nodes.count)
        // Coarse first.
        var numbers: [[UInt32]] = Array(repeating: [], count: levels.count)
        var next = first
        for level in levels.indices.reversed() {
            for _ in levels[level] {
                numbers[level].append(next)
                next += 1
            }
        }
        for level in levels.indices.reversed() {
            for (index, draft) in levels[level].enumerated() {
                let isRoot = level == levels.count - 1
                let parents = draft.parents.map { numbers[level + 1][$0] }
                let ranges = draft.patches.map { patch in
                    NodeHeader.Range(
                        child: patch.child.map { numbers[level - 1][$0] }, material: UInt16(patch.triangles % 2),
                        triangleCount: UInt32(patch.triangles))
                }
                let triangles = ranges.reduce(0) { $0 + $1.triangleCount }
                let header = NodeHeader(
                    codec: .plain, layout: VertexLayout(), level: UInt8(level), node: numbers[level][index],
                    geometry: geometry, vertexCount: triangles, triangleCount: triangles,
                    error: isRoot ? .infinity : Float(0.001) * Float(1 << (2 * level)), rmsError: 0,
                    origin: draft.origin, extent: draft.extent, facing: [43, 43, 42, 42, 43, 42], parents: parents,
                    ranges: ranges)
                model.nodes.append(
                    SceneModel.Node(header: header, chunk: numbers[level][index], gpuByteCount: triangles * 200))
            }
        }
        let root = levels.last![0]
        model.geometries.append(
            Wire.Geometry(
                geometry: geometry, gridStep: 0x1p-10, layout: 0, coordinateStep: 1, isProxy: isProxy,
                boxOrigin: root.origin, boxExtent: root.extent, materials: [4, 7]))
        return geometry
    }

    private struct Draft {
        var origin: Int3
        var extent: Int3
        var parents: [Int] = []
        var patches: [(child: Int?, triangles: Int)]

        mutating func include(_ other: Draft) {
            let last = pointwiseMax(origin &+ extent, other.origin &+ other.extent)
            origin = pointwiseMin(origin, other.origin)
            extent = last &- origin
        }
    }

    private mutating func leaf() -> Draft {
        let origin = Int3(
            Int32(random.index(below: 1900)), Int32(random.index(below: 1900)), Int32(random.index(below: 1900)))
        return Draft(
            origin: origin, extent: Int3(repeating: Int32(30 + random.index(below: 118))),
            patches: [(nil, 60 + random.index(below: 60))])
    }

    private mutating func parents(of level: Int, _ levels: inout [[Draft]]) -> [Draft] {
        let children = levels[level].count
        let count = max(1, children / 4)
        var drafts: [Draft?] = Array(repeating: nil, count: count)
        for child in 0..<children {
            // The first ones make sure that every parent has a child.
            var chosen = [child % count]
            for _ in 0..<random.index(below: 3) {
                let other = random.index(below: count)
                if !chosen.contains(other) { chosen.append(other) }
            }
            levels[level][child].parents = chosen
            for parent in chosen {
                let patch: (Int?, Int) = (child, 5 + random.index(below: 20))
                if drafts[parent] == nil {
                    drafts[parent] = levels[level][child]
                    drafts[parent]!.parents = []
                    drafts[parent]!.patches = [patch]
                } else {
                    drafts[parent]!.include(levels[level][child])
                    drafts[parent]!.patches.append(patch)
                }
            }
        }
        return drafts.map { $0! }
    }
}

extension SceneModelMaker {
    /// Sectors of `instanceCount` instances, the lower ones inside the upper; every sector but some lower ones with a
    /// proxy, unless `hasProxies` is false.
    mutating func place(
        _ geometries: [UInt32], instanceCount: Int, sectorCount: Int = 1, hasProxies: Bool = true
    ) -> SceneModel {
        let side = Double(max(instanceCount, 1)).squareRoot() * 3
        for sector in 0..<sectorCount {
            let share = instanceCount / sectorCount + (sector < instanceCount % sectorCount ? 1 : 0)
            let instances = (0..<share).map { number in
                Instance(
                    geometry: geometries[random.index(below: geometries.count)], treeNode: UInt32(number),
                    transform: transform(side))
            }
            let parent = sector == 0 ? nil : UInt32((sector - 1) / 3)
            let children = (1...3).map { sector * 3 + $0 }.filter { $0 < sectorCount }.map { UInt32($0) }
            var bounds = Bounds.empty
            for instance in instances {
                let facts = model.geometries[Int(instance.geometry)]
                bounds.add(
                    instance.transform.apply(
                        to: Bounds(
                            minimum: Double3(facts.boxOrigin) * facts.gridStep,
                            maximum: Double3(facts.boxOrigin &+ facts.boxExtent) * facts.gridStep)))
            }
            if bounds.isEmpty { bounds.add(.zero) }
            let header = SectorHeader(
                sector: UInt32(sector), parent: parent, children: children, bounds: bounds, proxyNode: nil,
                proxyError: 0, instanceCount: UInt32(share))
            model.sectors.append((header, instances))
        }
        for sector in (0..<sectorCount).reversed() { finish(sector, hasProxies) }
        return model
    }

    /// A sector's box holds its children's, and it gets its proxy.
    private mutating func finish(_ sector: Int, _ hasProxies: Bool) {
        for child in model.sectors[sector].header.children {
            model.sectors[sector].header.bounds.add(model.sectors[Int(child)].header.bounds)
        }
        guard hasProxies, sector == 0 || random.index(below: 5) > 0 else { return }
        let proxy = addGeometry(leaves: 1, isProxy: true)
        model.sectors[sector].header.proxyNode = model.nodes.last!.header.node
        model.sectors[sector].header.proxyError = model.sectors[sector].header.bounds.diagonal * 0.02
        _ = proxy
    }

    private mutating func transform(_ side: Double) -> AffineTransform {
        let q = Double4(unit() - 0.5, unit() - 0.5, unit() - 0.5, unit() - 0.5)
        var result = AffineTransform.rotation(q) * .scale(Double3(repeating: 0.5 + unit()))
        if random.index(below: 5) == 0 { result = result * .scale(Double3(-1, 1, 1)) }
        result.translation = Double3(unit() * side, unit() * 3, unit() * side)
        return result
    }

    /// A view of some part of `bounds`, from near or far.
    mutating func view(of bounds: Bounds) -> ViewState {
        var view = ViewState.home(of: bounds, width: 1280, height: 720)
        let target = bounds.minimum + bounds.size * Double3(unit(), unit(), unit())
        let distance = bounds.diagonal * (0.01 + unit() * unit())
        let back = normalized(Double3(unit() - 0.5, unit() - 0.3, unit() - 0.5))
        let right = normalized(cross(Double3(0, 1, 0), back), fallback: Double3(1, 0, 0))
        view.eye = target + back * distance
        view.orientation = ViewState.quaternion(right: right, up: cross(back, right), back: back)
        if random.index(below: 4) == 0 { view.projection = .orthographic(halfHeight: distance) }
        return view
    }

    /// Another order of the same nodes.
    mutating func shuffled<Value>(_ values: [Value]) -> [Value] { values.shuffled(using: &random) }
}
