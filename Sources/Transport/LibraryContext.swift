// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Glibc
import Synchronization

/// A context of libwebsockets with one virtual host and one protocol, which gets every callback. Made on any thread,
/// then used and destroyed on the loop thread.
final class LibraryContext {
    typealias Callback =
        @convention(c) (
            OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int
        ) -> Int32

    let context: OpaquePointer
    private let host: OpaquePointer
    /// What libwebsockets keeps pointers to.
    private let protocols: UnsafeMutablePointer<lws_protocols>
    private let strings: [UnsafeMutablePointer<CChar>]

    /// - Throws: `unreadableFile`, `unusableCertificate`, or `library`.
    init(owner: UnsafeMutableRawPointer, tls: TLSFiles?, callback: Callback) throws(TransportError) {
        if let tls {
            for path in [tls.certificatePath, tls.keyPath] { try Self.checkReadable(path) }
        }
        let name: UnsafeMutablePointer<CChar> = strdup("transport")
        let alpn: UnsafeMutablePointer<CChar> = strdup("http/1.1")
        let files = tls.map { [strdup($0.certificatePath)!, strdup($0.keyPath)!] } ?? []
        strings = [name, alpn] + files
        protocols = .allocate(capacity: 2)
        protocols.initialize(repeating: lws_protocols(), count: 2)
        protocols[0].name = UnsafePointer(name)
        protocols[0].callback = callback
        protocols[0].tx_packet_size = 64 << 10

        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN_SERVER
        info.protocols = UnsafePointer(protocols)
        info.user = owner
        info.vhost_name = UnsafePointer(name)
        // All sockets share this buffer for reading; none has its own.
        info.pt_serv_buf_size = 64 << 10
        info.options = UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
        if tls != nil { info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT) }
        let strings = strings
        let protocols = protocols
        let made = LibraryLog.capture { () -> (OpaquePointer, OpaquePointer)? in
            guard let context = lws_create_context(&info) else { return nil }
            if tls != nil {
                info.alpn = UnsafePointer(alpn)
                info.ssl_cert_filepath = UnsafePointer(files[0])
                info.ssl_private_key_filepath = UnsafePointer(files[1])
            }
            guard let host = lws_create_vhost(context, &info) else {
                lws_context_destroy(context)
                return nil
            }
            return (context, host)
        }
        guard let (context, host) = made.result else {
            Self.free(protocols, strings)
            let message = made.log.isEmpty ? "no reason given" : made.log
            guard let tls else { throw .library(message: message) }
            throw .unusableCertificate(
                certificatePath: tls.certificatePath, keyPath: tls.keyPath, message: message)
        }
        (self.context, self.host) = (context, host)
    }

    deinit {
        LibraryLog.capture { lws_context_destroy(context) }
        Self.free(protocols, strings)
    }

    private static func free(
        _ protocols: UnsafeMutablePointer<lws_protocols>, _ strings: [UnsafeMutablePointer<CChar>]
    ) {
        protocols.deallocate()
        strings.forEach { Glibc.free($0) }
    }

    private static func checkReadable(_ path: String) throws(TransportError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadableFile(path: path, message: String(cString: strerror(errno)))
        }
        close(descriptor)
    }

    /// Watches a listening socket: the callback gets `LWS_CALLBACK_RAW_RX_FILE` when a peer waits.
    func adopt(listener descriptor: Int32) -> OpaquePointer? {
        var adoption = lws_adopt_desc_t()
        adoption.vh = host
        adoption.type = LWS_ADOPT_RAW_FILE_DESC
        adoption.fd.sockfd = descriptor
        adoption.vh_prot_name = protocols[0].name
        return lws_adopt_descriptor_vhost_via_info(&adoption)
    }

    /// Takes over a connected socket. If it fails, the socket is closed, and `LWS_CALLBACK_WSI_DESTROY` may have come.
    func adopt(_ descriptor: Int32, _ owner: UnsafeMutableRawPointer) -> OpaquePointer? {
        var adoption = lws_adopt_desc_t()
        adoption.vh = host
        adoption.type = lws_adoption_type(rawValue: LWS_ADOPT_SOCKET.rawValue | LWS_ADOPT_ALLOW_SSL.rawValue)
        adoption.fd.sockfd = descriptor
        adoption.vh_prot_name = protocols[0].name
        adoption.opaque = owner
        return lws_adopt_descriptor_vhost_via_info(&adoption)
    }
}

/// libwebsockets explains failures only in its log, which is the process's. Contexts are made and destroyed one at a time,
/// because that touches globals of libwebsockets and OpenSSL.
private enum LibraryLog {
    private static let turn = Mutex(())
    private static let text = Mutex("")

    /// Gets lines like "[time] E: what happened".
    private static let append: @convention(c) (Int32, UnsafePointer<CChar>?) -> Void = { _, line in
        guard let line else { return }
        let message = String(cString: line).split(separator: "E: ", maxSplits: 1).last ?? ""
        text.withLock { text in
            guard text.utf8.count < 1000 else { return }
            text += (text.isEmpty ? "" : "; ") + message.filter { !$0.isNewline }
        }
    }

    @discardableResult
    static func capture<R>(_ body: () -> R) -> (result: R, log: String) {
        turn.withLock { _ in
            text.withLock { $0 = "" }
            lws_set_log_level(1, append)
            return (body(), text.withLock { $0 })
        }
    }
}
