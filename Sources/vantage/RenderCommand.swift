// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Dispatch
import FileMapping
import Foundation
import Logging
import StreamService

/// `vantage render`: a picture of an archive, drawn by the graphics device as the server draws it.
struct RenderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Draw an archive to a PNG or JPEG, as the server does.",
        discussion: """
            Draws with Vulkan: on a graphics card, or on the processor where Mesa's lavapipe is installed \
            (mesa-vulkan-drivers). The same options as the server's /api/v1/render. The file appears when it is complete.

              vantage render engine.vantage -o engine.png
              vantage render engine.vantage -o front.jpg --camera front --width 1920
              vantage render engine.vantage -o detail.png --camera p,0.1,0.2,0,45,20,0.5
            """)

    @Argument(help: "The archive.", completion: .file(extensions: ["vantage"]))
    var archive: String

    @Option(
        name: .shortAndLong, help: "The file to write: .png, .jpg or .jpeg.",
        completion: .file(extensions: ["png", "jpg", "jpeg"]))
    var output: String

    @Option(help: "Pixels, 1 to 16384.")
    var width = 1280

    @Option(help: "Pixels, 1 to 16384.")
    var height = 720

    @Option(
        help: """
            home, front, back, left, right, top, bottom, or what follows #view= in the viewer's address: \
            p,X,Y,Z,AZIMUTH,ELEVATION,DISTANCE.
            """)
    var camera = "home"

    @Option(help: "Largest screen-space error to leave, in pixels.")
    var error = 1.0

    @Option(help: "Of a JPEG, 1 to 100.")
    var quality = 90

    @Option(help: "light, dark or transparent.")
    var background = PictureRequest.Background.light

    @Option(help: "The Vulkan device: its number, UUID or part of its name. (default: the best)")
    var vulkanDevice: String?

    func validate() throws { _ = try request() }

    func run() throws {
        do {
            let picture = try draw(try request())
            let file = try AtomicFile(path: output)
            try file.append(picture.bytes)
            try file.commit()
            print(
                "\(output): \(describe(count: picture.triangleCount)) triangles, "
                    + "\(describe(bytes: picture.bytes.count))")
            guard picture.isComplete else {
                throw ServiceError(.failed, "some data is damaged or did not load in time; see vantage verify")
            }
        } catch {
            printError("error: \(error)")
            throw ExitCode.failure
        }
    }

    private func request() throws -> PictureRequest {
        let suffix = URL(filePath: output).pathExtension.lowercased()
        guard let format = ["png": "png", "jpg": "jpeg", "jpeg": "jpeg"][suffix] else {
            throw ValidationError("--output needs a name that ends in .png, .jpg or .jpeg")
        }
        let options = [
            "camera": camera, "width": "\(width)", "height": "\(height)", "error": "\(error)", "quality": "\(quality)",
            "background": background.rawValue, "format": format,
        ]
        do { return try PictureRequest { options[$0] } } catch { throw ValidationError("\(error)") }
    }

    private func draw(_ request: PictureRequest) throws -> Picture {
        var configuration = RendererConfiguration()
        configuration.device = vulkanDevice ?? ""
        configuration.pixelLimit = .max
        let log = Logger(label: "vantage") { _ in SwiftLogNoOpLogHandler() }
        let frames = FrameService(configuration: configuration, metrics: Metrics(), clock: MachineClock(), log: log)
        defer { frames.stop() }
        let model = try ServedModel(path: archive)
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var result: Result<Picture, ServiceError>?
        Task {
            do throws(ServiceError) {
                let picture = try await frames.picture(request, of: model)
                unsafe result = .success(picture)
            } catch {
                unsafe result = .failure(error)
            }
            done.signal()
        }
        done.wait()
        return try unsafe result!.get()
    }
}

extension PictureRequest.Background: ExpressibleByArgument {}
