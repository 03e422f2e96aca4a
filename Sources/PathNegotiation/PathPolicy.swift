// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which paths somebody who runs the server permits. A policy is stronger than a wish, and a wish than the costs.
package struct PathPolicy: Equatable, Sendable {
    package var allowed: Set<ViewerPath>
    /// Who restricts, for sentences: "the server's configuration", "this model's configuration", "this token".
    package var source: String
    /// The one path that is served whatever is wished. Nothing is, if it is not among the allowed ones.
    package var fixed: ViewerPath?

    package init(
        allowed: Set<ViewerPath> = Set(ViewerPath.allCases), source: String = "the server's configuration",
        fixed: ViewerPath? = nil
    ) {
        self.allowed = allowed
        self.source = source
        self.fixed = fixed
    }

    /// What may be served in the end.
    package var paths: Set<ViewerPath> { fixed.map { allowed.intersection([$0]) } ?? allowed }

    package var isRestricting: Bool { paths.count < ViewerPath.allCases.count }

    package func allows(_ path: ViewerPath) -> Bool { paths.contains(path) }

    /// What both permit. Two that fix different paths permit nothing.
    package func intersection(_ other: PathPolicy) -> PathPolicy {
        var result = PathPolicy(allowed: paths.intersection(other.paths), source: source, fixed: fixed ?? other.fixed)
        switch (isRestricting, other.isRestricting) {
        case (false, true): result.source = other.source
        case (true, true) where source != other.source: result.source = "\(source) and \(other.source)"
        default: break
        }
        return result
    }
}
