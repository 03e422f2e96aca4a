// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which route a request means.
package enum RouteMatch: Equatable, Sendable {
    case route(Route, parameters: [String: String])
    /// The path is known, but not with this method.
    case otherMethods([String])
    case none

    /// - Parameter path: percent-decoded, begins with a slash.
    package init(method: String, path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        var methods: [String] = []
        for route in Route.all {
            guard let parameters = RouteMatch.parameters(route.path, parts) else { continue }
            if route.method == method || (route.method == "GET" && method == "HEAD") {
                self = .route(route, parameters: parameters)
                return
            }
            methods.append(route.method)
        }
        self = methods.isEmpty ? .none : .otherMethods(methods)
    }

    private static func parameters(_ pattern: String, _ parts: [Substring]) -> [String: String]? {
        let wanted = pattern.split(separator: "/", omittingEmptySubsequences: false)
        guard wanted.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (want, part) in zip(wanted, parts) {
            if want.hasPrefix("{") {
                guard !part.isEmpty else { return nil }
                parameters[String(want.dropFirst().dropLast())] = String(part)
            } else if want != part {
                return nil
            }
        }
        return parameters
    }
}
