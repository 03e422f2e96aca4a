// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Logging
package import Transport

/// A running server: from the first scan of its models to the last viewer's good-bye.
package final class ModelServer: Sendable {
    package let parts: ServerParts
    package let listener: Listener
    /// What callers must show; nil: nothing.
    package let token: String?
    private let rescans: Task<Void, Never>
    private let files = WorkQueue("certificates")

    /// Listens at once; models appear when the first scan is done.
    ///
    /// - Parameters:
    ///   - viewerRoot: a folder with the viewer's files, while they are edited; nil: the program's own.
    /// - Throws: `ConfigurationError` when a token is missing or bad, or another process has the models' folder;
    ///   `TransportError` when it cannot listen.
    package init(_ parts: ServerParts, viewerRoot: String? = nil) throws {
        self.parts = parts
        try parts.configuration.validate()
        token = try AccessToken.resolve(parts.configuration)
        try parts.takeFolder()
        parts.imports.takeUp()
        let router = RequestRouter(parts, token: token, pages: ViewerPages(root: viewerRoot))
        var listening = ListenerConfiguration(parts.configuration)
        listening.report = { [log = parts.log] notice in
            switch notice {
            case .certificateRenewed: log.notice("\(notice)")
            default: log.warning("\(notice)")
            }
        }
        listener = try Listener(configuration: listening, service: router)
        parts.adopt(listener)
        parts.imports.open()
        let store = parts.store
        store.tellReplacements(to: parts.hub)
        let interval = Duration.seconds(parts.configuration.models.rescanSeconds)
        rescans = Task { [files, listener] in
            while !Task.isCancelled {
                await store.rescan()
                await files.run { listener.renewCertificate() }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Looks at once for models and certificates that have changed.
    package func reload() async {
        parts.log.notice("reloading models and certificates")
        await files.run { [listener] in listener.renewCertificate() }
        await parts.store.scanNow()
    }

    deinit { rescans.cancel() }

    package var port: Int { listener.port }

    /// The address to open in a browser.
    ///
    /// - Parameter model: nil: the list of models.
    package func url(model: String? = nil) -> String {
        let listen = parts.configuration.listen
        let scheme = listen.certificateFile.isEmpty ? "http" : "https"
        // Nobody can open "all addresses" in a browser.
        let host = ["0.0.0.0", "::"].contains(listen.host) ? "localhost" : listen.host
        let shown = host.contains(":") ? "[\(host)]" : host
        let query = [model.map { "model=\(ModelName.escaped($0))" }, token.map { "token=\($0)" }].compactMap(\.self)
        return "\(scheme)://\(shown):\(port)/" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    /// Takes no new viewers, tells those that are there, lets their queues run out and closes everything.
    package func stop() async {
        guard parts.beginDraining() else { return }
        rescans.cancel()
        parts.log.info("stopping", metadata: ["viewers": "\(parts.hub.viewerCount)"])
        await listener.drain(within: .seconds(parts.configuration.listen.drainSeconds))
        await parts.imports.stop()
        parts.library.releaseFolder()
        parts.frames.stop()
    }
}

extension ModelStore {
    /// Tells a model's viewers when its file holds something else.
    package func tellReplacements(to hub: SessionHub) {
        watchChanges { change in
            guard case .replaced(let entry) = change else { return }
            hub.notify(model: entry.id, entry.isDamaged ? .overwritten : .replaced)
        }
    }
}

extension ViewerNotice {
    static let draining = ViewerNotice(
        code: .draining, message: "The server is stopping; the viewer connects again by itself.")
    static let replaced = ViewerNotice(
        code: .modelReplaced, message: "The model was imported again. Reload to see its new version.")
    static let overwritten = ViewerNotice(
        code: .modelReplaced,
        message: "The model's file was written over and is not whole. What is shown may stay incomplete.")
}

extension ListenerConfiguration {
    /// The transport's view of the server's settings.
    init(_ configuration: ServerConfiguration) {
        let listen = configuration.listen
        var limits = TransportLimits()
        limits.connectionCount = listen.connectionLimit
        limits.connectionCountPerAddress = listen.connectionLimitPerAddress
        limits.requestDuration = .seconds(listen.requestSeconds)
        limits.uploadBytesPerSecond = listen.uploadBytesPerSecond
        limits.uploadWindowDuration = .seconds(listen.uploadWindowSeconds)
        limits.messageByteCount = configuration.viewers.messageByteLimit
        limits.messagesPerSecond = configuration.viewers.messagesPerSecond
        limits.bytesPerSecond = configuration.viewers.bytesPerSecond
        limits.silentDuration = .seconds(configuration.viewers.silentSeconds)
        limits.pingDuration = .seconds(configuration.viewers.silentSeconds / 3)
        limits.allowsText = true
        let hasTLS = !listen.certificateFile.isEmpty
        self.init(
            host: listen.host, port: listen.port,
            tls: hasTLS ? TLSFiles(certificatePath: listen.certificateFile, keyPath: listen.keyFile) : nil,
            limits: limits, allowedOrigins: configuration.access.allowedOrigins, responseHeaders: SecurityHeaders.common
        )
        // What the process itself needs, and for each upload that waits its file and what is made of it.
        reservedDescriptorCount = 128 + 2 * configuration.models.importLimit
    }
}
