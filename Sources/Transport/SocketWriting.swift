// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Glibc

/// Writing that tells how much the socket took.
///
/// `lws_write` instead keeps what was not taken, and libwebsockets 4.1.6 then reads nothing from that socket until it is
/// written, and spins while there is something to read: a viewer whose link is full could no longer say what it needs.
enum SocketWriting {
    /// - Returns: How many bytes were taken, possibly 0; nil if the connection is broken. Through TLS, bytes that were
    ///   not taken must be offered again unchanged.
    static func write(_ bytes: UnsafeRawBufferPointer, to wsi: OpaquePointer) -> Int? {
        guard let session = lws_get_ssl(wsi) else { return write(bytes, toSocket: lws_get_socket_fd(wsi)) }
        ERR_clear_error()
        let count = SSL_write(session, bytes.baseAddress, Int32(bytes.count))
        if count > 0 { return Int(count) }
        switch SSL_get_error(session, count) {
        case SSL_ERROR_WANT_WRITE, SSL_ERROR_WANT_READ: return 0
        default: return nil
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, toSocket descriptor: Int32) -> Int? {
        while true {
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            default: return nil
            }
        }
    }
}
