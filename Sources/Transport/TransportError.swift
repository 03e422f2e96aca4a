// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why a listener could not start. The description says what to do about it.
package enum TransportError: Error, Equatable, CustomStringConvertible {
    /// `host` is neither `localhost` nor an address.
    case notAnAddress(host: String)
    case invalidPort(Int)
    case portTaken(host: String, port: Int)
    case portNotPermitted(port: Int)
    /// No interface of this machine has the address.
    case addressNotHere(host: String)
    case system(call: String, message: String)
    case unreadableFile(path: String, message: String)
    /// The files were read, but OpenSSL refuses them.
    case unusableCertificate(certificatePath: String, keyPath: String, message: String)
    case library(message: String)

    package var description: String {
        switch self {
        case .notAnAddress(let host):
            "cannot listen on '\(host)': give an IPv4 or IPv6 address, or localhost"
        case .invalidPort(let port):
            "cannot listen on port \(port): ports are 0 (any) to 65535"
        case .portTaken(let host, let port):
            "port \(port) on \(host) is taken: stop the program that uses it, or choose another port (0 picks a free one)"
        case .portNotPermitted(let port):
            "not permitted to listen on port \(port): choose a port from 1024, or grant CAP_NET_BIND_SERVICE"
        case .addressNotHere(let host):
            "cannot listen on \(host): no network interface of this machine has that address"
        case .system(let call, let message):
            "cannot listen: \(message) (\(call))"
        case .unreadableFile(let path, let message):
            "cannot read \(path): \(message)"
        case .unusableCertificate(let certificatePath, let keyPath, let message):
            "cannot use the certificate \(certificatePath) with the key \(keyPath): \(message); both must be PEM, and the "
                + "key the certificate's own"
        case .library(let message):
            "libwebsockets could not start: \(message)"
        }
    }
}
