// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets

/// What connections may speak, whatever the defaults of the system's OpenSSL are.
enum TLSRules {
    /// Of TLS 1.2: forward secrecy and authenticated encryption. Those of TLS 1.3 all have both.
    static let ciphers = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ]
    static let ciphersOfTLS13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
    static let groups = ["X25519", "P-256", "P-384"]

    /// Applies the rules to a context. A session whose certificate comes from another context takes its ciphers from there
    /// as well, so each context needs them.
    ///
    /// - Returns: False if OpenSSL refuses.
    static func apply(to context: OpaquePointer) -> Bool {
        SSL_CTX_set_options(context, cwebsockets_tls_options)
        return SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil) == 1
            && SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_3_VERSION), nil) == 1
            && SSL_CTX_set_cipher_list(context, ciphers.joined(separator: ":")) == 1
            && SSL_CTX_set_ciphersuites(context, ciphersOfTLS13.joined(separator: ":")) == 1
            && setGroups(context)
    }

    private static func setGroups(_ context: OpaquePointer) -> Bool {
        groups.joined(separator: ":").withCString { text in
            SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, UnsafeMutableRawPointer(mutating: text)) == 1
        }
    }
}
