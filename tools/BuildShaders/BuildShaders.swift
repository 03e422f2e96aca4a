// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Compiles Shaders/vulkan to SPIR-V, into the resources of the target `Rendering`.
@main struct BuildShaders: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let shaders = context.package.directoryURL.appending(path: "Shaders")
        let common = shaders.appending(path: "common")
        let own = shaders.appending(path: "vulkan")
        let included = files(in: common, withExtensions: ["glsl"]) + files(in: own, withExtensions: ["glsl"])
        return files(in: own, withExtensions: ["vert", "frag", "comp"]).map { source in
            let result = context.pluginWorkDirectoryURL.appending(path: source.lastPathComponent + ".spv")
            // Found when it is needed, and not before: other targets do without the compiler. For Vulkan 1.2, because
            // newer code names sizes of work groups in a way that needs one more feature of the device.
            let script = """
                command -v glslangValidator > /dev/null ||
                    { echo "error: glslangValidator is missing: run tools/setup" >&2; exit 1; }
                exec glslangValidator --quiet -V --target-env vulkan1.2 "-I$1" "-I$4" -o "$3" "$2"
                """
            return .buildCommand(
                displayName: "Compiling \(source.lastPathComponent)", executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", script, "sh", common.path, source.path, result.path, own.path],
                inputFiles: [source] + included, outputFiles: [result])
        }
    }

    /// The files in a folder, sorted by path.
    private func files(in folder: URL, withExtensions extensions: Set<String>) -> [URL] {
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { extensions.contains($0.pathExtension) }.sorted { $0.path < $1.path }
    }
}
