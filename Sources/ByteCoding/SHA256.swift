// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// SHA-256 (FIPS 180-4) by libcrypto.
package enum SHA256 {
    package static let byteCount = 32

    package static func hash(_ bytes: RawSpan) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            let status = bytes.withUnsafeBytes { input in
                EVP_Digest(input.baseAddress, input.count, digest.baseAddress, nil, EVP_sha256(), nil)
            }
            precondition(status == 1, "SHA-256 of bytes in memory cannot fail")
            count = byteCount
        }
    }

    /// The hash of bytes that come piece by piece. For one thread.
    package final class Pieces {
        private let context: OpaquePointer

        package init() {
            guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
                preconditionFailure("SHA-256 is always there")
            }
            self.context = context
        }

        deinit { EVP_MD_CTX_free(context) }

        package func add(_ bytes: RawSpan) {
            let status = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
            precondition(status == 1, "SHA-256 of bytes in memory cannot fail")
        }

        /// To be asked for once, at the end.
        package func hash() -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
                let status = EVP_DigestFinal_ex(context, digest.baseAddress, nil)
                precondition(status == 1, "SHA-256 of bytes in memory cannot fail")
                count = byteCount
            }
        }
    }
}
