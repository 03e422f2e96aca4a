// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// A lidded bronze vase on a walnut plinth, 0.46 m high: three parts, two materials, seven textures.
enum Vase {
    private static let columns = 128

    /// Base colour, surface, normals, emission of the bronze, then base colour, surface, normals of the wood.
    static func images() -> [TextureImage] {
        let bronze = BronzeTextures()
        let wood = WoodTextures()
        return [
            bronze.baseColor, bronze.surface, bronze.normal, bronze.emissive, wood.baseColor, wood.surface, wood.normal,
        ]
    }

    /// `images`: as given by `images()`, encoded.
    static func scene(images: [GLBScene.Image]) -> GLBScene {
        var scene = GLBScene()
        scene.name = "Lidded vase"
        scene.images = images
        scene.materials = [bronze, wood]
        scene.geometries = [body, lid, plinth]
        scene.meshes = [("Vase body", 0, 0), ("Vase lid", 1, 0), ("Plinth", 2, 1)].map {
            GLBScene.Mesh(name: $0.0, geometry: $0.1, material: $0.2)
        }
        let grades = ["CuSn12-C", "CuSn12-C", "Walnut, oiled"]
        scene.nodes = [GLBScene.Node(name: "Lidded vase", children: [1, 2, 3], isRoot: true)]
        for (index, mesh) in scene.meshes.enumerated() {
            let height = index == 2 ? 0 : 0.06
            scene.nodes.append(
                GLBScene.Node(
                    name: mesh.name, mesh: index, position: Double3(0, height, 0),
                    extras: [("material_grade", .string(grades[index]))]))
        }
        return scene
    }

    private static var bronze: Material {
        var material = Material()
        material.name = "Engraved bronze with inlay"
        material.baseColorTexture = TextureReference(texture: 0)
        material.metallicRoughnessTexture = TextureReference(texture: 1)
        material.occlusionTexture = TextureReference(texture: 1)
        material.normalTexture = TextureReference(texture: 2)
        material.emissiveTexture = TextureReference(texture: 3)
        material.emissiveFactor = [1, 1, 1]
        return material
    }

    private static var wood: Material {
        var material = Material()
        material.name = "Oiled walnut"
        material.metallicFactor = 0
        material.baseColorTexture = TextureReference(texture: 4)
        material.metallicRoughnessTexture = TextureReference(texture: 5)
        material.occlusionTexture = TextureReference(texture: 5)
        material.normalTexture = TextureReference(texture: 6)
        return material
    }

    // MARK: Shapes

    private static var body: TriangleMesh {
        let outside = Path.smooth(
            [
                (0.062, 0.0), (0.064, 0.006), (0.058, 0.014), (0.045, 0.026), (0.05, 0.04), (0.082, 0.078),
                (0.112, 0.13), (0.118, 0.175), (0.105, 0.22), (0.075, 0.255), (0.058, 0.275), (0.058, 0.292),
                (0.067, 0.303), (0.071, 0.308),
            ].map { Double3($0.0, $0.1, 0) }, steps: 8)
        let inside = Path.smooth(
            [
                (0.071, 0.308), (0.0695, 0.3105), (0.064, 0.307), (0.053, 0.29), (0.053, 0.275), (0.07, 0.252),
                (0.1, 0.218), (0.113, 0.175), (0.107, 0.13), (0.077, 0.081), (0.045, 0.044), (0, 0.036),
            ].map { Double3($0.0, $0.1, 0) }, steps: 4)
        let foot = [Double3(0, 0.004, 0), Double3(0.045, 0.004, 0), Double3(0.05, 0, 0), Double3(0.062, 0, 0)]
        let plain = (BronzeTextures.lidTop + 0.02, Float(0.99))
        var mesh = TriangleMesh()
        turned(foot, plain).add(to: &mesh)
        turned(outside, (0, BronzeTextures.bodyTop)).add(to: &mesh)
        turned(inside, plain).add(to: &mesh)
        for side in [0.0, 180] { handle(side).forEach { $0.add(to: &mesh) } }
        return mesh
    }

    private static var lid: TriangleMesh {
        let outside = Path.smooth(
            [
                (0.069, 0.311), (0.0705, 0.3135), (0.069, 0.3165), (0.06, 0.323), (0.042, 0.338), (0.022, 0.347),
                (0.012, 0.352), (0.009, 0.36), (0.016, 0.368), (0.0185, 0.377), (0.014, 0.388), (0.005, 0.394),
                (0, 0.3945),
            ].map { Double3($0.0, $0.1, 0) }, steps: 5)
        let under = [
            Double3(0, 0.336, 0), Double3(0.03, 0.33, 0), Double3(0.05, 0.316, 0), Double3(0.05, 0.296, 0),
            Double3(0.0525, 0.296, 0), Double3(0.0525, 0.3108, 0), Double3(0.069, 0.311, 0),
        ]
        var mesh = TriangleMesh()
        for i in 1..<under.count { turned([under[i - 1], under[i]], (0.9, 0.95)).add(to: &mesh) }
        turned(outside, (BronzeTextures.bodyTop, BronzeTextures.lidTop)).add(to: &mesh)
        return mesh
    }

    /// A profile of (radius, height) from the bottom up the outside, over `t` by its length.
    private static func turned(_ profile: [Double3], _ t: (Float, Float)) -> SurfacePatch {
        var lengths = [0.0]
        for i in 1..<profile.count { lengths.append(lengths[i - 1] + length(profile[i] - profile[i - 1])) }
        let whole = lengths[lengths.count - 1]
        return SurfacePatch(rows: profile.count - 1, columns: columns) { row, column in
            let (s, c) = sineAndCosine(degrees: 360 * Double(column % columns) / Double(columns))
            let r = max(0, profile[row].x)
            return Double3(r * c, profile[row].y, -r * s)
        } coordinate: { row, column in
            let share = Float(lengths[row] / whole)
            return Float2(Float(column) / Float(columns), 1 - (t.0 + (t.1 - t.0) * share))
        }
    }

    /// A scroll-shaped handle: a tube that tapers, and its two ends, sunk in the wall.
    private static func handle(_ degrees: Double) -> [SurfacePatch] {
        let path = Path.smooth(
            [
                (0.056, 0.288), (0.085, 0.296), (0.112, 0.292), (0.128, 0.272), (0.134, 0.246), (0.13, 0.22),
                (0.119, 0.203), (0.106, 0.198),
            ].map { Double3($0.0, $0.1, 0) }, steps: 6)
        let frames = SweepFrame.along(path, closed: false)
        let sides = 20
        let last = path.count - 1
        let (sine, cosine) = sineAndCosine(degrees: degrees)
        func point(_ row: Int, _ column: Int) -> Double3 {
            let (s, c) = sineAndCosine(degrees: 360 * Double(column % sides) / Double(sides))
            let share = Double(row) / Double(last)
            let radius = 0.0065 + 0.003 * (2 * share - 1) * (2 * share - 1)
            let p = path[row] + frames[row].x * (c * radius) + frames[row].y * (s * radius * 1.25)
            return Double3(cosine * p.x + sine * p.z, p.y, cosine * p.z - sine * p.x)
        }
        let center = [path[0], path[last]].map { Double3(cosine * $0.x, $0.y, -sine * $0.x) }
        func place(_ row: Int, _ column: Int) -> Float2 {
            Float2(Float(row) / Float(last) * 0.5, 0.02 + 0.06 * Float(column) / Float(sides))
        }
        return [
            SurfacePatch(rows: last, columns: sides, point: point, coordinate: place),
            SurfacePatch(rows: 1, columns: sides) { row, column in
                row == 0 ? center[0] : point(0, column)
            } coordinate: {
                place($0, $1)
            },
            SurfacePatch(rows: 1, columns: sides) { row, column in
                row == 0 ? point(last, column) : center[1]
            } coordinate: {
                place($0, $1)
            },
        ]
    }

    /// A moulded square block of 0.24 m, 0.06 m high.
    private static var plinth: TriangleMesh {
        let profile: [(inset: Double, y: Double)] = [
            (0.002, 0), (0, 0.002), (0, 0.016), (0.004, 0.02), (0.01, 0.022), (0.014, 0.028), (0.015, 0.036),
            (0.012, 0.042), (0.008, 0.044), (0.008, 0.056), (0.0092, 0.0588), (0.012, 0.06),
        ]
        let around = 4 * 17
        func point(_ row: Int, _ column: Int) -> Double3 {
            let inset = profile[row].inset
            let loop = Outline.rounded(0.24 - 2 * inset, 0.24 - 2 * inset, radius: 0.022 - inset, steps: 16)
            let p = loop[column % around]
            return Double3(p.x, profile[row].y, -p.y)
        }
        let straight = Outline.rounded(0.24, 0.24, radius: 0.022, steps: 16)
        var lengths: [Float] = [0]
        for i in 0..<around {
            let d = straight[(i + 1) % around] - straight[i]
            lengths.append(lengths[i] + Float((d * d).sum().squareRoot()) / WoodTextures.extent)
        }
        func flat(_ p: Double3) -> Float2 { Float2(Float(p.x), Float(p.z)) / WoodTextures.extent + 0.5 }
        let top = profile.count - 1
        var mesh = TriangleMesh()
        SurfacePatch(rows: top, columns: around, point: point) { row, column in
            Float2(lengths[column], 1 - Float(profile[row].y) / WoodTextures.extent)
        }.add(to: &mesh)
        for (row, isTop) in [(top, true), (0, false)] {
            let center = Double3(0, profile[row].y, 0)
            SurfacePatch(rows: 1, columns: around) { step, column in
                (step == 0) == isTop ? point(row, column) : center
            } coordinate: { step, column in
                flat((step == 0) == isTop ? point(row, column) : center)
            }.add(to: &mesh)
        }
        return mesh
    }
}
