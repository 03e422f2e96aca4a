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
    private let memory: LentMemory

    /// - Throws: `unreadableFile`, `unusableCertificate`, or `library`.
    init(owner: UnsafeMutableRawPointer, tls: TLSFiles?, callback: Callback) throws(TransportError) {
        if let tls {
            for path in [tls.certificatePath, tls.keyPath] { try Self.checkReadable(path) }
        }
        let memory = LentMemory(tls: tls, callback: callback)
        let made = LibraryLog.capture { Self.make(owner: owner, memory) }
        guard let (context, host) = made.result else {
            memory.free()
            let message = made.log.isEmpty ? "no reason given" : made.log
            guard let tls else { throw .library(message: message) }
            throw .unusableCertificate(
                certificatePath: tls.certificatePath, keyPath: tls.keyPath, message: message)
        }
        (self.context, self.host, self.memory) = (context, host, memory)
    }

    deinit {
        LibraryLog.capture { lws_context_destroy(context) }
        memory.free()
    }

    /// What libwebsockets keeps pointers to.
    private struct LentMemory {
        let protocols = UnsafeMutablePointer<lws_protocols>.allocate(capacity: 2)
        let name: UnsafeMutablePointer<CChar> = strdup("transport")
        /// HTTP/2 would be libwebsockets' own.
        let alpn: UnsafeMutablePointer<CChar> = strdup("http/1.1")
        let certificatePath: UnsafeMutablePointer<CChar>?
        let keyPath: UnsafeMutablePointer<CChar>?

        init(tls: TLSFiles?, callback: Callback) {
            certificatePath = tls.flatMap { strdup($0.certificatePath) }
            keyPath = tls.flatMap { strdup($0.keyPath) }
            // The second is all zero and ends the list.
            protocols.initialize(repeating: lws_protocols(), count: 2)
            protocols[0].name = UnsafePointer(name)
            protocols[0].callback = callback
        }

        func free() {
            protocols.deallocate()
            for text in [name, alpn, certificatePath, keyPath] { Glibc.free(text) }
        }
    }

    private static func make(
        owner: UnsafeMutableRawPointer, _ memory: LentMemory
    ) -> (context: OpaquePointer, host: OpaquePointer)? {
        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN_SERVER
        info.protocols = UnsafePointer(memory.protocols)
        info.user = owner
        info.vhost_name = UnsafePointer(memory.name)
        // All sockets share this buffer for reading; none has its own.
        info.pt_serv_buf_size = 64 << 10
        info.options = UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
        if memory.certificatePath != nil { info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT) }
        guard let context = lws_create_context(&info) else { return nil }
        if memory.certificatePath != nil {
            info.alpn = UnsafePointer(memory.alpn)
            info.ssl_cert_filepath = UnsafePointer(memory.certificatePath)
            info.ssl_private_key_filepath = UnsafePointer(memory.keyPath)
        }
        guard let host = lws_create_vhost(context, &info) else {
            lws_context_destroy(context)
            return nil
        }
        return (context, host)
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
        adoption.vh_prot_name = memory.protocols[0].name
        return lws_adopt_descriptor_vhost_via_info(&adoption)
    }

    /// Takes over a connected socket. If it fails, the socket is closed, and `LWS_CALLBACK_WSI_DESTROY` may have come.
    func adopt(_ descriptor: Int32, _ owner: UnsafeMutableRawPointer) -> OpaquePointer? {
        var adoption = lws_adopt_desc_t()
        adoption.vh = host
        adoption.type = lws_adoption_type(rawValue: LWS_ADOPT_SOCKET.rawValue | LWS_ADOPT_ALLOW_SSL.rawValue)
        adoption.fd.sockfd = descriptor
        adoption.vh_prot_name = memory.protocols[0].name
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
