// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// Materials of MTL files, turned into metallic-roughness ones.
///
/// Phong's exponent becomes roughness = sqrt(2 / (Ns + 2)) (Karis, "Specular BRDF Reference", 2013); the extension by
/// Exocortex (Pr, Pm, norm and their maps) is used as it is. Colours are taken as sRGB-encoded, which is what programs
/// put into Kd today. Materials are double-sided: OBJ has no notion of a back.
struct MTLLibrary {
    private static let mostBytes = 64 << 20

    /// Material names to the model's materials.
    private(set) var numbers: [String: Int] = [:]
    private var textures: [String: Int?] = [:]

    /// Reads the files that a mtllib line names; adds to the model's materials, textures and warnings.
    mutating func read(_ names: String, besideFile path: String, _ model: inout SourceModel) {
        // One name with spaces in it, or several names.
        if let library = open(names, besideFile: path) { return parse(library, path, &model) }
        let words = names.split { $0 == " " || $0 == "\t" }.map(String.init)
        for word in words {
            if words.count > 1, let library = open(word, besideFile: path) {
                parse(library, path, &model)
            } else {
                model.warnings.append(
                    "the material file \"\(word)\" cannot be read; put it beside the OBJ file")
            }
        }
    }

    private func open(_ name: String, besideFile path: String) -> MappedFile? {
        for candidate in TextureFile.candidates(name, besideFile: path) {
            if let library = try? MappedFile(path: candidate), library.byteCount <= Self.mostBytes {
                return library
            }
        }
        return nil
    }

    private mutating func parse(_ library: MappedFile, _ path: String, _ model: inout SourceModel) {
        let bytes = library.bytes
        var description: MTLDescription?
        var position = bytes.matches("\u{FEFF}", at: 0) ? 3 : 0
        while true {
            position = bytes.skippingSpace(position)
            if position >= bytes.byteCount { break }
            let start = position
            position = bytes.statementEnd(position)
            if bytes.byte(start) == 0x23 || position - start > 4096 { continue }
            let wordEnd = bytes.wordEnd(start)
            let word = bytes.text(start..<wordEnd).lowercased()
            let argument = wordEnd < position ? bytes.text(wordEnd..<position) : ""
            if word == "newmtl" {
                if let description { add(description, path, &model) }
                description = MTLDescription(name: argument)
            } else {
                description?.take(word, argument)
            }
        }
        if let description { add(description, path, &model) }
    }

    private mutating func add(
        _ description: MTLDescription, _ path: String, _ model: inout SourceModel
    ) {
        guard numbers[description.name] == nil, model.materials.count < 65_536 else { return }
        numbers[description.name] = model.materials.count
        var material = description.materialWithoutTextures()
        addTextures(of: description, to: &material, path, &model)
        model.materials.append(material)
    }

    private mutating func addTextures(
        of description: MTLDescription, to material: inout Material, _ path: String,
        _ model: inout SourceModel
    ) {
        if let map = description.maps["map_kd"] {
            material.baseColorTexture = texture(map, path, &model)
            if material.baseColorTexture != nil { description.whitenUnderTexture(&material) }
        }
        if let map = description.maps["map_ke"] {
            material.emissiveTexture = texture(map, path, &model)
            if material.emissiveTexture != nil, description.emission == nil {
                material.emissiveFactor = [1, 1, 1]
            }
        }
        if let map = description.maps["norm"] ?? description.maps["map_bump"]
            ?? description.maps["bump"]
        {
            addNormalMap(map, to: &material, path, &model)
        }
        addRoughnessMap(of: description, to: &material, path, &model)
        addOpacityMap(of: description, to: &material, path, &model)
        for word in ["map_ks", "map_ns"] where description.maps[word] != nil {
            model.warnings.append(
                "material \"\(description.name)\": \(word) has no counterpart and was left out")
        }
    }

    /// Files named by bump may hold heights in grey, which are no normals.
    private mutating func addNormalMap(
        _ map: MTLMap, to material: inout Material, _ path: String, _ model: inout SourceModel
    ) {
        guard let reference = texture(map, path, &model) else { return }
        if model.textures[reference.texture].isGrey {
            model.warnings.append(
                "the texture \"\(map.file)\" is a height map, not a normal map, and was left out")
            return
        }
        material.normalTexture = reference
        material.normalScale = map.bumpScale
    }

    /// glTF keeps roughness in green and metalness in blue of one image: a grey roughness image serves alone as long as
    /// nothing is metallic, and one image named for both is already packed.
    private mutating func addRoughnessMap(
        of description: MTLDescription, to material: inout Material, _ path: String,
        _ model: inout SourceModel
    ) {
        let roughness = description.maps["map_pr"]
        let metalness = description.maps["map_pm"]
        if let roughness, metalness == nil || metalness?.file == roughness.file {
            guard let reference = texture(roughness, path, &model) else { return }
            material.metallicRoughnessTexture = reference
            material.roughnessFactor = 1
            if metalness != nil { material.metallicFactor = 1 }
        } else if roughness != nil || metalness != nil {
            model.warnings.append(
                "material \"\(description.name)\": map_Pr and map_Pm in two images were left out; pack them in one"
            )
        }
    }

    private mutating func addOpacityMap(
        of description: MTLDescription, to material: inout Material, _ path: String,
        _ model: inout SourceModel
    ) {
        guard let map = description.maps["map_d"] else { return }
        if map.file == description.maps["map_kd"]?.file {
            if material.baseColorTexture != nil, material.alphaMode == .opaque {
                material.alphaMode = .mask
            }
        } else {
            model.warnings.append(
                "material \"\(description.name)\": the opacity image \"\(map.file)\" is not in the colour image, and "
                    + "was left out")
        }
    }

    private mutating func texture(_ map: MTLMap, _ path: String, _ model: inout SourceModel)
        -> TextureReference?
    {
        let key = map.clamps ? "clamp " + map.file : map.file
        if textures[key] == nil {
            switch TextureFile.load(map.file, besideFile: path) {
            case .success(var texture):
                if map.clamps {
                    texture.sampler.wrapU = .clampToEdge
                    texture.sampler.wrapV = .clampToEdge
                }
                textures[key] = .some(model.textures.count)
                model.textures.append(texture)
            case .failure(let problem):
                textures[key] = .some(nil)
                model.warnings.append(problem.sentence)
            }
        }
        guard let known = textures[key], let number = known else { return nil }
        var reference = TextureReference(texture: number)
        reference.scale = map.scale
        // OBJ samples at scale * v + offset with v upwards; v' = 1 - v on both sides gives this.
        reference.offset = [map.offset[0], 1 - map.scale[1] - map.offset[1]]
        return reference
    }
}

extension SourceTexture {
    /// Whether the image has a single colour channel: PNG colour types 0 and 4, JPEG frames of one component.
    var isGrey: Bool {
        switch encoding {
        case .png: return bytes.count > 25 && (bytes[25] == 0 || bytes[25] == 4)
        case .jpeg:
            var position = 2
            while position + 9 < bytes.count, bytes[position] == 0xFF {
                let marker = bytes[position + 1]
                // Start of frame, all kinds: C0 to CF without C4, C8 and CC.
                if marker >= 0xC0, marker <= 0xCF, marker != 0xC4, marker != 0xC8, marker != 0xCC {
                    return bytes[position + 9] == 1
                }
                position += 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
            }
            return false
        }
    }
}
