// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import ModelImport
import Testing

/// Reads every glTF file under the folder that GLTF_CORPUS names; prints what came of each.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["GLTF_CORPUS"] != nil))
struct GLTFCorpusTests {
    @Test("every file of the corpus is read or refused, without a crash")
    func corpus() throws {
        let root = ProcessInfo.processInfo.environment["GLTF_CORPUS"] ?? ""
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        for name in names.sorted() where name.hasSuffix(".gltf") || name.hasSuffix(".glb") {
            let path = root + "/" + name
            let report = reportedErrors(of: path)
            var line: String
            let clock = ContinuousClock()
            let start = clock.now
            do {
                let file = try MappedFile(path: path)
                let isRecognized = GLTFImporter.recognizes(file.bytes)
                var model = try GLTFImporter.read(file, options: ImportOptions())
                model.name = "x"
                expectSound(model)
                let triangles = model.instances.reduce(0) { $0 + model.parts[$1.part].triangleCount }
                let vertices = model.instances.reduce(0) { $0 + model.parts[$1.part].vertexCount }
                line = "READ \(triangles) t \(vertices) v \(model.parts.count) p \(model.instances.count) i"
                line += " \(model.nodes.count) n \(model.materials.count) m \(model.textures.count) x"
                line += isRecognized ? "" : " NOT RECOGNIZED"
                line += model.warnings.isEmpty ? "" : " \(model.warnings)"
            } catch {
                line = "FAIL \((error as? ImportError).map { "\($0.code) \($0.place): \($0.message)" } ?? "\(error)")"
            }
            print("@@ \(name) [\(report)] \(line) \(clock.now - start)")
        }
    }

    private func reportedErrors(of path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path + ".report.json"),
            let report = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let issues = report["issues"] as? [String: Any], let messages = issues["messages"] as? [[String: Any]]
        else { return "no report" }
        return messages.filter { $0["severity"] as? Int == 0 }.compactMap { $0["code"] as? String }.joined(
            separator: ",")
    }
}
