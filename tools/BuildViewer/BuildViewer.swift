// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Makes what the viewer needs besides its pages, into the resources of the target `Viewer`: core.wasm from the very
/// sources the server is built from, the Draco decoder that tools/setup made, the shaders, and the pages' modules and
/// styles in few files.
@main struct BuildViewer: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL
        let output = context.pluginWorkDirectoryURL
        var commands = [
            coreCommand(package: package, output: output), dracoCommand(package: package, output: output),
            appCommand(package: package, output: output),
        ]
        // The browser's shaders and those it shares with the server's renderer, side by side.
        for folder in ["Shaders/common", "Shaders/webgl"] {
            for shader in files(in: package.appending(path: folder), withExtension: "glsl") {
                commands.append(copyCommand(shader, to: output.appending(path: shader.lastPathComponent)))
            }
        }
        return commands
    }

    private func coreCommand(package: URL, output: URL) -> Command {
        let script = package.appending(path: "tools/build-core-wasm")
        let exports = package.appending(path: "Sources/WasmExports")
        let runtime = exports.appending(path: "core_runtime.c")
        let core = files(in: package.appending(path: "Sources/StreamCore"), withExtension: "swift")
        let sources = core + [exports.appending(path: "core_exports.swift")]
        let result = output.appending(path: "core.wasm")
        return .buildCommand(
            displayName: "Compiling the browser's core", executable: script,
            arguments: [result.path, runtime.path] + sources.map(\.path), inputFiles: [script, runtime] + sources,
            outputFiles: [result])
    }

    private func dracoCommand(package: URL, output: URL) -> Command {
        let decoder = package.appending(path: ".work/draco/draco_decoder.wasm")
        let result = output.appending(path: decoder.lastPathComponent)
        if FileManager.default.fileExists(atPath: decoder.path) { return copyCommand(decoder, to: result) }
        // Fails when the viewer is built, and not before: other targets do not need it. It copies once it can, because
        // SwiftPM may keep this command after tools/setup has run.
        let script = """
            [ -f "$1" ] && exec cp "$1" "$2"
            echo "error: $1 is missing: run tools/setup, which builds the browser's Draco decoder" >&2
            exit 1
            """
        return .buildCommand(
            displayName: "Looking for the browser's Draco decoder", executable: URL(filePath: "/bin/sh"),
            arguments: ["-c", script, "sh", decoder.path, result.path], outputFiles: [result])
    }

    private func appCommand(package: URL, output: URL) -> Command {
        let script = package.appending(path: "tools/build-viewer-app")
        let web = package.appending(path: "Sources/Viewer/web")
        let results = [
            "page.css", "main.js", "thin.js", "viewer-worker.js", "stream-worker.js", "frame-worker.js",
            "probe-worker.js",
            "decode-worker.js",
        ]
        return .buildCommand(
            displayName: "Putting the viewer's modules together", executable: script,
            arguments: [web.path, output.path],
            inputFiles: [script] + files(in: web, withExtension: "js") + files(in: web, withExtension: "css"),
            outputFiles: results.map { output.appending(path: $0) })
    }

    private func copyCommand(_ source: URL, to result: URL) -> Command {
        .buildCommand(
            displayName: "Copying \(source.lastPathComponent)", executable: URL(filePath: "/bin/cp"),
            arguments: [source.path, result.path], inputFiles: [source], outputFiles: [result])
    }

    /// The files below a folder, sorted by path; none where there is no such folder.
    private func files(in folder: URL, withExtension pathExtension: String) -> [URL] {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix("." + pathExtension) }.sorted().map { folder.appending(path: $0) }
    }
}
