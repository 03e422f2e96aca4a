// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// Triangles to be drawn with light and colour.
package struct RasterizerMesh: Sendable {
    /// xyz per vertex.
    package var positions: [Float]
    /// Three per triangle, each < the number of vertices.
    package var indices: [UInt32]
    /// xyz per vertex, of any length; empty: each triangle is flat.
    package var normals: [Float] = []
    /// RGBA per vertex, sRGB-encoded colour and linear alpha, multiplies the base colour; empty: white.
    package var colors: [UInt8] = []
    /// uv per vertex; empty: no texture is sampled.
    package var textureCoordinates: [Float] = []

    package init(positions: [Float], indices: [UInt32]) {
        self.positions = positions
        self.indices = indices
    }

    var isConsistent: Bool {
        let count = positions.count / 3
        return positions.count == 3 * count && indices.count % 3 == 0 && (normals.isEmpty || normals.count == 3 * count)
            && (colors.isEmpty || colors.count == 4 * count)
            && (textureCoordinates.isEmpty || textureCoordinates.count == 2 * count)
    }
}

/// What previews show of a material; factors are linear.
package struct RasterizerMaterial: Sendable {
    package var baseColor = Float4(1, 1, 1, 1)
    package var metallic: Float = 0
    package var roughness: Float = 0.6
    package var emissive = Float3.zero
    /// Multiplies the base colour.
    package var baseColorTexture: RasterizerTexture?
    /// How `baseColorTexture` is placed; nil: as the coordinates are.
    package var textureReference: TextureReference?
    package var alphaMode = Material.AlphaMode.opaque
    package var alphaCutoff: Float = 0.5
    package var isUnlit = false

    package init() {}

    /// The factors of `material`; textures are the caller's to add.
    package init(_ material: Material) {
        let color = material.baseColorFactor
        baseColor = Float4(color[0], color[1], color[2], color[3])
        metallic = material.metallicFactor
        roughness = material.roughnessFactor
        let emission = material.emissiveFactor
        emissive = Float3(emission[0], emission[1], emission[2]) * material.emissiveStrength
        textureReference = material.baseColorTexture
        alphaMode = material.alphaMode
        alphaCutoff = material.alphaCutoff
        isUnlit = material.isUnlit
    }
}

/// The fixed studio light of previews: light from the sky and the ground, a key light from the upper left behind the
/// viewer, a weaker fill light from the right, and a rim light from behind. Directions are in view space and point to
/// the light; colours are linear.
package struct RasterizerLighting: Sendable {
    /// World up, in view space.
    package var up = Float3(0, 1, 0)
    package var sky = Float3(0.34, 0.37, 0.42)
    package var ground = Float3(0.10, 0.09, 0.085)
    package var lights: [(direction: Float3, color: Float3)] = [
        (StreamCore.normalized(Float3(-0.45, 0.75, 0.65)), Float3(0.92, 0.89, 0.83)),
        (StreamCore.normalized(Float3(0.85, 0.15, 0.50)), Float3(0.16, 0.18, 0.22)),
        (StreamCore.normalized(Float3(0.25, 0.45, -0.85)), Float3(0.30, 0.30, 0.30)),
    ]

    package init() {}
}
