// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding

/// How the server runs: the whole reference of its settings.
///
/// A configuration file is a JSON object of these sections; what it leaves out keeps the default given here.
/// `assets/config/default.json` holds all defaults, `vantage serve --print-config` what is in force.
package struct ServerConfiguration: Equatable, Sendable {
    package var listen = ListenConfiguration()
    package var access = AccessConfiguration()
    package var models = ModelConfiguration()
    package var sessions = SessionConfiguration()
    package var viewers = ViewerConfiguration()
    package var renderer = RendererConfiguration()
    package var paths = PathConfiguration()
    package var log = LogConfiguration()

    package init() {}

    /// - Parameters:
    ///   - bytes: of a configuration file.
    ///   - source: the file's name, for messages.
    package init(decoding bytes: [UInt8], source: String) throws(ConfigurationError) {
        do {
            let value: JSONValue
            do { value = try JSONValue(decoding: bytes) } catch {
                let (line, column) = error.place(in: bytes)
                throw ConfigurationError(
                    path: "", message: "this is not valid JSON: line \(line), column \(column): \(error.sentence)")
            }
            try read(value, path: "")
        } catch {
            guard var error = error as? ConfigurationError else { return }
            error.source = source
            throw error
        }
    }

    /// Every setting with its value, for people. A token is not shown.
    package var printed: String {
        var shown = self
        if !["", AccessToken.automatic].contains(access.token) { shown.access.token = "(hidden)" }
        shown.access.restrictedTokens = access.restrictedTokens.map { _ in "(hidden)" }
        return shown.json.printed()
    }

    /// What one setting alone cannot tell.
    package func validate() throws(ConfigurationError) {
        guard listen.certificateFile.isEmpty == listen.keyFile.isEmpty else {
            throw ConfigurationError(path: "listen.keyFile", message: "TLS needs both certificateFile and keyFile")
        }
        let least = models.importsAtOnce * ModelConfiguration.leastImportMemory
        guard models.importMemoryLimit == 0 || models.importMemoryLimit >= least else {
            throw ConfigurationError(
                path: "models.importMemoryLimit",
                message: "needs 0 or at least \(least) (256 MiB for each of models.importsAtOnce)")
        }
        try paths.validate()
        for text in access.restrictedTokens { _ = try TokenRule.token(text) }
        guard renderer.frameMilliseconds == 0 || renderer.frameMilliseconds >= 4 else {
            throw ConfigurationError(path: "renderer.frameMilliseconds", message: "needs 0 or at least 4")
        }
        guard renderer.memoryLimit == 0 || renderer.memoryLimit >= 64 << 20 else {
            throw ConfigurationError(
                path: "renderer.memoryLimit", message: "needs 0 or at least \(64 << 20) (64 MiB)")
        }
    }
}

extension ServerConfiguration: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .section("listen", \.listen), .section("access", \.access), .section("models", \.models),
            .section("sessions", \.sessions), .section("viewers", \.viewers), .section("renderer", \.renderer),
            .section("paths", \.paths), .section("log", \.log),
        ]
    }
}

/// Where connections are accepted.
package struct ListenConfiguration: Equatable, Sendable, ConfigurationSection {
    /// An address or a host's name. Other machines reach the server only at an address that is not loopback, and then
    /// a token is required.
    package var host = "127.0.0.1"
    /// 0 … 65535; 0: any free one.
    package var port = 8090
    /// PEM files of a certificate chain and its key; both empty: no TLS.
    package var certificateFile = ""
    package var keyFile = ""
    /// Open TCP connections, 1 … 100000.
    package var connectionLimit = 2048
    /// Of one address, 1 … 100000; loopback is exempt.
    package var connectionLimitPerAddress = 256
    /// Seconds a request may take to arrive, 1 … 3600; an upload, to make progress.
    package var requestSeconds = 30.0
    /// Bytes per second that an upload must bring, 0 … 2^30, on average over each `uploadWindowSeconds`; 0: any pace will do.
    package var uploadBytesPerSecond = 4096
    /// 1 … 3600.
    package var uploadWindowSeconds = 30.0
    /// Seconds that viewers get to leave when the server stops, 0 … 600.
    package var drainSeconds = 5.0

    package init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            .text("host", \.host), .integer("port", \.port, 0...65535),
            .text("certificateFile", \.certificateFile), .text("keyFile", \.keyFile),
            .integer("connectionLimit", \.connectionLimit, 1...100_000),
            .integer("connectionLimitPerAddress", \.connectionLimitPerAddress, 1...100_000),
            .number("requestSeconds", \.requestSeconds, 1...3600),
            .integer("uploadBytesPerSecond", \.uploadBytesPerSecond, 0...(1 << 30)),
            .number("uploadWindowSeconds", \.uploadWindowSeconds, 1...3600),
            .number("drainSeconds", \.drainSeconds, 0...600),
        ]
    }
}

/// Who may use the server.
package struct AccessConfiguration: Equatable, Sendable, ConfigurationSection {
    /// What callers must show, at least 16 characters; empty: nothing, which is allowed on loopback only. Better kept
    /// in `tokenFile`.
    package var token = ""
    /// A file that holds the token; empty: none.
    package var tokenFile = ""
    /// "PATH,PATH,RIGHT TOKEN": further tokens, for callers that may use only these paths and rights (`Right`). A token
    /// that allows "server" alone lets nothing of a model leave but pictures. Only beside `token` or `tokenFile`.
    package var restrictedTokens: [String] = []
    /// Origins of other sites' pages that may connect and ask, as "https://example.org"; "*": all.
    package var allowedOrigins: [String] = []
    /// Names other than loopback's and `listen.host` under which the server without a token may be reached: a page of
    /// another site cannot pretend to be one of them.
    package var allowedHosts: [String] = []
    /// Sites that may show the viewer in a frame, as in CSP's frame-ancestors.
    package var frameAncestors: [String] = ["'self'"]

    package init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            .text("token", \.token), .text("tokenFile", \.tokenFile),
            .texts("restrictedTokens", \.restrictedTokens), .texts("allowedOrigins", \.allowedOrigins),
            .texts("allowedHosts", \.allowedHosts), .texts("frameAncestors", \.frameAncestors),
        ]
    }
}

/// The models that are served, and how they get in.
package struct ModelConfiguration: Equatable, Sendable, ConfigurationSection {
    /// The folder of archives; empty: `$XDG_DATA_HOME/vantage/models` or `~/.local/share/vantage/models`.
    package var folder = ""
    /// Seconds between looks for archives that appeared or vanished, 0.1 … 3600.
    package var rescanSeconds = 2.0
    /// Whether callers may upload models.
    package var canUpload = true
    /// Whether callers may delete models that lie in the folder.
    package var canDelete = true
    /// Bytes of the largest upload, 1024 … 2^40.
    package var uploadByteLimit = 4 << 30
    /// Uploads on their way in at the same time, 1 … 1000.
    package var uploadLimit = 64
    /// Of one address, 1 … 1000; loopback is exempt.
    package var uploadLimitPerAddress = 16
    /// Complete uploads that wait or are imported at the same time, 1 … 1000. Those that began before the limit was reached
    /// are taken too.
    package var importLimit = 64
    /// Of one address, 1 … 1000; loopback is exempt.
    package var importLimitPerAddress = 16
    /// Imports that run at the same time, each in a process of its own, 1 … 64. Addresses take turns.
    package var importsAtOnce = 2
    /// Worker threads of an import, 0 … 1024; 0: its share of one less than there are cores, at least one.
    package var importThreads = 0
    /// Bytes of memory that all imports at the same time share equally, 0 or 256 MiB for each … 2^50; 0: half of what the
    /// machine has. Larger models use the disk; what needs more is refused.
    package var importMemoryLimit = 0
    /// Seconds without progress after which an import is ended, 1 … 86400.
    package var importStallSeconds = 120.0
    /// Seconds after which an import is ended in any case, 1 … 604800.
    package var importSeconds = 3600.0
    /// Pixels of all textures of a model, 4096 … 2^40.
    package var importPixelLimit = 1 << 31
    /// Parts of a model, and placings of parts, 1 … 2^30.
    package var importPartLimit = 4_000_000
    /// How long finished imports are listed, 1 … 86400 seconds.
    package var importHistorySeconds = 600.0
    /// How many finished imports are listed, 1 … 100000; of more, the newest.
    package var importHistoryLimit = 1000

    /// Reading windows and the program itself take up to 150 MB whatever the model: less could not be kept.
    static let leastImportMemory = 256 << 20

    package init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            .text("folder", \.folder), .number("rescanSeconds", \.rescanSeconds, 0.1...3600),
            .flag("canUpload", \.canUpload), .flag("canDelete", \.canDelete),
            .integer("uploadByteLimit", \.uploadByteLimit, 1024...(1 << 40)),
            .integer("uploadLimit", \.uploadLimit, 1...1000),
            .integer("uploadLimitPerAddress", \.uploadLimitPerAddress, 1...1000),
            .integer("importLimit", \.importLimit, 1...1000),
            .integer("importLimitPerAddress", \.importLimitPerAddress, 1...1000),
            .integer("importsAtOnce", \.importsAtOnce, 1...64),
            .integer("importThreads", \.importThreads, 0...1024),
            .integer("importMemoryLimit", \.importMemoryLimit, 0...(1 << 50)),
            .number("importStallSeconds", \.importStallSeconds, 1...86400),
            .number("importSeconds", \.importSeconds, 1...604_800),
            .integer("importPixelLimit", \.importPixelLimit, 4096...(1 << 40)),
            .integer("importPartLimit", \.importPartLimit, 1...(1 << 30)),
            .number("importHistorySeconds", \.importHistorySeconds, 1...86400),
            .integer("importHistoryLimit", \.importHistoryLimit, 1...100_000),
        ]
    }
}

/// How many sessions there may be, and when they end by themselves.
package struct SessionConfiguration: Equatable, Sendable, ConfigurationSection {
    /// 1 … 100000.
    package var sessionLimit = 1000
    /// Viewers of all sessions, 1 … 100000.
    package var viewerLimit = 1000
    /// Viewers of one session, 1 … 10000.
    package var viewerLimitPerSession = 100
    /// Seconds a session without viewers is kept for their return, 0 … 86400.
    package var emptySeconds = 60.0
    /// Seconds without a message of any viewer after which a session ends, 10 … 604800.
    package var idleSeconds = 14400.0
    /// What refused callers are told to wait, 1 … 3600 seconds.
    package var retrySeconds = 10

    package init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            .integer("sessionLimit", \.sessionLimit, 1...100_000),
            .integer("viewerLimit", \.viewerLimit, 1...100_000),
            .integer("viewerLimitPerSession", \.viewerLimitPerSession, 1...10000),
            .number("emptySeconds", \.emptySeconds, 0...86400), .number("idleSeconds", \.idleSeconds, 10...604_800),
            .integer("retrySeconds", \.retrySeconds, 1...3600),
        ]
    }
}

/// What one viewer's connection may ask for.
package struct ViewerConfiguration: Equatable, Sendable, ConfigurationSection {
    /// Bytes of the largest message, 4096 … 2^26.
    package var messageByteLimit = 1 << 20
    /// Messages in a second, 10 … 100000.
    package var messagesPerSecond = 400
    /// Bytes in a second, 4096 … 2^30.
    package var bytesPerSecond = 4 << 20
    /// Messages that wait to be handled, 16 … 65536.
    package var mailboxLimit = 1024
    /// Seconds without any sign of life after which a connection is closed, 5 … 3600.
    package var silentSeconds = 60.0
    /// Milliseconds between two rankings for one viewer, 0 … 1000; of the views in between only the newest counts.
    package var rankingMilliseconds = 40
    /// Seconds that a returning viewer has to say what it holds, 0 … 30.
    package var resumeSeconds = 2.0

    package init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            .integer("messageByteLimit", \.messageByteLimit, 4096...(1 << 26)),
            .integer("messagesPerSecond", \.messagesPerSecond, 10...100_000),
            .integer("bytesPerSecond", \.bytesPerSecond, 4096...(1 << 30)),
            .integer("mailboxLimit", \.mailboxLimit, 16...65536),
            .number("silentSeconds", \.silentSeconds, 5...3600),
            .integer("rankingMilliseconds", \.rankingMilliseconds, 0...1000),
            .number("resumeSeconds", \.resumeSeconds, 0...30),
        ]
    }
}

/// What the server draws itself, and with what.
package struct RendererConfiguration: Equatable, Sendable, ConfigurationSection {
    package enum Mode: String, CaseIterable, Sendable {
        /// Draws where there is a Vulkan device, and goes on without one.
        case auto
        case off
        /// The server does not start without a device.
        case require
    }

    package var mode = Mode.auto
    /// Number, UUID or part of the name of a Vulkan device; empty: the best there is.
    package var device = ""
    /// Bytes of device memory, 0 or 64 MiB … 2^50; 0: most of what the device has.
    package var memoryLimit = 0
    /// Viewers that are sent pictures, 1 … 10000.
    package var viewerLimit = 64
    /// Pixels of one picture, 4096 … 268435456.
    package var pixelLimit = 7680 * 4320
    /// Single pictures that may wait to be drawn, 1 … 1000.
    package var pictureLimit = 16
    /// Threads that encode pictures, 0 … 256; 0: one less than there are cores, at least one.
    package var encodeThreads = 0
    /// Milliseconds that one picture of a moving camera may take to draw, 0 or 4 … 80; 0: 33 on a GPU, and 45 where the
    /// processor draws, which shows more of the model less often.
    package var frameMilliseconds = 0.0
    /// Whether there is a pause after a picture of a moving camera that was ready earlier. Without, pictures are as good as
    /// with it and come as fast as device and link allow, which leaves the device no time for anything else.
    package var holdsRate = true

    package init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            .choice("mode", \.mode), .text("device", \.device),
            .integer("memoryLimit", \.memoryLimit, 0...(1 << 50)),
            .integer("viewerLimit", \.viewerLimit, 1...10000),
            .integer("pixelLimit", \.pixelLimit, 4096...(1 << 28)),
            .integer("pictureLimit", \.pictureLimit, 1...1000),
            .integer("encodeThreads", \.encodeThreads, 0...256),
            .number("frameMilliseconds", \.frameMilliseconds, 0...80),
            .flag("holdsRate", \.holdsRate),
        ]
    }
}

/// What is written to standard error.
package struct LogConfiguration: Equatable, Sendable, ConfigurationSection {
    package enum Level: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error }
    package enum Format: String, CaseIterable, Sendable {
        /// One line each: time, level, message, key=value.
        case text
        /// One JSON object a line.
        case json
    }

    /// The least important messages written.
    package var level = Level.notice
    package var format = Format.text

    package init() {}

    static var fields: [ConfigurationField<Self>] { [.choice("level", \.level), .choice("format", \.format)] }
}
