// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// glTF materials and textures in our terms.
///
/// Textures are taken over as the materials name them, so that unused images are never read.
struct GLTFMaterials {
    private let source: GLTFImport
    private(set) var textures: [SourceTexture] = []
    private(set) var materials: [Material] = []
    /// By glTF texture index; nil inside: it was dropped.
    private var textureIndices: [Int: Int?] = [:]
    private var images: [Int: SourceTexture?] = [:]

    /// - Throws: `malformed` for references to nothing; what we cannot show is a warning.
    init(of source: GLTFImport) throws(ImportError) {
        self.source = source
        for (index, entry) in source.document.materials.enumerated() {
            try source.poll()
            materials.append(try material(entry, "materials[\(index)]"))
        }
    }

    private mutating func material(
        _ entry: GLTFDocument.MaterialEntry, _ place: String
    ) throws(ImportError) -> Material {
        var result = Material()
        result.name = entry.name ?? ""
        if let pbr = entry.pbrMetallicRoughness {
            let own = "\(place).pbrMetallicRoughness"
            result.baseColorFactor = try factors(
                pbr.baseColorFactor, [1, 1, 1, 1], "\(own).baseColorFactor")
            result.metallicFactor = pbr.metallicFactor ?? 1
            result.roughnessFactor = pbr.roughnessFactor ?? 1
            result.baseColorTexture = try reference(pbr.baseColorTexture, "\(own).baseColorTexture")
            result.metallicRoughnessTexture = try reference(
                pbr.metallicRoughnessTexture, "\(own).metallicRoughnessTexture")
        }
        result.normalTexture = try reference(entry.normalTexture, "\(place).normalTexture")
        result.normalScale = entry.normalTexture?.scale ?? 1
        result.occlusionTexture = try reference(entry.occlusionTexture, "\(place).occlusionTexture")
        result.occlusionStrength = entry.occlusionTexture?.strength ?? 1
        result.emissiveTexture = try reference(entry.emissiveTexture, "\(place).emissiveTexture")
        result.emissiveFactor = try factors(entry.emissiveFactor, [0, 0, 0], "\(place).emissiveFactor")
        result.alphaMode = try alphaMode(entry.alphaMode, "\(place).alphaMode")
        result.alphaCutoff = entry.alphaCutoff ?? 0.5
        result.isDoubleSided = entry.doubleSided ?? false
        if let extensions = entry.extensions { try add(extensions, to: &result, "\(place).extensions") }
        return result
    }

    private func alphaMode(_ name: String?, _ place: String) throws(ImportError) -> Material.AlphaMode {
        switch name ?? "OPAQUE" {
        case "OPAQUE": return .opaque
        case "MASK": return .mask
        case "BLEND": return .blend
        default:
            throw source.malformed("\"\(name?.prefix(20) ?? "")\" is not OPAQUE, MASK or BLEND", place)
        }
    }

    private func factors(
        _ values: [Float]?, _ standard: [Float], _ place: @autoclosure () -> String
    ) throws(ImportError) -> [Float] {
        guard let values else { return standard }
        guard values.count == standard.count else {
            throw source.malformed("\(values.count) numbers instead of \(standard.count)", place())
        }
        return values
    }

    // MARK: Extensions

    private mutating func add(
        _ extensions: GLTFDocument.MaterialEntry.Extensions, to material: inout Material,
        _ place: String
    ) throws(ImportError) {
        material.isUnlit = extensions.unlit != nil
        material.indexOfRefraction = extensions.ior?.ior ?? 1.5
        material.emissiveStrength = extensions.emissiveStrength?.emissiveStrength ?? 1
        if let entry = extensions.transmission {
            material.transmissionFactor = entry.transmissionFactor ?? 0
            material.transmissionTexture = try reference(
                entry.transmissionTexture, "\(place).KHR_materials_transmission.transmissionTexture")
        }
        if let entry = extensions.sheen {
            material.sheen = try sheen(entry, "\(place).KHR_materials_sheen")
        }
        if let entry = extensions.clearcoat {
            material.clearcoat = try clearcoat(entry, "\(place).KHR_materials_clearcoat")
        }
        if let entry = extensions.specular {
            material.specular = try specular(entry, "\(place).KHR_materials_specular")
        }
        if let entry = extensions.specularGlossiness {
            try convert(entry, into: &material, "\(place).KHR_materials_pbrSpecularGlossiness")
        }
    }

    private mutating func sheen(
        _ entry: GLTFDocument.MaterialEntry.Sheen, _ place: String
    ) throws(ImportError) -> Material.Sheen {
        var sheen = Material.Sheen()
        sheen.colorFactor = try factors(entry.sheenColorFactor, [0, 0, 0], "\(place).sheenColorFactor")
        sheen.roughnessFactor = entry.sheenRoughnessFactor ?? 0
        sheen.colorTexture = try reference(entry.sheenColorTexture, "\(place).sheenColorTexture")
        sheen.roughnessTexture = try reference(
            entry.sheenRoughnessTexture, "\(place).sheenRoughnessTexture")
        return sheen
    }

    private mutating func clearcoat(
        _ entry: GLTFDocument.MaterialEntry.Clearcoat, _ place: String
    ) throws(ImportError) -> Material.Clearcoat {
        var clearcoat = Material.Clearcoat()
        clearcoat.factor = entry.clearcoatFactor ?? 0
        clearcoat.roughnessFactor = entry.clearcoatRoughnessFactor ?? 0
        clearcoat.texture = try reference(entry.clearcoatTexture, "\(place).clearcoatTexture")
        clearcoat.roughnessTexture = try reference(
            entry.clearcoatRoughnessTexture, "\(place).clearcoatRoughnessTexture")
        clearcoat.normalTexture = try reference(
            entry.clearcoatNormalTexture, "\(place).clearcoatNormalTexture")
        clearcoat.normalScale = entry.clearcoatNormalTexture?.scale ?? 1
        return clearcoat
    }

    private mutating func specular(
        _ entry: GLTFDocument.MaterialEntry.Specular, _ place: String
    ) throws(ImportError) -> Material.Specular {
        var specular = Material.Specular()
        specular.factor = entry.specularFactor ?? 1
        specular.colorFactor = try factors(
            entry.specularColorFactor, [1, 1, 1], "\(place).specularColorFactor")
        specular.texture = try reference(entry.specularTexture, "\(place).specularTexture")
        specular.colorTexture = try reference(
            entry.specularColorTexture, "\(place).specularColorTexture")
        return specular
    }

    /// The metal share that reflects as much as the diffuse and specular colours together do.
    ///
    /// - Source: KHR_materials_pbrSpecularGlossiness, appendix "Conversion between workflows".
    private mutating func convert(
        _ entry: GLTFDocument.MaterialEntry.SpecularGlossiness, into material: inout Material,
        _ place: String
    ) throws(ImportError) {
        let diffuse = try factors(entry.diffuseFactor, [1, 1, 1, 1], "\(place).diffuseFactor")
        let specular = try factors(entry.specularFactor, [1, 1, 1], "\(place).specularFactor")
        let gloss = entry.glossinessFactor ?? 1
        material.baseColorTexture = try reference(entry.diffuseTexture, "\(place).diffuseTexture")
        material.baseColorFactor = diffuse
        if entry.specularGlossinessTexture != nil {
            // The factors only scale the texture, which has no place in our materials: a middling dielectric.
            material.metallicFactor = 0
            material.roughnessFactor = 1 - 0.5 * gloss
        } else {
            let metallic = Self.metallic(
                diffuse: Self.brightness(diffuse), specular: Self.brightness(specular), specular.max() ?? 0)
            material.metallicFactor = metallic
            material.roughnessFactor = 1 - gloss
            for channel in 0..<3 {
                material.baseColorFactor[channel] =
                    diffuse[channel] * (1 - metallic) + max(diffuse[channel], specular[channel]) * metallic
            }
        }
        source.warnings.add("specular-glossiness materials are converted approximately", place)
    }

    private static func brightness(_ color: [Float]) -> Float {
        (0.299 * color[0] * color[0] + 0.587 * color[1] * color[1] + 0.114 * color[2] * color[2])
            .squareRoot()
    }

    private static func metallic(diffuse: Float, specular: Float, _ strongest: Float) -> Float {
        let dielectric: Float = 0.04
        guard specular > dielectric else { return 0 }
        let b = diffuse * (1 - strongest) / (1 - dielectric) + specular - 2 * dielectric
        let discriminant = max(0, b * b - 4 * dielectric * (dielectric - specular))
        return min(1, max(0, (-b + discriminant.squareRoot()) / (2 * dielectric)))
    }

    // MARK: Textures

    private mutating func reference(
        _ info: GLTFDocument.TextureInfo?, _ place: String
    ) throws(ImportError) -> TextureReference? {
        guard let info else { return nil }
        guard let index = try texture(info.index, "\(place).index") else { return nil }
        var reference = TextureReference(texture: index)
        let transform = info.extensions?.transform
        reference.coordinateSet = transform?.texCoord ?? info.texCoord ?? 0
        guard reference.coordinateSet == 0 || reference.coordinateSet == 1 else {
            source.warnings.add(
                "texture coordinates beyond sets 0 and 1 are not read, the texture is left out", place)
            return nil
        }
        if let transform {
            reference.offset = try factors(
                transform.offset, [0, 0], "\(place).extensions.KHR_texture_transform.offset")
            reference.rotation = transform.rotation ?? 0
            reference.scale = try factors(
                transform.scale, [1, 1], "\(place).extensions.KHR_texture_transform.scale")
        }
        return reference
    }

    /// Our index for a glTF texture; nil when it cannot be shown.
    private mutating func texture(_ index: Int, _ place: @autoclosure () -> String)
        throws(ImportError) -> Int?
    {
        if let known = textureIndices[index] { return known }
        let entry = try source.element(source.document.textures, index, "textures", place())
        guard let image = entry.source else {
            source.warnings.add(
                "the texture has no JPEG or PNG image and is left out", "textures[\(index)]")
            textureIndices[index] = .some(nil)
            return nil
        }
        guard var texture = try self.image(image, "textures[\(index)].source") else {
            textureIndices[index] = .some(nil)
            return nil
        }
        if let name = entry.name, texture.name.isEmpty { texture.name = name }
        if let sampler = entry.sampler {
            texture.sampler = try self.sampler(sampler, "textures[\(index)].sampler")
        }
        textures.append(texture)
        textureIndices[index] = textures.count - 1
        return textures.count - 1
    }

    private func sampler(_ index: Int, _ place: String) throws(ImportError) -> TextureSampler {
        let entry = try source.element(source.document.samplers, index, "samplers", place)
        func wrap(_ code: Int?, _ name: String) throws(ImportError) -> TextureSampler.Wrap {
            switch code ?? 10497 {
            case 10497: return .repeat
            case 33648: return .mirroredRepeat
            case 33071: return .clampToEdge
            default:
                throw source.malformed("\(code ?? 0) is no wrapping mode", "samplers[\(index)].\(name)")
            }
        }
        var sampler = TextureSampler()
        sampler.wrapU = try wrap(entry.wrapS, "wrapS")
        sampler.wrapV = try wrap(entry.wrapT, "wrapT")
        sampler.isNearest = entry.magFilter == 9728
        return sampler
    }

    /// The image as a texture without sampler; nil, with a warning, when it is missing or neither JPEG nor PNG.
    private mutating func image(_ index: Int, _ place: String) throws(ImportError) -> SourceTexture? {
        if let known = images[index] { return known }
        let entry = try source.element(source.document.images, index, "images", place)
        let texture = try load(entry, "images[\(index)]")
        images[index] = .some(texture)
        return texture
    }

    private func load(_ entry: GLTFDocument.Image, _ place: String) throws(ImportError)
        -> SourceTexture?
    {
        let bytes: GLTFByteSlice
        var name = entry.name ?? ""
        if let view = entry.bufferView {
            bytes = try source.bufferView(view, "\(place).bufferView").bytes
        } else if let uri = entry.uri {
            do {
                bytes = try source.resource(at: uri, "\(place).uri")
            } catch {
                source.warnings.add("the image is left out: \(error.message)", place)
                return nil
            }
            if name.isEmpty, !uri.hasPrefix("data:") {
                name = String(uri.split(separator: "/").last ?? "")
            }
        } else {
            throw source.malformed("the image has neither a URI nor a buffer view", place)
        }
        guard let encoding = Self.encoding(of: bytes) else {
            source.warnings.add("the image is neither JPEG nor PNG and is left out", place)
            return nil
        }
        try source.charge(bytes.count, stride: 1, place)
        return SourceTexture(name: name, encoding: encoding, bytes: bytes.copied())
    }

    /// Told by the first bytes, whatever the file's media type claims.
    private static func encoding(of bytes: GLTFByteSlice) -> SourceTexture.Encoding? {
        bytes.withBytes { span in
            func starts(with magic: [UInt8]) -> Bool {
                span.byteCount >= magic.count
                    && magic.indices.allSatisfy { GLTFBytes.load(span, at: $0, as: UInt8.self) == magic[$0] }
            }
            if starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
            if starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
            return nil
        }
    }
}
