// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkCoding
package import MeshProcessing
package import ModelStorage
package import StreamCore

/// One instance of a geometry and which of its nodes are expanded: what a viewer draws of it.
package struct DrawnInstance: Sendable {
    package var geometry: Int
    package var transform: AffineTransform
    /// nil: `node` alone, whole, as the stand-in of a sector.
    package var cut: Cut?
    package var node = 0
    /// Metres: what is wrong where a stand-in is drawn.
    package var standInError = 0.0
}

/// Draws what a viewer has into a picture of triangle numbers, and tells what each triangle is. For one thread at a time.
package struct ViewPicture {
    /// What a number in the picture stands for.
    package struct Source: Sendable {
        package var instance: Int
        package var node: Int
        /// First triangle of `node` that is drawn under consecutive numbers.
        package var firstTriangle: Int
        package var firstID: Int
        /// Geometric error in metres where these triangles are drawn; 0 for the source's own.
        package var error: Double
    }

    package let archive: Archive
    package let view: ViewState
    package private(set) var rasterizer: Rasterizer
    /// Ascending by `firstID`.
    package private(set) var sources: [Source] = []
    package private(set) var triangleCount = 0
    private let viewFromWorld: AffineTransform
    private let clipFromView: RasterizerMatrix
    private let near: Double

    /// - Parameter scale: picture pixels for each pixel of the view, 1 or more.
    package init(_ archive: Archive, view: ViewState, scale: Int = 1) {
        self.archive = archive
        self.view = view
        rasterizer = Rasterizer(width: Int(view.width) * scale, height: Int(view.height) * scale, content: .ids)
        let axes = view.axes
        viewFromWorld = AffineTransform(
            x: Double3(axes.x.x, axes.y.x, axes.z.x), y: Double3(axes.x.y, axes.y.y, axes.z.y),
            z: Double3(axes.x.z, axes.y.z, axes.z.z),
            translation: -Double3(dot(axes.x, view.eye), dot(axes.y, view.eye), dot(axes.z, view.eye)))
        near = max(archive.bounds.diagonal * 1e-5, 1e-9)
        clipFromView = ViewPicture.projection(view, near: near, depth: archive.bounds.diagonal * 4)
    }

    private static func projection(_ view: ViewState, near: Double, depth: Double) -> RasterizerMatrix {
        switch view.projection {
        case .perspective(let tangent):
            RasterizerMatrix(
                x: Float4(Float(1 / (tangent * view.aspectRatio)), 0, 0, 0), y: Float4(0, Float(1 / tangent), 0, 0),
                z: Float4(0, 0, 0, -1), w: Float4(0, 0, Float(near), 0))
        case .orthographic(let halfHeight):
            .orthographic(
                halfWidth: Float(halfHeight * view.aspectRatio), halfHeight: Float(halfHeight), near: Float(-depth),
                far: Float(depth))
        }
    }

    /// Draws the patches of an instance's cut.
    ///
    /// - Throws: `NodeCodingError` when a chunk is damaged.
    package mutating func draw(_ drawn: DrawnInstance, number: Int, meshes: inout MeshCache) throws(NodeCodingError) {
        let scale = drawn.transform.largestScale
        guard let cut = drawn.cut else {
            try draw(
                node: drawn.node, of: drawn, number: number, meshes: &meshes, draws: { _ in true },
                error: { _ in drawn.standInError })
            return
        }
        let index = archive.index
        for node in cut.nodes where cut.contains(node) {
            try draw(
                node: node, of: drawn, number: number, meshes: &meshes, draws: { cut.draws(node, child: $0) },
                error: { child in child.map { Double(index.nodes[Int($0)].error) * scale } ?? 0 })
        }
    }

    private mutating func draw(
        node: Int, of drawn: DrawnInstance, number: Int, meshes: inout MeshCache, draws: (UInt32?) -> Bool,
        error: (UInt32?) -> Double
    ) throws(NodeCodingError) {
        let (header, mesh) = try meshes.mesh(node, of: archive)
        let step = Float(archive.index.geometries[drawn.geometry].grid.step)
        let clipFromModel = clipFromView * RasterizerMatrix(viewFromWorld * drawn.transform)
        var positions: [Float] = []
        var triangle = 0
        for range in header.ranges {
            let count = Int(range.triangleCount)
            defer { triangle += count }
            guard count > 0, draws(range.child) else { continue }
            if positions.isEmpty { positions = mesh.positions.map { Float($0) * step } }
            sources.append(
                Source(
                    instance: number, node: node, firstTriangle: triangle, firstID: triangleCount,
                    error: error(range.child)))
            let indices = Array(mesh.indices[3 * triangle..<3 * (triangle + count)])
            rasterizer.drawIDs(
                positions: positions.span, indices: indices.span, clipFromModel: clipFromModel,
                ids: .perTriangle(first: UInt32(triangleCount)))
            triangleCount += count
        }
    }

    /// What the triangle with this number is.
    package func source(of id: UInt32) -> Source {
        var (low, high) = (0, sources.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if sources[middle].firstID <= Int(id) { low = middle } else { high = middle }
        }
        return sources[low]
    }

    /// Metres from the eye's plane to what a pixel shows; orthographic views have no distances.
    package func distance(atPixel pixel: Int) -> Double {
        near / Double(max(rasterizer.depths[pixel], .leastNormalMagnitude))
    }
}

/// Decoded meshes, kept while there is room.
package struct MeshCache {
    private var meshes: [Int: (header: NodeHeader, mesh: NodeMesh)] = [:]
    private static let maximumCount = 8192

    package init() {}

    /// - Throws: `NodeCodingError` when the chunk is damaged.
    package mutating func mesh(
        _ node: Int, of archive: Archive
    ) throws(NodeCodingError) -> (header: NodeHeader, mesh: NodeMesh) {
        if let known = meshes[node] { return known }
        let result = try archive.decodeNode(node)
        if meshes.count >= MeshCache.maximumCount { meshes.removeAll() }
        meshes[node] = result
        return result
    }
}
