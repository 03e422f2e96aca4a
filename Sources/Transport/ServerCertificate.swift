// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Glibc

/// A certificate with its chain and private key, read, checked and ready to be shown to peers. Immutable.
final class ServerCertificate: @unchecked Sendable {  // only read after init; OpenSSL counts references atomically
    private let context: OpaquePointer

    /// Reads two small files: not for the loop thread.
    ///
    /// - Throws: `unreadableFile` or `unusableCertificate`.
    init(_ files: TLSFiles) throws(TransportError) {
        for path in [files.certificatePath, files.keyPath] { try Self.checkReadable(path) }
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw Self.unusable(files, Self.reason()) }
        self.context = context
        guard TLSRules.apply(to: context) else { throw Self.unusable(files, Self.reason()) }
        guard SSL_CTX_use_certificate_chain_file(context, files.certificatePath) == 1 else {
            throw Self.unusable(files, "the certificate cannot be read (\(Self.reason()))")
        }
        guard SSL_CTX_use_PrivateKey_file(context, files.keyPath, SSL_FILETYPE_PEM) == 1 else {
            throw Self.unusable(files, "the key cannot be read, or is not the certificate's (\(Self.reason()))")
        }
        // A key of another kind was taken without a word: it lies beside the certificate, not under it.
        let (certificate, key) = (SSL_CTX_get0_certificate(context), SSL_CTX_get0_privatekey(context))
        guard let certificate, let key, X509_check_private_key(certificate, key) == 1 else {
            throw Self.unusable(files, "the key is not the certificate's")
        }
    }

    deinit { SSL_CTX_free(context) }

    /// Has a handshake that has just begun show this certificate.
    ///
    /// - Returns: False if OpenSSL refuses.
    func present(in session: OpaquePointer) -> Bool { SSL_set_SSL_CTX(session, context) != nil }

    private static func checkReadable(_ path: String) throws(TransportError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadableFile(path: path, message: String(cString: strerror(errno)))
        }
        close(descriptor)
    }

    private static func unusable(_ files: TLSFiles, _ message: String) -> TransportError {
        .unusableCertificate(certificatePath: files.certificatePath, keyPath: files.keyPath, message: message)
    }

    /// OpenSSL's words for what failed last.
    private static func reason() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
