// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why there is no connection.
package enum SocketError: Error, Equatable, CustomStringConvertible {
    /// The name means nothing to the resolver; its reason.
    case unknownHost(String, reason: String)
    /// A call of the kernel's failed; its name and reason.
    case failed(call: String, reason: String)
    /// Nothing was heard in time.
    case silent(seconds: Double)
    case closed

    static func last(_ call: String) -> SocketError { code(errno, call) }

    static func code(_ number: Int32, _ call: String) -> SocketError {
        .failed(call: call, reason: String(cString: strerror(number)))
    }

    package var description: String {
        switch self {
        case .unknownHost(let host, let reason): "\(host) is not known: \(reason)"
        case .failed(let call, let reason): "\(call): \(reason)"
        case .silent(let seconds): "nothing was heard for \(seconds) s"
        case .closed: "the other side closed the connection"
        }
    }
}
