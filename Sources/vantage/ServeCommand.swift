// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Dispatch
import Foundation
import Glibc
import Logging
import Processes
import StreamService

/// `vantage serve`: models to browsers.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Stream models to browsers.",
        discussion: """
            Serves archives where they are, and imports model files first; what was imported once is found again by its \
            content. Models of the folder are served too, and come and go with their files. Prints one line with the \
            address to open.

              vantage serve engine.glb
              vantage serve --models /srv/models --listen 0.0.0.0:8090 --token auto
              vantage serve --config vantage.json --print-config

            One server puts models into a folder; uploads that it has accepted survive a restart.

            Ctrl-C or SIGTERM lets viewers leave and ends the program; a second one ends it at once. SIGHUP looks again at \
            the models' folder and at certificates, which happens by itself every few seconds, too.
            """)

    @Argument(help: "Archives and model files.", completion: .file())
    var files: [String] = []

    @Option(help: "The folder of archives. (default: ~/.local/share/vantage/models)", completion: .directory)
    var models: String?

    @Option(help: "Where to listen: HOST:PORT, HOST or PORT; port 0 is any free one. (default: 127.0.0.1:8090)")
    var listen: String?

    @Option(help: "A JSON file of settings; options win over it.", completion: .file(extensions: ["json"]))
    var config: String?

    @Option(help: "Whether the server draws too: auto, off, or require, which does not start without a device.")
    var renderer: RendererConfiguration.Mode?

    @Option(help: "The Vulkan device: its number, UUID or part of its name. (default: the best)")
    var vulkanDevice: String?

    @Flag(help: "Draw one picture of a moving camera after the other without a pause, to measure what that gives.")
    var freeRunning = false

    @Option(help: "Serve the viewer's pages from this folder, while you edit them.", completion: .directory)
    var viewerRoot: String?

    @Option(help: "What callers must show; \"auto\": a new token, printed once in the address.")
    var token: String?

    @Option(help: "A file that holds the token.", completion: .file())
    var tokenFile: String?

    @Option(help: "A page's origin that may connect from another site; may be repeated.")
    var allowOrigin: [String] = []

    @Option(help: "The least important messages to write: trace, debug, info, notice, warning or error.")
    var logLevel: LogConfiguration.Level?

    @Option(help: "text: one line each; json: one object a line.")
    var logFormat: LogConfiguration.Format?

    @Flag(help: "Print the settings in force as JSON and end.")
    var printConfig = false

    @Flag(name: .shortAndLong, help: "Show no progress of imports.")
    var quiet = false

    func run() throws {
        do {
            let configuration = try settings()
            if printConfig { return print(configuration.printed) }
            try serve(configuration)
        } catch let error where !(error is ExitCode) {
            printError("error: \(error)")
            throw ExitCode.failure
        }
    }

    /// The file's settings with what the options say.
    private func settings() throws(ConfigurationError) -> ServerConfiguration {
        var settings = ServerConfiguration()
        if let config {
            guard let bytes = FileManager.default.contents(atPath: config) else {
                throw ConfigurationError(path: "", message: "\(config) cannot be read")
            }
            settings = try ServerConfiguration(decoding: [UInt8](bytes), source: config)
        }
        if let listen {
            let address = try ListenAddress(listen)
            settings.listen.host = address.host ?? settings.listen.host
            settings.listen.port = address.port ?? settings.listen.port
        }
        if let models { settings.models.folder = models }
        if token != nil || tokenFile != nil { (settings.access.token, settings.access.tokenFile) = ("", "") }
        if let token { settings.access.token = token }
        if let tokenFile { settings.access.tokenFile = tokenFile }
        settings.access.allowedOrigins += allowOrigin
        if let renderer { settings.renderer.mode = renderer }
        if let vulkanDevice { settings.renderer.device = vulkanDevice }
        if freeRunning { settings.renderer.holdsRate = false }
        if let logLevel { settings.log.level = logLevel }
        if let logFormat { settings.log.format = logFormat }
        return settings
    }

    private func serve(_ settings: ServerConfiguration) throws {
        CrashSignals.endAtOnce(program: "vantage serve")
        Interruption.watch()
        Interruption.watchReloads()
        let inputs = try ServeInputs(files)
        let log = Logger(label: "vantage") { _ in LineLogHandler(configuration: settings.log) }
        let parts = ServerParts(configuration: settings, files: inputs.archives, log: log)
        // However this ends: a driver must not be unloaded while it works.
        defer { parts.frames.stop() }
        // A mistake in the settings shows before a long import.
        try settings.validate()
        _ = try AccessToken.resolve(settings)
        if settings.renderer.mode == .require { try parts.frames.require() }
        // Who restarts a server at once meets the last moments of the one before.
        try parts.takeFolder(patience: .seconds(3))
        parts.store.scan()
        let ids = try inputs.prepare(parts, isQuiet: quiet)
        let server = try ModelServer(parts, viewerRoot: viewerRoot)
        // Not through `print`, whose buffer keeps the line from whoever waits for it in a pipe.
        FileHandle.standardOutput.write(Data((server.url(model: ids.count == 1 ? ids[0] : nil) + "\n").utf8))
        while Interruption.wait() == .reload { block { await server.reload() } }
        block { await server.stop() }
    }

    private func block(on work: @escaping @Sendable () async -> Void) {
        let done = DispatchSemaphore(value: 0)
        Task {
            await work()
            done.signal()
        }
        done.wait()
    }
}

extension RendererConfiguration.Mode: ExpressibleByArgument {}
extension LogConfiguration.Level: ExpressibleByArgument {}
extension LogConfiguration.Format: ExpressibleByArgument {}
