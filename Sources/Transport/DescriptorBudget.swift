// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How the process's descriptors are shared between connections and files. A process that has none left can neither
/// open an archive nor start an import nor read its own state, and much that is not ours ends it then.
struct DescriptorBudget: Equatable {
    /// More are of no use, and libwebsockets keeps a table of as many.
    static let mostDescriptors = 1 << 18
    /// Sockets beyond the limit of connections that are accepted only to say so.
    static let refusedConnectionCount = 64

    /// Descriptors that the process may have open.
    let descriptorCount: Int
    /// Kept from connections, for files.
    let reservedCount: Int
    /// Connections that are served.
    let connectionCount: Int
    /// Connections beyond those that are told that there are too many.
    let refusedCount: Int

    /// - Parameters:
    ///   - wanted: connections, as configured.
    ///   - reserved: descriptors that files shall have; where there are few in all, files get half.
    init(descriptorCount: Int, wanted: Int, reserved: Int) {
        self.descriptorCount = descriptorCount
        reservedCount = min(reserved, descriptorCount / 2)
        let left = descriptorCount - reservedCount
        refusedCount = min(Self.refusedConnectionCount, left / 4)
        connectionCount = max(1, min(wanted, left - refusedCount))
    }

    /// A socket with this number or a higher one is not kept: the kernel gives the lowest free number, so all below are
    /// taken, and only the reserve is left.
    var firstReservedNumber: Int { descriptorCount - reservedCount }

    /// Raises the process's limit as far as it may.
    ///
    /// - Returns: How many descriptors the process may have open.
    static func raisedLimit() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        let most = min(limit.rlim_max, rlim_t(mostDescriptors))
        if limit.rlim_cur < most {
            let before = limit.rlim_cur
            limit.rlim_cur = most
            if setrlimit(resource, &limit) != 0 { limit.rlim_cur = before }
        }
        return Int(min(limit.rlim_cur, rlim_t(mostDescriptors)))
    }
}
