// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ImageCoding
import Inspection
package import ModelImport
import ModelStorage
import StreamCore

/// Turns a source model into an archive. For one thread; it starts `options.threads` of its own.
package struct TilesetBuilder {
    let options: BuildOptions

    package init(options: BuildOptions) { self.options = options }

    /// What was built, for people and for `--json`.
    package struct Summary: Sendable {
        package var partCount = 0
        package var geometryCount = 0
        package var instanceCount = 0
        package var materialCount = 0
        package var textureCount = 0
        package var nodeCount = 0
        package var sectorCount = 0
        package var proxyCount = 0
        package var levelCount = 0
        package var chunkCount = 0
        /// Counting every instance.
        package var triangleCount = 0
        /// Of the distinct geometries.
        package var uniqueTriangleCount = 0
        package var vertexCount = 0
        package var archiveByteCount = 0
        package var contentHash: [UInt8] = []
        package var warnings: [String] = []
    }

    /// Builds `path` from `model`; the file appears when it is complete, an older one of that name stays until then.
    ///
    /// - Parameters:
    ///   - model: its parts' arrays are empty afterwards: they are freed as they are used up.
    ///   - sourceByteCount: of the file it came from, for the record.
    package func build(
        _ model: SourceModel, sourceByteCount: Int, to path: String
    ) throws(BuildError) -> Summary {
        var description = ModelDescription()
        description.name = model.name
        description.sourceFormat = model.format
        description.sourceByteCount = sourceByteCount
        description.warnings = model.warnings
        description.materials = model.materials + [.sourceDefault, .proxy]
        description.textures = model.textures.map { ModelDescription.Texture(name: $0.name, sampler: $0.sampler) }
        description.tree = TilesetBuilder.tree(model.nodes)

        let spool = try TilesetBuilder.scratch { () throws(FileError) in
            try SpoolFile(directory: options.spill.directory)
        }
        let writer = try TilesetBuilder.archive { () throws(ArchiveError) in try ArchiveWriter(path: path) }

        var assembly = try AssemblyBuilder(options: options, spool: spool, model: model).build()
        description.warnings += assembly.warnings
        guard !assembly.instances.isEmpty else { throw .nothingToDraw }
        let tree = SectorTree(assembly.instances)
        let proxies = try ProxyStage(options: options, spool: spool, materials: description.materials)
            .build(tree, &assembly)

        description.partCount = assembly.partCount
        description.instanceCount = assembly.instances.count
        description.triangleCount = assembly.instances.reduce(0) {
            $0 + assembly.geometries[$1.geometry].triangleCount
        }
        try TilesetBuilder.scratch { () throws(FileError) in try spool.flush() }
        options.progress(.writing, 0)
        var layout = ArchiveLayout(
            geometries: assembly.geometries, instances: assembly.instances, tree: tree, proxies: proxies,
            textures: assembly.textures, spool: spool)
        let index = try layout.write(to: writer) { options.progress(.writing, $0 * 0.9) }
        description.keepLimits()
        let hash = try finish(writer, index, description, bounds: tree.sectors[0].bounds)
        return summary(assembly, index, writer, description, hash)
    }

    private func finish(
        _ writer: ArchiveWriter, _ index: TilesetIndex, _ description: ModelDescription, bounds: Bounds
    ) throws(BuildError) -> [UInt8] {
        let hash: [UInt8]? = try TilesetBuilder.archive { () throws(ArchiveError) in
            try writer.finish(index: index, description: description, bounds: bounds)
            // Opening what was written validates it before it replaces anything.
            let archive = try Archive(path: writer.readablePath)
            if options.hasThumbnail, let thumbnail = TilesetBuilder.thumbnail(archive) {
                try writer.setThumbnail(thumbnail)
            }
            if options.isCancelled() { return nil }
            try writer.commit()
            options.progress(.writing, 1)
            return archive.contentHash
        }
        guard let hash else { throw .cancelled }
        return hash
    }

    /// A picture of the model from the front right; nil only if it cannot be drawn, which verification would tell too.
    private static func thumbnail(_ archive: Archive) -> [UInt8]? {
        let (width, height) = (256, 192)
        let camera = PreviewCamera(fitting: archive.bounds, view: .iso, zoom: 1.05, aspectRatio: 4.0 / 3)
        var preview = ArchivePreview(
            archive, camera: camera,
            options: ArchivePreview.Options(width: width, height: height, errorThreshold: 1, background: nil))
        guard let image = try? preview.render() else { return nil }
        return try? ImageEncoding.jpeg(onViewersBackground(image), quality: 85, subsampling: .s420)
    }

    /// A transparent picture in front of what viewers show behind models (`Shaders/common/background.glsl`).
    private static func onViewersBackground(_ image: Image) -> Image {
        let (top, bottom) = (255 * ViewerBackground.light.top, 255 * ViewerBackground.light.bottom)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * image.width * image.height)
        for y in 0..<image.height {
            let height = 1 - (Float(y) + 0.5) / Float(image.height)
            let share = height * height * (3 - 2 * height)
            for x in 0..<image.width {
                let aside = (Float(x) + 0.5) / Float(image.width) - 0.5
                let behind = (bottom + share * (top - bottom)) * (1 - 0.1 * aside * aside)
                let first = 4 * (y * image.width + x)
                let alpha = Float(image.pixels[first + 3]) / 255
                for channel in 0..<3 {
                    let color = behind[channel] + alpha * (Float(image.pixels[first + channel]) - behind[channel])
                    pixels.append(UInt8(color.rounded()))
                }
            }
        }
        return Image(width: image.width, height: image.height, channelCount: 3, pixels: pixels)
    }

    private func summary(
        _ assembly: Assembly, _ index: TilesetIndex, _ writer: ArchiveWriter, _ description: ModelDescription,
        _ hash: [UInt8]
    ) -> Summary {
        var summary = Summary()
        summary.partCount = assembly.partCount
        summary.geometryCount = assembly.geometries.count { !$0.isProxy }
        summary.proxyCount = assembly.geometries.count { $0.isProxy }
        summary.instanceCount = assembly.instances.count
        summary.materialCount = description.materials.count - 2
        summary.textureCount = description.textures.count
        summary.nodeCount = index.nodes.count
        summary.sectorCount = index.sectors.count
        summary.levelCount = assembly.geometries.map { $0.levelCount }.max() ?? 0
        summary.chunkCount = writer.chunks.count
        summary.triangleCount = description.triangleCount
        for geometry in assembly.geometries where !geometry.isProxy {
            summary.uniqueTriangleCount += geometry.triangleCount
            summary.vertexCount += geometry.vertexCount
        }
        summary.archiveByteCount = writer.byteCount
        summary.contentHash = hash
        summary.warnings = description.warnings
        return summary
    }

    private static func tree(_ nodes: [SourceNode]) -> ModelDescription.Tree {
        var tree = ModelDescription.Tree()
        tree.names = nodes.map { $0.name }
        tree.parents = nodes.map { $0.parent ?? -1 }
        for (number, node) in nodes.enumerated() where !node.properties.isEmpty {
            tree.properties[number] = node.properties.map { [$0.name, $0.value] }
        }
        return tree
    }

    static func scratch<Result>(_ body: () throws(FileError) -> Result) throws(BuildError) -> Result {
        do throws(FileError) { return try body() } catch { throw .scratch(error) }
    }

    private static func archive<Result>(_ body: () throws(ArchiveError) -> Result) throws(BuildError) -> Result {
        do throws(ArchiveError) { return try body() } catch { throw .archive(error.description) }
    }
}

extension Material {
    /// What glTF says of a mesh without a material, a little less metallic than its default, which is hard to read.
    static var sourceDefault: Material {
        var material = Material()
        material.name = "default"
        material.baseColorFactor = [0.8, 0.8, 0.8, 1]
        material.metallicFactor = 0
        material.roughnessFactor = 0.6
        return material
    }

    /// Of sector proxies, whose colours are in their vertices.
    static var proxy: Material {
        var material = Material()
        material.name = "proxy"
        material.metallicFactor = 0
        material.roughnessFactor = 0.7
        material.isDoubleSided = true
        return material
    }
}
