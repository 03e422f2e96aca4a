// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import GPU

/// The shaders that the build compiled, as the program's resources.
struct ShaderFiles {
    let meshVertex: Shader
    /// The same, behind planes that cut the model.
    let clippedMeshVertex: Shader
    let meshFragment: Shader
    let identityFragment: Shader
    let backgroundVertex: Shader
    let backgroundFragment: Shader
    let accumulate: Shader
    let summary: Shader
    let planes: Shader

    init() throws(RenderingError) {
        meshVertex = try ShaderFiles.read("mesh.vert")
        clippedMeshVertex = try ShaderFiles.read("mesh-clipped.vert")
        meshFragment = try ShaderFiles.read("mesh.frag")
        identityFragment = try ShaderFiles.read("identity.frag")
        backgroundVertex = try ShaderFiles.read("background.vert")
        backgroundFragment = try ShaderFiles.read("background.frag")
        accumulate = try ShaderFiles.read("accumulate.comp")
        summary = try ShaderFiles.read("summary.comp")
        planes = try ShaderFiles.read("planes.comp")
    }

    private static func read(_ name: String) throws(RenderingError) -> Shader {
        let file = Bundle.module.bundleURL.appendingPathComponent(name + ".spv")
        guard let data = try? Data(contentsOf: file), let shader = Shader(bytes: [UInt8](data)) else {
            throw .damagedInstallation("the shader \(name).spv")
        }
        return shader
    }
}
