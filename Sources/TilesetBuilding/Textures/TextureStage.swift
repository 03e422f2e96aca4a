// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ImageCoding
import MeshProcessing
import ModelImport
import StreamCore

/// Encodes the levels of every texture of a model.
struct TextureStage {
    let options: BuildOptions
    let spool: SpoolFile

    struct Result: Sendable {
        var textures: [BuiltTexture] = []
        /// Per texture: a small decoded level for baking colours; nil for those that hold no colour, or are broken.
        var samplers: [RasterizerTexture?] = []
    }

    /// A texture that cannot be decoded keeps its number but has no levels, and a warning says so.
    func build(_ model: SourceModel, _ warnings: inout [String]) throws(BuildError) -> Result {
        try checkPixels(model)
        var result = Result()
        let roles = TextureStage.roles(model)
        var builder = TextureLevelBuilder()
        if let limit = options.spill.memoryLimit { builder.maximumPixels = min(builder.maximumPixels, limit / 16) }
        let levelBuilder = builder
        // Decoded images are large: no more at once than threads, and one at a time under a memory limit.
        let width = options.spill.memoryLimit == nil ? options.threads : 1
        for start in stride(from: 0, to: model.textures.count, by: width) {
            if options.isCancelled() { throw .cancelled }
            options.progress(.textures, Double(start) / Double(model.textures.count))
            let batch = start..<min(start + width, model.textures.count)
            let outcomes = parallelMap(count: batch.count, threads: width) { offset in
                let number = start + offset
                return Swift.Result { () throws(ImageError) in
                    try levelBuilder.build(
                        model.textures[number].bytes, usage: roles[number].usage, alpha: roles[number].alpha)
                }
            }
            for (number, outcome) in zip(batch, outcomes) {
                let texture = model.textures[number]
                switch outcome {
                case .success(let levels):
                    result.textures.append(try store(levels))
                    result.samplers.append(
                        roles[number].usage == .color ? RasterizerTexture(levels.small, sampler: texture.sampler) : nil)
                    warnings += levels.warnings.map { "texture \(number) \"\(texture.name)\": \($0)" }
                case .failure(let error):
                    result.textures.append(BuiltTexture(width: 0, height: 0, levels: []))
                    result.samplers.append(nil)
                    warnings.append("texture \(number) \"\(texture.name)\" is left out: \(error)")
                }
            }
        }
        return result
    }

    /// A picture of one colour promises a billion pixels in a few kilobytes, so they are counted before any is made.
    private func checkPixels(_ model: SourceModel) throws(BuildError) {
        guard let limit = options.pixelLimit else { return }
        var total = 0
        for texture in model.textures {
            guard let header = unsafe try? ImageDecoding.readHeader(texture.bytes.span.bytes) else { continue }
            let (product, hasOverflown) = header.width.multipliedReportingOverflow(by: header.height)
            let (sum, isTooLarge) = total.addingReportingOverflow(product)
            total = hasOverflown || isTooLarge ? Int.max : sum
            if total == Int.max { break }
        }
        guard total <= limit else {
            throw .tooLarge(
                "the textures have \(total >> 20) megapixels in all, more than the \(limit >> 20) that an import may "
                    + "decode (models.importPixelLimit); make them smaller")
        }
    }

    private func store(_ levels: TextureLevels) throws(BuildError) -> BuiltTexture {
        var built = BuiltTexture(width: levels.levels[0].width, height: levels.levels[0].height, levels: [])
        for level in levels.levels {
            let body = try TilesetBuilder.scratch { () throws(FileError) in try spool.append(level.bytes) }
            built.levels.append(
                BuiltTexture.Level(
                    level: level.level, encoding: level.encoding == .jpeg ? .jpeg : .png, width: level.width,
                    height: level.height, body: body))
        }
        return built
    }

    private typealias Role = (usage: TextureLevelBuilder.Usage, alpha: TextureLevelBuilder.AlphaRole)

    /// A texture that several slots read differently is treated as the most demanding of them: data before normals
    /// before colour.
    private static func roles(_ model: SourceModel) -> [Role] {
        var roles: [Role] = Array(repeating: (.color, .ignored), count: model.textures.count)
        for material in model.materials {
            let hasCoverage = material.alphaMode != .opaque
            if hasCoverage, let reference = material.baseColorTexture { roles[reference.texture].alpha = .coverage }
            if let reference = material.sheen?.roughnessTexture { roles[reference.texture].alpha = .data }
            if let reference = material.specular?.texture { roles[reference.texture].alpha = .data }
            for reference in [material.normalTexture, material.clearcoat?.normalTexture] {
                if let reference, roles[reference.texture].usage == .color { roles[reference.texture].usage = .normal }
            }
            let data = [
                material.metallicRoughnessTexture, material.occlusionTexture, material.clearcoat?.texture,
                material.clearcoat?.roughnessTexture, material.transmissionTexture,
            ]
            for reference in data { if let reference { roles[reference.texture].usage = .data } }
        }
        return roles
    }
}
