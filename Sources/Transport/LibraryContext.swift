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

    /// - Parameter isSecure: TLS; then the callback gets `LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS` with
    ///   OpenSSL's context before this returns, and has to set it up.
    /// - Throws: `library`.
    init(owner: UnsafeMutableRawPointer, isSecure: Bool, callback: Callback) throws(TransportError) {
        let memory = LentMemory(callback: callback)
        let made = LibraryLog.capture { Self.make(owner: owner, memory, isSecure: isSecure) }
        guard let (context, host) = made.result else {
            memory.free()
            throw .library(message: made.log.isEmpty ? "no reason given" : made.log)
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

        init(callback: Callback) {
            // The second is all zero and ends the list.
            protocols.initialize(repeating: lws_protocols(), count: 2)
            protocols[0].name = UnsafePointer(name)
            protocols[0].callback = callback
        }

        func free() {
            protocols.deallocate()
            for text in [name, alpn] { Glibc.free(text) }
        }
    }

    private static func make(
        owner: UnsafeMutableRawPointer, _ memory: LentMemory, isSecure: Bool
    ) -> (context: OpaquePointer, host: OpaquePointer)? {
        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN_SERVER
        info.protocols = UnsafePointer(memory.protocols)
        info.user = owner
        info.vhost_name = UnsafePointer(memory.name)
        // All sockets share this buffer for reading; none has its own.
        info.pt_serv_buf_size = 64 << 10
        info.options = UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
        if isSecure { info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT) }
        guard let context = lws_create_context(&info) else { return nil }
        if isSecure {
            info.alpn = UnsafePointer(memory.alpn)
            info.options |= UInt64(LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX)
        }
        guard let host = lws_create_vhost(context, &info) else {
            lws_context_destroy(context)
            return nil
        }
        return (context, host)
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
