// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

extension Rasterizer {
    /// Draws lit, coloured triangles over what is there. Both sides of a triangle are lit.
    ///
    /// Draw opaque and masked meshes first, then blended ones from far to near: blended triangles are laid over in the
    /// order of drawing, tested against depth but not writing it.
    ///
    /// - Parameters:
    ///   - viewFromModel: affine, to a view space that looks along -z.
    ///   - clipFromView: perspective or parallel.
    package mutating func draw(
        _ mesh: RasterizerMesh, material: RasterizerMaterial, viewFromModel: RasterizerMatrix,
        clipFromView: RasterizerMatrix, lighting: RasterizerLighting = RasterizerLighting()
    ) {
        precondition(!colors.isEmpty, "the rasterizer was made for colours")
        precondition(mesh.isConsistent, "arrays of as many vertices each")
        let pipeline = RasterizerPipeline(width: width, height: height)
        let surface = RasterizerSurface(
            mesh: mesh, material: material, viewFromModel: viewFromModel,
            isPerspective: clipFromView.z.w != 0, shading: RasterizerShading(lighting: lighting))
        let writesDepth = material.alphaMode != .blend
        let (encoded, linear) = (SRGB.encoded, SRGB.linear)
        depths.withUnsafeMutableBufferPointer { depths in
            colors.withUnsafeMutableBufferPointer { colors in
                encoded.withUnsafeBufferPointer { encoded in
                    linear.withUnsafeBufferPointer { linear in
                        pipeline.run(
                            positions: mesh.positions.span, indices: mesh.indices.span,
                            clipFromModel: clipFromView * viewFromModel
                        ) { fragment in
                            let pixel = fragment.pixel
                            guard fragment.depth > depths[pixel], let color = surface.shade(fragment, linear) else {
                                return
                            }
                            if writesDepth {
                                depths[pixel] = fragment.depth
                                colors[pixel] = SRGB.packed(color, encoded)
                            } else {
                                let below = SRGB.unpacked(colors[pixel], linear)
                                colors[pixel] = SRGB.packed(blended(color, over: below), encoded)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Both with straight alpha, in linear light.
private func blended(_ upper: Float4, over lower: Float4) -> Float4 {
    let lowerShare = lower.w * (1 - upper.w)
    let alpha = upper.w + lowerShare
    if alpha <= 0 { return .zero }
    var result = (upper * upper.w + lower * lowerShare) / alpha
    result.w = alpha
    return result
}

/// A mesh ready to be shaded pixel by pixel.
struct RasterizerSurface {
    let mesh: RasterizerMesh
    let material: RasterizerMaterial
    let viewFromModel: RasterizerMatrix
    let isPerspective: Bool
    let shading: RasterizerShading

    /// RGBA in 0...1, linear; nil where the material is cut out.
    func shade(_ fragment: RasterizerFragment, _ linear: UnsafeBufferPointer<Float>) -> Float4? {
        let (i, j, k) = (
            Int(mesh.indices[3 * fragment.triangle]), Int(mesh.indices[3 * fragment.triangle + 1]),
            Int(mesh.indices[3 * fragment.triangle + 2])
        )
        let w = fragment.weights
        var base = material.baseColor
        if !mesh.colors.isEmpty {
            base *= vertexColor(i, linear) * w.x + vertexColor(j, linear) * w.y + vertexColor(k, linear) * w.z
        }
        if let texture = material.baseColorTexture, !mesh.textureCoordinates.isEmpty {
            let uv = coordinates(i) * w.x + coordinates(j) * w.y + coordinates(k) * w.z
            let place = material.textureReference?.transformed(uv.x, uv.y) ?? uv
            base *= texture.sample(place.x, place.y)
        }
        switch material.alphaMode {
        case .opaque: base.w = 1
        case .mask:
            if base.w < material.alphaCutoff { return nil }
            base.w = 1
        case .blend: if base.w <= 0 { return nil }
        }
        let color = Float3(base.x, base.y, base.z)
        if material.isUnlit { return Float4(color, base.w) }
        let light = lightOnSurface(color, i, j, k, w) + material.emissive
        return Float4(RasterizerShading.toneMapped(light), base.w)
    }

    private func lightOnSurface(_ color: Float3, _ i: Int, _ j: Int, _ k: Int, _ w: Float3) -> Float3 {
        let (a, b, c) = (vector(mesh.positions, i), vector(mesh.positions, j), vector(mesh.positions, k))
        let place = viewFromModel.apply(Float4(a * w.x + b * w.y + c * w.z, 1))
        let toViewer = isPerspective ? normalized(-Float3(place.x, place.y, place.z)) : Float3(0, 0, 1)
        let cofactors = viewFromModel.cofactors
        func turned(_ n: Float3) -> Float3 { cofactors.x * n.x + cofactors.y * n.y + cofactors.z * n.z }
        var face = normalized(turned(cross(b - a, c - a)))
        if dot(face, toViewer) < 0 { face = -face }
        var normal = face
        if !mesh.normals.isEmpty {
            let smooth = vector(mesh.normals, i) * w.x + vector(mesh.normals, j) * w.y + vector(mesh.normals, k) * w.z
            normal = normalized(turned(smooth), fallback: face)
            // The seen side decides, whichever way the file's normals and corners turn.
            if dot(normal, face) < 0 { normal = -normal }
        }
        return shading.light(
            baseColor: color, metallic: material.metallic, roughness: material.roughness, normal: normal,
            toViewer: toViewer)
    }

    private func vector(_ values: [Float], _ vertex: Int) -> Float3 {
        Float3(values[3 * vertex], values[3 * vertex + 1], values[3 * vertex + 2])
    }

    private func coordinates(_ vertex: Int) -> Float2 {
        Float2(mesh.textureCoordinates[2 * vertex], mesh.textureCoordinates[2 * vertex + 1])
    }

    private func vertexColor(_ vertex: Int, _ linear: UnsafeBufferPointer<Float>) -> Float4 {
        Float4(
            linear[Int(mesh.colors[4 * vertex])], linear[Int(mesh.colors[4 * vertex + 1])],
            linear[Int(mesh.colors[4 * vertex + 2])], Float(mesh.colors[4 * vertex + 3]) * (1 / 255))
    }
}
