// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FileMapping
import Foundation
import ImageCoding
import Inspection
import ModelStorage
import StreamCore

/// `vantage preview`: a picture of an archive, drawn on the CPU.
struct PreviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Draw an archive to a PNG, without a GPU.",
        discussion: """
            Draws decoded chunks, selected as a viewer would for the given error threshold: use a large --error to see \
            how coarse levels look. The file appears when it is complete.
            """)

    @Argument(help: "The archive.", completion: .file(extensions: ["vantage"]))
    var archive: String

    @Option(name: .shortAndLong, help: "The PNG to write.", completion: .file(extensions: ["png"]))
    var output: String

    @Option(help: "Pixels.")
    var width = 1280

    @Option(help: "Pixels.")
    var height = 720

    @Option(help: "Largest screen-space error to leave, in pixels.")
    var error = 1.0

    @Option(help: "iso, front, back, left, right, top or bottom.")
    var view = PreviewCamera.View.iso

    @Option(help: "How many times nearer than what shows everything.")
    var zoom = 1.0

    @Flag(help: "A transparent background.")
    var transparent = false

    func validate() throws {
        guard (1...8192).contains(width), (1...8192).contains(height) else {
            throw ValidationError("--width and --height must be 1 to 8192")
        }
        guard error > 0, error.isFinite else { throw ValidationError("--error must be above 0") }
        guard zoom >= 0.01, zoom <= 1e6 else { throw ValidationError("--zoom must be 0.01 to 1000000") }
    }

    func run() throws {
        do {
            let archive = try Archive(path: archive)
            let camera = PreviewCamera(
                fitting: archive.bounds, view: view, zoom: zoom, aspectRatio: Double(width) / Double(height))
            let background = transparent ? nil : Float3(0.86, 0.88, 0.91)
            var preview = ArchivePreview(
                archive, camera: camera,
                options: ArchivePreview.Options(
                    width: width, height: height, errorThreshold: error, background: background))
            let image = try preview.render()
            let file = try AtomicFile(path: output)
            try file.append(try ImageEncoding.png(image, compressionLevel: 6))
            try file.commit()
            let statistics = preview.statistics
            print(
                "\(output): \(describe(count: statistics.triangleCount)) triangles of "
                    + "\(describe(count: archive.triangleCount)), \(describe(count: statistics.nodeCount)) nodes, "
                    + "\(statistics.proxyCount) proxies, \(describe(bytes: statistics.chunkByteCount)) of chunks")
        } catch {
            printError("error: \(error)")
            throw ExitCode.failure
        }
    }
}

extension PreviewCamera.View: ExpressibleByArgument {}
