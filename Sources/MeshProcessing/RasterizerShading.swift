// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import StreamCore

/// Light on a surface, in view space: metallic-roughness as in glTF 2.0 appendix B (GGX, Smith, Schlick), with the
/// environment approximated by sky and ground and by Karis's fit of its reflection ("Physically Based Shading on
/// Mobile", 2014). The tone curve is Khronos' PBR Neutral, which keeps base colours recognisable.
struct RasterizerShading {
    let lighting: RasterizerLighting

    /// Light that leaves the surface towards the viewer, linear, not limited.
    ///
    /// - Parameters:
    ///   - normal, toViewer: unit length.
    func light(
        baseColor: Float3, metallic: Float, roughness: Float, normal: Float3, toViewer: Float3
    ) -> Float3 {
        let alpha = max(roughness * roughness, 0.004)
        let diffuse = baseColor * (1 - metallic)
        let reflectance = Float3(repeating: 0.04) * (1 - metallic) + baseColor * metallic
        let cosViewer = max(dot(normal, toViewer), 0.02)
        var sum = environment(
            diffuse: diffuse, reflectance: reflectance, roughness: roughness, normal: normal, toViewer: toViewer,
            cosViewer: cosViewer)
        for (direction, color) in lighting.lights {
            let cosLight = dot(normal, direction)
            if cosLight <= 0 { continue }
            let half = StreamCore.normalized(direction + toViewer)
            let fresnel = schlick(reflectance, max(dot(half, toViewer), 0))
            let specular = fresnel * highlight(alpha, max(dot(normal, half), 0), cosLight, cosViewer)
            // Intensities are given such that a white surface facing the light returns its colour.
            sum += color * (diffuse * (Float3(repeating: 1) - fresnel) + specular * 0.6) * cosLight
        }
        return sum
    }

    private func environment(
        diffuse: Float3, reflectance: Float3, roughness: Float, normal: Float3, toViewer: Float3, cosViewer: Float
    ) -> Float3 {
        let mirrored = normal * (2 * dot(normal, toViewer)) - toViewer
        // A rough surface sees a blurred horizon.
        let sharpness = 1 + 3 * (1 - roughness)
        let height = max(-1, min(1, dot(mirrored, lighting.up) * sharpness))
        // A studio's soft boxes are brighter than its mean light, or metals, which only reflect, would look dark.
        let reflected = hemisphere(height) * 2.1
        let r = Float4(1, 0.0425, 1.04, -0.04) + Float4(-1, -0.0275, -0.572, 0.022) * roughness
        let a004 = min(r.x * r.x, exp2f(-9.28 * cosViewer)) * r.x + r.y
        let scale = -1.04 * a004 + r.z
        let offset = 1.04 * a004 + r.w
        return hemisphere(dot(normal, lighting.up)) * diffuse
            + reflected * (reflectance * scale + Float3(repeating: offset))
    }

    /// - Parameter height: -1 down ... 1 up.
    private func hemisphere(_ height: Float) -> Float3 {
        lighting.ground + (lighting.sky - lighting.ground) * (0.5 + 0.5 * height)
    }

    private func schlick(_ reflectance: Float3, _ cosine: Float) -> Float3 {
        let inverse = 1 - cosine
        let power = inverse * inverse * inverse * inverse * inverse
        return reflectance + (Float3(repeating: 1) - reflectance) * power
    }

    /// GGX distribution times Smith visibility.
    private func highlight(_ alpha: Float, _ cosHalf: Float, _ cosLight: Float, _ cosViewer: Float) -> Float {
        let square = alpha * alpha
        let d = cosHalf * cosHalf * (square - 1) + 1
        let k = (1 - square)
        let shadowing =
            cosLight * (cosViewer * cosViewer * k + square).squareRoot()
            + cosViewer * (cosLight * cosLight * k + square).squareRoot()
        // Bounded, so that polished surfaces do not sparkle between samples.
        return min(square / (3.14159 * d * d) * 0.5 / max(shadowing, 1e-4), 16)
    }

    /// Khronos PBR Neutral: any light to 0...1.
    static func toneMapped(_ light: Float3) -> Float3 {
        let start: Float = 0.8 - 0.04
        let darkest = light.min()
        let offset = darkest < 0.08 ? darkest - 6.25 * darkest * darkest : 0.04
        let color = light - Float3(repeating: offset)
        let peak = color.max()
        if !(peak >= start) { return color }
        let d = 1 - start
        let newPeak = 1 - d * d / (peak + d - start)
        let desaturation = 1 - 1 / (0.15 * (peak - newPeak) + 1)
        return color * (newPeak / peak) * (1 - desaturation) + Float3(repeating: newPeak) * desaturation
    }
}
