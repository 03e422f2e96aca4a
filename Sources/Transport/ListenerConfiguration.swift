// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Where to listen, how to protect it, and every limit. All sizes are bytes.
package struct ListenerConfiguration: Sendable {
    /// An IPv4 or IPv6 literal without brackets, or `localhost` (both loopback addresses). `0.0.0.0` and `::` are all
    /// addresses; `::` takes IPv4 too.
    package var host: String
    /// 0 picks a free port.
    package var port: Int
    package var tls: TLSFiles?
    package var limits: TransportLimits
    /// Origins besides the listener's own that may open a WebSocket, as browsers write them
    /// (`https://models.example.org`); `*` allows every origin.
    package var allowedOrigins: [String]
    /// Sent with every HTTP answer; an answer's own header of the same name wins.
    package var responseHeaders: [(String, String)]
    /// Descriptors that connections leave to files.
    package var reservedDescriptorCount = 128
    /// Gets what people should know; called on any thread, must return at once.
    package var report: @Sendable (ListenerNotice) -> Void = { _ in }

    package init(
        host: String = "127.0.0.1", port: Int = 0, tls: TLSFiles? = nil, limits: TransportLimits = TransportLimits(),
        allowedOrigins: [String] = [], responseHeaders: [(String, String)] = []
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.limits = limits
        self.allowedOrigins = allowedOrigins
        self.responseHeaders = responseHeaders
    }
}

/// PEM files: a certificate with its chain, and its private key.
package struct TLSFiles: Sendable {
    package var certificatePath: String
    package var keyPath: String

    package init(certificatePath: String, keyPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }
}

/// What one peer may cost. Each field is a bound that holds whatever the peer does.
package struct TransportLimits: Sendable {
    /// Connections in all; more are answered with 503 and closed.
    package var connectionCount = 2048
    /// Connections from one address; loopback is exempt.
    package var connectionCountPerAddress = 256
    /// Request line and headers together; more is 431.
    package var headerByteCount = 16 << 10
    /// Request bodies up to this size are collected before the service is asked; larger ones must be uploads.
    package var collectedBodyByteCount = 64 << 10
    /// From the first byte of a request to the last of its head, and between two pieces of its body; else 408.
    package var requestDuration = Duration.seconds(15)
    /// An upload that brings less than this per second, on average over `uploadWindowDuration`, is answered with 408.
    /// 0: any pace will do.
    package var uploadBytesPerSecond = 4096
    package var uploadWindowDuration = Duration.seconds(30)
    /// An HTTP connection without a request is closed after this.
    package var idleDuration = Duration.seconds(60)
    /// A peer that takes no byte for this long, although bytes wait for it, is disconnected.
    package var stuckDuration = Duration.seconds(30)
    /// Server-sent events: a comment goes out when nothing else did for this long.
    package var eventKeepAliveDuration = Duration.seconds(15)
    package var eventQueueByteCount = 1 << 20

    /// Largest message a peer may send; a larger one closes the connection with `tooLargeCode`.
    package var messageByteCount = 1 << 20
    package var messagesPerSecond = 200
    package var bytesPerSecond = 4 << 20
    package var allowsText = false
    package var pingDuration = Duration.seconds(20)
    /// A WebSocket from which nothing was heard for this long, not even an answer to a ping, is closed.
    package var silentDuration = Duration.seconds(60)
    /// How long a peer has to answer a close.
    package var closeDuration = Duration.seconds(5)
    /// `send` refuses messages other than control messages while this much is queued.
    package var queueByteCount = 16 << 20
    /// `drained()` is called when the queue falls below this.
    package var drainMarkByteCount = 64 << 10

    package var silentCode: UInt16 = 4408
    package var tooLargeCode: UInt16 = 4413
    package var floodingCode: UInt16 = 4429

    package init() {}

    /// How often deadlines are looked at: often enough for the shortest of them.
    var tickDuration: Duration {
        let shortest =
            [
                requestDuration, uploadWindowDuration, idleDuration, stuckDuration, eventKeepAliveDuration,
                pingDuration,
                silentDuration, closeDuration,
            ].min() ?? .seconds(1)
        return min(max(shortest / 4, .milliseconds(10)), .seconds(1))
    }
}
