// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The machine's surface finishes: one PBR material each.
enum Finish: String, CaseIterable {
    case paintedBlue, paintedGreen, paintedGrey, paintedLightGrey, safetyYellow, signalRed
    case machinedSteel, groundSteel, blackOxide, zincPlated, stainless, castAluminium
    case brass, bronze, copper
    case blackRubber, blackPlastic, greenPolyethylene, bluePlastic, cableOrange, whiteLabel
    case clearGlass, polycarbonate, lampRed, lampAmber, lampGreen, screen

    static let materials: [Material] = allCases.map(\.material)

    private var material: Material {
        switch self {
        case .paintedBlue: Self.paint("Painted steel, RAL 5010 gentian blue", 0.006, 0.068, 0.19)
        case .paintedGreen: Self.paint("Painted cast iron, RAL 6011 reseda green", 0.138, 0.205, 0.125)
        case .paintedGrey: Self.paint("Painted steel, RAL 7016 anthracite", 0.028, 0.036, 0.044)
        case .paintedLightGrey: Self.paint("Painted sheet, RAL 7035 light grey", 0.585, 0.61, 0.585)
        case .safetyYellow: Self.paint("Painted sheet, RAL 1003 signal yellow", 0.93, 0.42, 0.0)
        case .signalRed: Self.plastic("Plastic, RAL 3001 signal red", 0.42, 0.012, 0.014, 0.35)
        case .machinedSteel: Self.metal("Machined steel", 0.56, 0.57, 0.58, 0.34)
        case .groundSteel: Self.metal("Ground bearing steel", 0.66, 0.67, 0.68, 0.14)
        case .blackOxide: Self.metal("Black oxide steel", 0.055, 0.055, 0.06, 0.42)
        case .zincPlated: Self.metal("Zinc plated steel", 0.7, 0.72, 0.74, 0.3)
        case .stainless: Self.metal("Stainless steel, brushed", 0.6, 0.6, 0.59, 0.26)
        case .castAluminium: Self.metal("Cast aluminium", 0.72, 0.73, 0.74, 0.52)
        case .brass: Self.metal("Brass", 0.82, 0.59, 0.24, 0.25)
        case .bronze: Self.metal("Bronze", 0.58, 0.37, 0.18, 0.36)
        case .copper: Self.metal("Copper", 0.86, 0.45, 0.31, 0.24)
        case .blackRubber: Self.plastic("Black rubber", 0.016, 0.016, 0.016, 0.85)
        case .blackPlastic: Self.plastic("Black polyamide", 0.024, 0.024, 0.026, 0.5)
        case .greenPolyethylene: Self.plastic("Green UHMW polyethylene", 0.015, 0.24, 0.09, 0.45)
        case .bluePlastic: Self.plastic("Blue polypropylene", 0.018, 0.13, 0.42, 0.48)
        case .cableOrange: Self.plastic("Orange polyurethane jacket", 0.86, 0.19, 0.015, 0.55)
        case .whiteLabel: Self.plastic("White engraving plate", 0.8, 0.8, 0.78, 0.4)
        case .clearGlass: Self.clear("Clear glass", 0.85, 0.93, 0.92, 0.28, 0.03)
        case .polycarbonate: Self.clear("Smoked polycarbonate", 0.42, 0.46, 0.48, 0.36, 0.1)
        case .lampRed: Self.lamp("Red lens", 1, 0.03, 0.02)
        case .lampAmber: Self.lamp("Amber lens", 1, 0.42, 0.02)
        case .lampGreen: Self.lamp("Green lens", 0.05, 0.9, 0.2)
        case .screen: Self.lamp("Operator screen", 0.05, 0.22, 0.36)
        }
    }

    private static func base(
        _ name: String, _ color: [Float], metallic: Float, roughness: Float
    ) -> Material {
        var material = Material()
        material.name = name
        material.baseColorFactor = color
        material.metallicFactor = metallic
        material.roughnessFactor = roughness
        return material
    }

    private static func metal(_ name: String, _ r: Float, _ g: Float, _ b: Float, _ roughness: Float) -> Material {
        base(name, [r, g, b, 1], metallic: 1, roughness: roughness)
    }

    private static func plastic(_ name: String, _ r: Float, _ g: Float, _ b: Float, _ roughness: Float) -> Material {
        base(name, [r, g, b, 1], metallic: 0, roughness: roughness)
    }

    private static func paint(_ name: String, _ r: Float, _ g: Float, _ b: Float) -> Material {
        base(name, [r, g, b, 1], metallic: 0, roughness: 0.4)
    }

    private static func clear(
        _ name: String, _ r: Float, _ g: Float, _ b: Float, _ alpha: Float, _ roughness: Float
    ) -> Material {
        var material = base(name, [r, g, b, alpha], metallic: 0, roughness: roughness)
        material.alphaMode = .blend
        return material
    }

    private static func lamp(_ name: String, _ r: Float, _ g: Float, _ b: Float) -> Material {
        var material = base(name, [r, g, b, 1], metallic: 0, roughness: 0.2)
        material.emissiveFactor = [r * 0.6, g * 0.6, b * 0.6]
        return material
    }
}

/// What a part is made of, for the parts list and its mass.
struct Grade {
    var name: String
    /// kg/m³
    var density: Double

    static let structuralSteel = Grade(name: "S235JR", density: 7850)
    static let temperedSteel = Grade(name: "42CrMo4+QT", density: 7850)
    static let caseHardenedSteel = Grade(name: "16MnCr5", density: 7850)
    static let carbonSteel = Grade(name: "C45", density: 7850)
    static let bearingSteel = Grade(name: "100Cr6", density: 7810)
    static let boltSteel = Grade(name: "8.8", density: 7850)
    static let springSteel = Grade(name: "C75S", density: 7850)
    static let stainlessSteel = Grade(name: "X5CrNi18-10", density: 7900)
    static let greyIron = Grade(name: "EN-GJL-250", density: 7200)
    static let ductileIron = Grade(name: "EN-GJS-400-15", density: 7100)
    static let aluminium = Grade(name: "EN AC-44200", density: 2650)
    static let sheetSteel = Grade(name: "DC01", density: 7850)
    static let brass = Grade(name: "CuZn39Pb3", density: 8470)
    static let bronze = Grade(name: "CuSn12-C", density: 8600)
    static let copper = Grade(name: "Cu-DHP", density: 8940)
    static let rubber = Grade(name: "NBR 70", density: 1250)
    static let polyamide = Grade(name: "PA66-GF30", density: 1360)
    static let polyethylene = Grade(name: "PE-UHMW", density: 940)
    static let polypropylene = Grade(name: "PP", density: 905)
    static let polycarbonate = Grade(name: "PC", density: 1200)
    static let glass = Grade(name: "Borosilicate 3.3", density: 2230)
    static let cable = Grade(name: "PUR/Cu", density: 2600)
}
