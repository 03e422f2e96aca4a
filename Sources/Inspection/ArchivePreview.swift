// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
package import ImageCoding
import MeshProcessing
package import ModelStorage
package import StreamCore

/// Draws an archive on the CPU from its decoded chunks, with the same selection rules as the viewers: for thumbnails,
/// and for looking at what a given error threshold means. For one thread at a time.
package struct ArchivePreview {
    package struct Options: Sendable {
        /// Pixels, 1...8192 each.
        package var width: Int
        package var height: Int
        /// Largest screen-space error to leave, in pixels; above 0.
        package var errorThreshold: Double
        /// RGB, linear light; nil: transparent.
        package var background: Float3?

        package init(width: Int, height: Int, errorThreshold: Double, background: Float3?) {
            self.width = width
            self.height = height
            self.errorThreshold = errorThreshold
            self.background = background
        }
    }

    /// What a picture took.
    package struct Statistics: Sendable {
        package var triangleCount = 0
        package var nodeCount = 0
        package var proxyCount = 0
        package var instanceCount = 0
        /// Bytes of the chunks that the picture needs, coarser versions included.
        package var chunkByteCount = 0
    }

    private let archive: Archive
    private let camera: PreviewCamera
    private let options: Options
    private var rasterizer: Rasterizer
    private let view: AffineTransform
    private let projection: RasterizerMatrix
    private let pixelsPerRadian: Double
    private var nodes: [Int: (header: NodeHeader, mesh: NodeMesh)] = [:]
    private var textures: [Int: RasterizerTexture] = [:]
    private var chunks = Set<UInt32>()
    private var blended: [Draw] = []
    package private(set) var statistics = Statistics()

    private static let supersampling = 2

    private struct Draw {
        var mesh: RasterizerMesh
        var material: RasterizerMaterial
        var viewFromModel: RasterizerMatrix
        var distance: Double
    }

    package init(_ archive: Archive, camera: PreviewCamera, options: Options) {
        self.archive = archive
        self.camera = camera
        self.options = options
        let factor = ArchivePreview.supersampling
        let background = options.background.map { Float4($0.x, $0.y, $0.z, 1) } ?? Float4(0, 0, 0, 0)
        rasterizer = Rasterizer(
            width: options.width * factor, height: options.height * factor, content: .colors(background: background))
        view = RasterizerMatrix.viewFromWorld(eye: camera.eye, target: camera.target, up: camera.up)
        projection = .perspective(
            verticalFieldOfView: camera.verticalFieldOfView, aspectRatio: Float(options.width) / Float(options.height),
            near: Float(length(camera.eye - camera.target)) * 1e-3)
        pixelsPerRadian = 0.5 * Double(options.height) * Double(projection.y.y)
    }

    /// - Returns: RGBA.
    /// - Throws: `NodeCodingError` or `ChunkError` when a chunk is damaged.
    package mutating func render() throws -> Image {
        try draw(sector: 0)
        blended.sort { $0.distance > $1.distance }
        for item in blended { rasterize(item) }
        for chunk in chunks { statistics.chunkByteCount += Int(archive.index.chunks[Int(chunk)].byteCount) }
        let result = rasterizer.downsampled(by: ArchivePreview.supersampling)
        return Image(width: result.width, height: result.height, channelCount: 4, pixels: result.pixels)
    }

    // MARK: Selection

    private mutating func draw(sector: Int) throws {
        let record = archive.index.sectors[sector]
        chunks.insert(record.chunk)
        let error = ScreenSpaceError(
            eye: camera.eye, pixelsPerRadian: pixelsPerRadian,
            nearestDistance: length(camera.eye - camera.target) * 1e-3)
        if let proxy = record.proxyNode, error.pixels(record.proxyError, at: record.bounds) <= options.errorThreshold {
            statistics.proxyCount += 1
            let transform = AffineTransform.translation(record.bounds.minimum)
            let geometry = Int(archive.index.nodes[Int(proxy)].geometry)
            try draw(node: Int(proxy), geometry: geometry, transform, draws: { _ in true })
            return
        }
        for instance in try archive.instances(inSector: sector) { try draw(instance, error) }
        for child in record.children { try draw(sector: Int(child)) }
    }

    private mutating func draw(_ instance: Instance, _ error: ScreenSpaceError) throws {
        let index = archive.index
        let geometry = index.geometries[Int(instance.geometry)]
        let scale = instance.transform.largestScale
        let cut = Cut(
            of: geometry, in: index,
            containing: { node in
                let record = index.nodes[node]
                if record.error == .infinity { return true }
                let box = Bounds(
                    minimum: geometry.grid.position(record.origin),
                    maximum: geometry.grid.position(record.origin &+ record.extent))
                let pixels = error.pixels(Double(record.error) * scale, at: instance.transform.apply(to: box))
                return pixels > options.errorThreshold
            })
        statistics.instanceCount += 1
        for node in cut.nodes where cut.contains(node) {
            chunks.insert(index.nodes[node].chunk)
            try draw(node: node, geometry: Int(instance.geometry), instance.transform) { cut.draws(node, child: $0) }
        }
    }

    // MARK: Drawing

    private mutating func draw(
        node: Int, geometry: Int, _ transform: AffineTransform, draws: (UInt32?) -> Bool
    ) throws {
        let (header, mesh) = try decoded(node)
        let record = archive.index.geometries[geometry]
        var base = rasterizerMesh(mesh, record)
        let viewFromModel = RasterizerMatrix(view * transform)
        var isDrawn = false
        // Triangles of one material at a time.
        var byMaterial: [Int: [UInt32]] = [:]
        var triangle = 0
        for range in header.ranges {
            let count = Int(range.triangleCount)
            if draws(range.child) {
                byMaterial[Int(range.material), default: []] += mesh.indices[3 * triangle..<3 * (triangle + count)]
                statistics.triangleCount += count
                isDrawn = true
            }
            triangle += count
        }
        if isDrawn { statistics.nodeCount += 1 }
        for slot in byMaterial.keys.sorted() {
            base.indices = byMaterial[slot] ?? []
            let number = Int(record.materials[slot])
            let center = transform.apply(to: record.grid.position(header.origin))
            let item = Draw(
                mesh: place(base, record, mesh, number), material: try material(number), viewFromModel: viewFromModel,
                distance: length(center - camera.eye))
            if item.material.alphaMode == .blend { blended.append(item) } else { rasterize(item) }
        }
    }

    private mutating func rasterize(_ item: Draw) {
        var lighting = RasterizerLighting()
        lighting.up = Float3(view.apply(toDirection: Double3(0, 1, 0)))
        rasterizer.draw(
            item.mesh, material: item.material, viewFromModel: item.viewFromModel, clipFromView: projection,
            lighting: lighting)
    }

    private mutating func decoded(_ node: Int) throws -> (header: NodeHeader, mesh: NodeMesh) {
        if let known = nodes[node] { return known }
        chunks.insert(archive.index.nodes[node].chunk)
        var result = try archive.decodeNode(node)
        result.mesh.computeNormals()
        // Shared geometries are drawn many times; single ones only once.
        if archive.index.nodes[node].triangleCount < 8192, nodes.count < 4096 { nodes[node] = result }
        return result
    }

    private func rasterizerMesh(_ mesh: NodeMesh, _ geometry: GeometryRecord) -> RasterizerMesh {
        let step = Float(geometry.grid.step)
        var result = RasterizerMesh(positions: mesh.positions.map { Float($0) * step }, indices: [])
        result.normals.reserveCapacity(mesh.positions.count)
        for code in mesh.normals {
            let normal = OctahedralNormal.decode(code)
            result.normals += [normal.x, normal.y, normal.z]
        }
        let components = mesh.layout.colorComponentCount
        if components > 0 {
            for vertex in 0..<mesh.vertexCount {
                result.colors += mesh.colors[components * vertex..<components * vertex + 3]
                result.colors.append(components == 4 ? mesh.colors[4 * vertex + 3] : 255)
            }
        }
        return result
    }

    /// Adds the texture coordinates that a material's base colour samples.
    private func place(
        _ base: RasterizerMesh, _ geometry: GeometryRecord, _ mesh: NodeMesh, _ material: Int
    ) -> RasterizerMesh {
        guard let reference = archive.description.materials[material].baseColorTexture,
            reference.coordinateSet < mesh.coordinates.count
        else { return base }
        var result = base
        result.textureCoordinates = mesh.coordinates[reference.coordinateSet].map {
            Float(Double($0) * geometry.coordinateStep)
        }
        return result
    }

    private mutating func material(_ number: Int) throws -> RasterizerMaterial {
        let material = archive.description.materials[number]
        var result = RasterizerMaterial(material)
        if let reference = material.baseColorTexture { result.baseColorTexture = try texture(reference.texture) }
        if let reference = material.metallicRoughnessTexture, let mean = try mean(ofTexture: reference.texture) {
            result.roughness *= mean.y
            result.metallic *= mean.z
        }
        if let reference = material.emissiveTexture, let mean = try mean(ofTexture: reference.texture) {
            result.emissive *= mean
        }
        return result
    }

    /// The mean of a texture's tail, 0...1: a preview's stand-in for maps other than colour.
    private func mean(ofTexture number: Int) throws -> Float3? {
        let levelCount = archive.index.textures[number].levelChunks.count
        if levelCount == 0 { return nil }
        let (header, chunk) = try archive.textureLevel(number, at: levelCount - 1)
        let content = chunk.rawSpan.extracting(droppingFirst: TextureLevelHeader.byteCount)
        let image = try ImageDecoding.decode(content, maximumPixels: header.pixelCount, channelCount: 3)
        var sum = Double3.zero
        for first in stride(from: 0, to: image.pixels.count, by: 3) {
            sum += Double3(
                Double(image.pixels[first]), Double(image.pixels[first + 1]), Double(image.pixels[first + 2]))
        }
        return Float3(sum / Double(max(1, image.pixels.count / 3)) / 255)
    }

    /// The smallest stored level that is at least as large as the picture needs, or the largest there is.
    private mutating func texture(_ number: Int) throws -> RasterizerTexture? {
        if let known = textures[number] { return known }
        let record = archive.index.textures[number]
        let wanted = max(options.width, options.height)
        for position in record.levelChunks.indices.reversed() {
            let (header, chunk) = try archive.textureLevel(number, at: position)
            guard max(Int(header.width), Int(header.height)) >= wanted || position == 0 else { continue }
            let content = chunk.rawSpan.extracting(droppingFirst: TextureLevelHeader.byteCount)
            let image = try ImageDecoding.decode(content, maximumPixels: header.pixelCount, channelCount: 4)
            chunks.insert(record.levelChunks[position])
            let sampler = archive.description.textures[number].sampler
            let texture = RasterizerTexture(
                width: image.width, height: image.height, pixels: image.pixels, sampler: sampler)
            textures[number] = texture
            return texture
        }
        return nil
    }
}
