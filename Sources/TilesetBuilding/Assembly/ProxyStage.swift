// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import FileMapping
import MeshProcessing
import StreamCore

/// Gives sectors proxies: small vertex-coloured meshes that stand for everything in a sector from afar, so that ten
/// thousand distant parts cost one chunk. Bottom-up: a sector's proxy is made from its children's and its own parts.
struct ProxyStage {
    let options: BuildOptions
    let spool: SpoolFile
    let materials: [Material]

    /// The root's is the first picture: about 20 KB.
    private static let rootTriangleCount = 2048
    private static let triangleCount = 1024
    /// A sector of fewer triangles than this is cheaper to draw than to replace.
    private static let leastTriangleCount = 32 * triangleCount

    /// Adds proxy geometries to the assembly.
    ///
    /// - Returns: per sector its proxy's geometry number and error in metres; nil where drawing the parts is better.
    func build(
        _ tree: SectorTree, _ assembly: inout Assembly
    ) throws(BuildError) -> [(geometry: Int, error: Double)?] {
        var proxies = [(geometry: Int, error: Double)?](repeating: nil, count: tree.sectors.count)
        var meshes = [ProxyMesh?](repeating: nil, count: tree.sectors.count)
        var triangleCounts = [Int](repeating: 0, count: tree.sectors.count)
        let parts = assembly
        for sector in tree.sectors.indices.reversed() {
            if options.isCancelled() { throw .cancelled }
            options.progress(.assembly, 1 - Double(sector + 1) / Double(tree.sectors.count))
            triangleCounts[sector] = tree.sectors[sector].instances.reduce(0) {
                $0 + parts.geometries[parts.instances[$1].geometry].triangleCount
            }
            for child in tree.sectors[sector].children { triangleCounts[sector] += triangleCounts[child] }
            guard assembly.instances.count > 1,
                triangleCounts[sector] > (sector == 0 ? 0 : ProxyStage.leastTriangleCount)
            else { continue }
            let builder = ProxyBuilder(
                bounds: tree.sectors[sector].bounds, materials: materials, samplers: assembly.samplers,
                threads: options.threads,
                triangleCount: sector == 0 ? ProxyStage.rootTriangleCount : ProxyStage.triangleCount)
            guard let mesh = builder.build(sources(tree, sector, meshes, parts)) else { continue }
            meshes[sector] = mesh
            proxies[sector] = (assembly.geometries.count, mesh.error)
            assembly.geometries.append(try store(mesh))
            for child in tree.sectors[sector].children { meshes[child] = nil }
        }
        return proxies
    }

    /// What a sector is made of: children's proxies where they have one, else the children's own parts.
    private func sources(
        _ tree: SectorTree, _ sector: Int, _ meshes: [ProxyMesh?], _ assembly: Assembly
    ) -> [ProxyBuilder.Source] {
        var result: [ProxyBuilder.Source] = []
        var pending = [sector]
        while let next = pending.popLast() {
            if next != sector, let mesh = meshes[next] {
                result.append(.proxy(mesh))
                continue
            }
            for number in tree.sectors[next].instances {
                let instance = assembly.instances[number]
                result.append(.part(assembly.geometries[instance.geometry], instance))
            }
            pending.append(contentsOf: tree.sectors[next].children.reversed())
        }
        return result
    }

    /// A proxy is a geometry of one node, its own root, in the plain codec.
    private func store(_ proxy: ProxyMesh) throws(BuildError) -> BuiltGeometry {
        let format = VertexWords(layout: VertexLayout(colorComponentCount: 3))
        var builder = GeometryBuilder(
            options: options, precision: LevelPrecision(edge: .infinity), rootTriangleCount: .max / 8,
            store: { bytes throws(BuildError) in
                try TilesetBuilder.scratch { () throws(FileError) in try spool.append(bytes) }
            })
        let built = try builder.build(proxy.mesh, grid: proxy.grid, progress: { _ in })
        return BuiltGeometry(
            nodes: built.nodes, grid: proxy.grid, format: format, coordinateStep: 1,
            triangleCount: proxy.mesh.triangleCount, materials: [materials.count - 1],
            border: built.border, isProxy: true)
    }
}

/// A sector's stand-in, on a grid whose origin is the smallest corner of the sector's box.
struct ProxyMesh: Sendable {
    var mesh: LevelMesh
    var grid: Grid
    var origin: Double3
    /// In metres, of drawing it instead of the parts.
    var error: Double
}
