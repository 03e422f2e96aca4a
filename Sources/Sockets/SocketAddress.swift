// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where a server listens, as the kernel takes it.
package struct SocketAddress: Sendable {
    let family: Int32
    let bytes: [UInt8]

    /// Asks the resolver; may wait for it.
    ///
    /// - Throws: `unknownHost`.
    package init(host: String, port: Int) throws(SocketError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if list != nil { freeaddrinfo(list) } }
        guard status == 0, let first = list?.pointee, let address = first.ai_addr else {
            throw .unknownHost(host, reason: status == 0 ? "no address" : String(cString: gai_strerror(status)))
        }
        family = first.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(first.ai_addrlen)))
    }
}
