// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The files that a browser loads: pages and modules as they are in `web`, and what the build makes beside them
/// (`core.wasm`, `draco_decoder.wasm`, `shaders/….glsl`, and in `app/` one file of all that a page or worker needs).
package enum ViewerFiles {
    /// The pages' folder in the built program's resources.
    package static var folder: URL { Bundle.module.bundleURL.appendingPathComponent("web") }

    /// The file that is served at `path`, such as `render/renderer.js`, `core.wasm` or `shaders/shading.glsl`; nil where
    /// there is none.
    ///
    /// - Parameters:
    ///   - path: relative, with `/` between its parts; anything that could lead out of the folder finds nothing.
    ///   - folder: the pages' folder; another one than the default serves a source tree while it is edited.
    package static func file(at path: String, in folder: URL = folder) -> URL? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("\0") }) else { return nil }
        return [folder.appendingPathComponent(path), product(parts)].compactMap(\.self).first(where: isFile)
    }

    /// Every path that `file(at:)` finds, sorted.
    package static func paths(in folder: URL = folder) -> [String] {
        let pages = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        let built = (try? FileManager.default.contentsOfDirectory(atPath: products.path)) ?? []
        let names = pages + built.map { ($0.hasSuffix(".glsl") ? "shaders/" : isApp($0[...]) ? "app/" : "") + $0 }
        return Set(names).filter { file(at: $0, in: folder) != nil }.sorted()
    }

    /// Where the build puts what it makes, all in one folder.
    private static var products: URL { Bundle.module.bundleURL }

    private static func product(_ parts: [Substring]) -> URL? {
        let isShader = parts.count == 2 && parts[0] == "shaders" && parts[1].hasSuffix(".glsl")
        let isApp = parts.count == 2 && parts[0] == "app" && isApp(parts[1])
        let isModule = parts.count == 1 && parts[0].hasSuffix(".wasm")
        return isShader || isApp || isModule ? products.appendingPathComponent(String(parts.last!)) : nil
    }

    private static func isApp(_ name: Substring) -> Bool { name.hasSuffix(".js") || name.hasSuffix(".css") }

    private static func isFile(_ url: URL) -> Bool {
        (try? url.resolvingSymlinksInPath().resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
    }
}
