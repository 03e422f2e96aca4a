// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import Testing

@testable import Rendering

@Suite struct DrawingNumbersTests {
    @Test func jitterIsEvenAndSumsToZero() {
        #expect(Jitter.offsets(count: 1) == [.zero])
        for count in 2...16 {
            let offsets = Jitter.offsets(count: count)
            let sum = offsets.reduce(.zero, +)
            #expect(abs(sum.x) < 1e-12 && abs(sum.y) < 1e-12)
            #expect(offsets.allSatisfy { abs($0.x) < 1 && abs($0.y) < 1 })
            for (index, a) in offsets.enumerated() {
                for b in offsets[(index + 1)...] { #expect(max(abs(a.x - b.x), abs(a.y - b.y)) > 0.1) }
            }
        }
    }

    @Test func depthsLeadBackToDistances() {
        let bounds = Bounds(minimum: Double3(-1, -2, -3), maximum: Double3(4, 5, 6))
        var view = ViewState.home(of: bounds, width: 100, height: 50)
        for projection in [ViewState.Projection.perspective(tangent: 0.3), .orthographic(halfHeight: 4)] {
            view.projection = projection
            let mapping = DepthMapping(view, bounds: bounds)
            #expect(mapping.distance(ofDepth: 0) == .infinity)
            for distance in [18.0, 20, 26] {
                let z = -distance
                let depth = (mapping.a * z + mapping.b) / (mapping.c * z + mapping.d)
                #expect(depth > 0 && depth <= 1)
                #expect(abs(Double(mapping.distance(ofDepth: Float(depth))) - distance) < 1e-3)
            }
            // Nearer is larger.
            func depth(_ distance: Double) -> Double {
                (mapping.b - mapping.a * distance) / (mapping.d - mapping.c * distance)
            }
            #expect(depth(18) > depth(20))
        }
    }

    @Test func contentIsFoundToThePixel() {
        var pixels = [UInt8](repeating: 0, count: 4 * 20 * 10)
        func rectangle() -> PixelRectangle {
            pixels.withUnsafeBytes { PictureSummary.contentRectangle($0, width: 20, height: 10) }
        }
        #expect(rectangle() == .empty)
        func set(_ x: Int, _ y: Int) { pixels[4 * (20 * y + x) + 3] = 1 }
        set(7, 4)
        #expect(rectangle() == PixelRectangle(left: 7, top: 4, width: 1, height: 1))
        set(12, 2)
        set(3, 8)
        #expect(rectangle() == PixelRectangle(left: 3, top: 2, width: 10, height: 7))
        set(0, 0)
        set(19, 9)
        #expect(rectangle() == PixelRectangle(left: 0, top: 0, width: 20, height: 10))
    }

    @Test func aCellHasItsNearestDepth() {
        var depths = [Float](repeating: 0, count: 7 * 5)
        depths[0] = 0.1
        depths[7 + 1] = 0.3
        depths[4 * 7 + 6] = 0.7
        let cells = depths.withUnsafeBytes {
            PictureSummary.depthGrid($0, width: 7, height: 5, GridSize(columns: 2, rows: 2))
        }
        #expect(cells == [0.3, 0, 0, 0.7])
    }

    @Test func smallerTextureLevelsAreMeansOfLight() {
        let level = TextureTail.Level(
            width: 2, height: 2, pixels: [255, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 0, 0, 255])
        #expect(TextureTail.halved(level, isColor: true).pixels == [188, 0, 0, 255])
        #expect(TextureTail.halved(level, isColor: false).pixels == [128, 0, 0, 255])
        // What is transparent does not colour what is not.
        let glass = TextureTail.Level(width: 2, height: 1, pixels: [255, 255, 255, 255, 9, 9, 9, 0])
        #expect(TextureTail.halved(glass, isColor: true).pixels == [255, 255, 255, 128])
        let levels = TextureTail.levels(
            below: TextureTail.Level(width: 5, height: 3, pixels: [UInt8](repeating: 7, count: 60)), isColor: true)
        #expect(levels.map(\.width) == [2, 1] && levels.map(\.height) == [1, 1])
        #expect(levels.allSatisfy { $0.pixels.allSatisfy { $0 == 7 } })
    }

    @Test func materialsAskForWhatTheyNeed() {
        let none = TextureRoles([])
        var material = Material()
        #expect(material.features(none) == .plainCoordinates)
        material.transmissionFactor = 1
        #expect(material.features(none) == [.transmission, .blend, .plainCoordinates])
        material.isUnlit = true
        material.normalTexture = TextureReference(texture: 2)
        #expect(material.features(none) == [.unlit, .plainCoordinates])
        #expect(!material.isBlended)
        var masked = Material()
        masked.alphaMode = .mask
        masked.baseColorTexture = TextureReference(texture: 0)
        masked.baseColorTexture?.coordinateSet = 1
        #expect(masked.features(TextureRoles([masked])) == [.mask, .texture(0)])
        // A texture that is colour and numbers is stored as numbers, and decoded where it is colour.
        var both = Material()
        both.baseColorTexture = TextureReference(texture: 5)
        both.metallicRoughnessTexture = TextureReference(texture: 5)
        let roles = TextureRoles([both])
        #expect(!roles.isEncoded(5) && roles.conversion(5, isColor: true) == 1)
        #expect(roles.conversion(5, isColor: false) == 0)
        #expect(!both.features(roles).contains(.plainCoordinates))
    }

    @Test func `lists of a wrong length cost a colour and nothing else`() {
        for count in [0, 1, 2, 3, 5, 300] {
            var material = Material()
            let list = [Float](repeating: 0.5, count: count)
            (material.baseColorFactor, material.emissiveFactor) = (list, list)
            material.alphaMode = .blend
            var (sheen, specular) = (Material.Sheen(), Material.Specular())
            (sheen.colorFactor, specular.colorFactor) = (list, list)
            (material.sheen, material.specular) = (sheen, specular)
            var reference = TextureReference(texture: 0)
            (reference.offset, reference.scale) = (list, list)
            material.baseColorTexture = reference
            let values = MaterialTable.pack(material, TextureRoles([material]))
            #expect(values.count == 4 * MaterialTable.texelCount)
            // White where nothing is said.
            #expect(values[0] == (count > 0 ? 0.5 : 1) && values[3] == (count > 3 ? 0.5 : 1))
        }
    }

    @Test func materialsArePackedAsTheShaderReadsThem() {
        var material = Material()
        material.baseColorFactor = [0.1, 0.2, 0.3, 0.4]
        material.alphaMode = .blend
        material.emissiveFactor = [1, 2, 3]
        material.emissiveStrength = 2
        material.indexOfRefraction = 2
        var reference = TextureReference(texture: 0)
        reference.rotation = .pi / 2
        reference.scale = [2, 3]
        reference.offset = [0.5, 0.25]
        reference.coordinateSet = 1
        material.normalTexture = reference
        let values = MaterialTable.pack(material, TextureRoles([material]))
        #expect(values.count == 256 && Array(values[0..<4]) == [0.1, 0.2, 0.3, 0.4])
        #expect(Array(values[8..<12]) == [2, 4, 6, 0.5])
        #expect(abs(values[12] - 1 / 9) < 1e-6)
        // Slot 2 lies at texels 12 and 13.
        let matrix = Array(values[48..<52])
        #expect(zip(matrix, [0, -2, 3, 0] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(Array(values[52..<55]) == [0.5, 0.25, 1])
    }
}
