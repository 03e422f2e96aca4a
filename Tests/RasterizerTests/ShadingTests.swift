// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
import StreamCore
import Testing

@Suite struct ShadingTests {
    static let clip = RasterizerMatrix.orthographic(halfWidth: 1, halfHeight: 1, near: 0, far: 10)
    static let view = RasterizerMatrix(.translation(Double3(0, 0, -5)))

    static func quad() -> RasterizerMesh {
        RasterizerMesh(positions: VisibilityTests.quad(0), indices: VisibilityTests.quadIndices)
    }

    static func draw(
        _ mesh: RasterizerMesh, _ material: RasterizerMaterial, background: Float4 = .zero, size: Int = 8
    ) -> [UInt8] {
        var target = Rasterizer(width: 2 * size, height: 2 * size, content: .colors(background: background))
        target.draw(mesh, material: material, viewFromModel: view, clipFromView: clip)
        return target.downsampled(by: 2).pixels
    }

    static func unlit(_ color: Float4, _ mode: Material.AlphaMode = .opaque) -> RasterizerMaterial {
        var material = RasterizerMaterial()
        material.baseColor = color
        material.alphaMode = mode
        material.isUnlit = true
        return material
    }

    @Test("an unlit surface keeps its colour, encoded as sRGB")
    func keepsUnlitColor() {
        let pixels = Self.draw(Self.quad(), Self.unlit(Float4(1, 0.21404114, 0, 1)))
        #expect(Array(pixels[0..<4]) == [255, 127, 0, 255] || Array(pixels[0..<4]) == [255, 128, 0, 255])
    }

    @Test("the background stays where nothing is drawn, and edges mix with it")
    func keepsBackground() {
        var mesh = Self.quad()
        mesh.positions = VisibilityTests.quad(0, from: -0.125, to: 1)
        let pixels = Self.draw(mesh, Self.unlit(Float4(1, 1, 1, 1)))
        #expect(Array(pixels[0..<4]) == [0, 0, 0, 0])
        let alphas = (0..<8).map { pixels[4 * $0 + 3] }
        #expect(alphas.contains(128) && alphas.last == 255)
        #expect(pixels[4 * alphas.firstIndex(of: 128)!] == 255)
    }

    @Test("masks cut out what lies below the cutoff")
    func cutsOutMasked() {
        var material = Self.unlit(Float4(1, 1, 1, 0.4), .mask)
        #expect(Self.draw(Self.quad(), material).allSatisfy { $0 == 0 })
        material.alphaCutoff = 0.3
        #expect(Self.draw(Self.quad(), material).allSatisfy { $0 == 255 })
    }

    @Test("blended surfaces are laid over what is there")
    func blends() {
        let pixels = Self.draw(Self.quad(), Self.unlit(Float4(1, 0, 0, 0.5), .blend), background: Float4(0, 0, 1, 1))
        #expect(pixels[3] == 255 && abs(Int(pixels[0]) - 188) < 2 && abs(Int(pixels[2]) - 188) < 2)
    }

    @Test("vertex colours and textures multiply the base colour")
    func multipliesColors() {
        var mesh = Self.quad()
        mesh.colors = [255, 0, 255, 255, 255, 0, 255, 255, 255, 0, 255, 255, 255, 0, 255, 255]
        mesh.textureCoordinates = [0, 1, 1, 1, 1, 0, 0, 0]
        var sampler = TextureSampler()
        sampler.isNearest = true
        var material = Self.unlit(Float4(1, 1, 1, 1))
        material.baseColorTexture = RasterizerTexture(
            width: 2, height: 1, pixels: [255, 255, 0, 255, 0, 255, 255, 255], sampler: sampler)
        let pixels = Self.draw(mesh, material)
        #expect(Array(pixels[0..<4]) == [255, 0, 0, 255])
        #expect(Array(pixels[28..<32]) == [0, 0, 255, 255])
    }

    @Test("a surface looks the same whichever way its normals and corners turn")
    func lightsBothSides() {
        var mesh = Self.quad()
        let reference = Self.draw(mesh, RasterizerMaterial())
        mesh.normals = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
        #expect(Self.draw(mesh, RasterizerMaterial()) == reference)
        mesh.normals = mesh.normals.map { -$0 }
        #expect(Self.draw(mesh, RasterizerMaterial()) == reference)
        mesh.indices = [2, 1, 0, 3, 2, 0]
        #expect(Self.draw(mesh, RasterizerMaterial()) == reference)
        #expect(reference[0] > 150 && reference[0] < 255)
    }

    @Test("textures wrap as the sampler says", arguments: [TextureSampler.Wrap.repeat, .mirroredRepeat, .clampToEdge])
    func wraps(wrap: TextureSampler.Wrap) {
        var sampler = TextureSampler()
        sampler.wrapU = wrap
        let pixels: [UInt8] = [0, 0, 0, 255, 255, 255, 255, 255]
        let texture = RasterizerTexture(width: 2, height: 1, pixels: pixels, sampler: sampler)
        #expect(texture.sample(0.25, 0.5).x == 0 && texture.sample(0.75, 0).x == 1)
        #expect(abs(texture.sample(0.5, 0.5).x - 0.5) < 1e-6)
        let beyond: Float = wrap == .repeat ? 0 : 1
        #expect(abs(texture.sample(1.25, 0.5).x - beyond) < 1e-5)
        let edge: Float = wrap == .repeat ? 0.5 : 1
        #expect(abs(texture.sample(1, 0.5).x - edge) < 1e-5)
        for value in [Float.nan, .infinity, -1e30, 1e30, -0.0] { #expect(texture.sample(value, value).w == 1) }
    }
}
