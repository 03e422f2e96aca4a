// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// One material as an MTL file describes it.
/// - Source: "MTL material format (Lightwave, OBJ)", Alias|Wavefront 1995, and its PBR extension (Exocortex).
struct MTLDescription {
    let name: String
    private(set) var diffuse: [Float]?
    private(set) var specular: [Float]?
    private(set) var emission: [Float]?
    private var exponent: Float?
    private var opacity: Float = 1
    private var illumination: Int?
    private var roughness: Float?
    private var metalness: Float?
    /// By the statement's word in lower case.
    private(set) var maps: [String: MTLMap] = [:]

    init(name: String) { self.name = name }

    /// Takes one statement; `word` in lower case. Unknown ones and unreadable numbers are ignored.
    mutating func take(_ word: String, _ argument: String) {
        switch word {
        case "kd": diffuse = Self.color(argument)
        case "ks": specular = Self.color(argument)
        case "ke": emission = Self.color(argument)
        case "ns": exponent = Self.number(argument)
        case "d":
            opacity =
                Self.number(argument.hasPrefix("-halo") ? String(argument.dropFirst(5)) : argument) ?? 1
        case "tr": opacity = 1 - (Self.number(argument) ?? 0)
        case "illum": illumination = Self.number(argument).flatMap { Int(exactly: $0) }
        case "pr": roughness = Self.number(argument)
        case "pm": metalness = Self.number(argument)
        case "map_kd", "map_ks", "map_ns", "map_ke", "map_d", "map_bump", "bump", "norm", "map_pr",
            "map_pm":
            maps[word] = MTLMap(argument)
        default: break
        }
    }

    func materialWithoutTextures() -> Material {
        var material = Material()
        material.name = name
        let color = (diffuse ?? [0.8, 0.8, 0.8]).map { Self.linear(min(max($0, 0), 1)) }
        material.baseColorFactor = color + [min(max(opacity, 0), 1)]
        if opacity < 1 { material.alphaMode = .blend }
        material.metallicFactor = min(max(metalness ?? 0, 0), 1)
        material.roughnessFactor = min(max(roughness ?? roughnessFromExponent, 0), 1)
        if let emission, let most = emission.max(), most > 0 {
            material.emissiveFactor = emission.map { Self.linear(max($0, 0) / max(1, most)) }
            material.emissiveStrength = max(1, most)
        }
        material.isDoubleSided = true
        return material
    }

    /// A neutral Kd under a texture is mostly a writer's default (0.8, or 0) and would only darken it.
    func whitenUnderTexture(_ material: inout Material) {
        guard let diffuse else {
            return material.baseColorFactor.replaceSubrange(0..<3, with: [1, 1, 1])
        }
        if diffuse[0] == diffuse[1], diffuse[1] == diffuse[2] {
            material.baseColorFactor.replaceSubrange(0..<3, with: [1, 1, 1])
        }
    }

    private var roughnessFromExponent: Float {
        let isDull = illumination.map { $0 <= 1 } ?? false
        guard let exponent, exponent > 0, !isDull, specular.map({ $0.max() ?? 0 > 0 }) ?? true else {
            return 1
        }
        return (2 / (exponent + 2)).squareRoot()
    }

    /// Three numbers, or one for all three; nil for spectral curves.
    private static func color(_ argument: String) -> [Float]? {
        let numbers = argument.split { $0 == " " || $0 == "\t" }.prefix(3).map { Float($0) ?? .nan }
        guard let first = numbers.first, numbers.allSatisfy(\.isFinite) else { return nil }
        return numbers.count == 3 ? numbers : [first, first, first]
    }

    private static func number(_ argument: String) -> Float? {
        let value = argument.split { $0 == " " || $0 == "\t" }.first.flatMap { Float($0) }
        return value.flatMap { $0.isFinite ? $0 : nil }
    }

    /// The sRGB transfer function of IEC 61966-2-1: ((c + 0.055) / 1.055)^2.4, as a square times a fifth root, which
    /// Newton's steps find without a math library.
    private static func linear(_ encoded: Float) -> Float {
        if encoded <= 0.04045 { return encoded / 12.92 }
        let base = (Double(encoded) + 0.055) / 1.055
        let square = base * base
        var root = 1.0
        for _ in 0..<24 { root -= (root - square / (root * root * root * root)) / 5 }
        return Float(square * root)
    }
}

/// A texture statement: options, then a file name that may contain spaces.
struct MTLMap {
    private(set) var file = ""
    private(set) var offset: [Float] = [0, 0]
    private(set) var scale: [Float] = [1, 1]
    private(set) var bumpScale: Float = 1
    private(set) var clamps = false

    init?(_ argument: String) {
        var rest = Substring(argument)
        while let option = Self.word(rest), option.first == "-", option.count > 1 {
            rest = rest.dropFirst(option.count).drop { $0 == " " || $0 == "\t" }
            take(String(option.dropFirst()), &rest)
        }
        file = String(rest)
        if file.hasPrefix("\""), file.hasSuffix("\""), file.count > 2 {
            file = String(file.dropFirst().dropLast())
        }
        if file.isEmpty { return nil }
    }

    private static func word(_ text: Substring) -> Substring? {
        text.isEmpty ? nil : text.prefix { $0 != " " && $0 != "\t" }
    }

    private mutating func take(_ option: String, _ rest: inout Substring) {
        switch option {
        case "o": offset = Self.pair(Self.numbers(&rest, most: 3), missing: 0)
        case "s": scale = Self.pair(Self.numbers(&rest, most: 3), missing: 1)
        case "t": _ = Self.numbers(&rest, most: 3)
        case "bm": bumpScale = Self.numbers(&rest, most: 1).first ?? 1
        case "mm": _ = Self.numbers(&rest, most: 2)
        case "boost", "texres": _ = Self.numbers(&rest, most: 1)
        case "clamp": clamps = Self.dropWord(&rest) == "on"
        default: _ = Self.dropWord(&rest)
        }
    }

    private static func dropWord(_ rest: inout Substring) -> Substring {
        let word = Self.word(rest) ?? ""
        rest = rest.dropFirst(word.count).drop { $0 == " " || $0 == "\t" }
        return word
    }

    private static func numbers(_ rest: inout Substring, most: Int) -> [Float] {
        var result: [Float] = []
        while result.count < most, let word = word(rest), let value = Float(word), value.isFinite {
            result.append(value)
            _ = dropWord(&rest)
        }
        return result
    }

    private static func pair(_ numbers: [Float], missing: Float) -> [Float] {
        [numbers.first ?? missing, numbers.count > 1 ? numbers[1] : missing]
    }
}
