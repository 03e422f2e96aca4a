// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import PathNegotiation

/// Who may draw: for all viewers, and for those of some models.
package struct PathConfiguration: Equatable, Sendable, ConfigurationSection {
    /// Among "client", "server" and "hybrid"; at least one.
    package var allowed = ViewerPath.allCases.map(\.rawValue)
    /// "MODEL: PATH, PATH": what viewers of one model may use, of what `allowed` leaves.
    package var models: [String] = []

    package init() {}

    static var fields: [ConfigurationField<Self>] { [.texts("allowed", \.allowed), .texts("models", \.models)] }

    /// - Throws: `ConfigurationError` that names the text that is no rule.
    func validate() throws(ConfigurationError) {
        _ = try PathRules.paths(allowed, "paths.allowed")
        for text in models { _ = try PathRules.model(text) }
    }

    /// What viewers of a model may use. Of settings that were validated.
    package func policy(model: String) -> PathPolicy {
        var policy = PathPolicy(allowed: Set(allowed.compactMap { ViewerPath(rawValue: $0) }))
        for text in models {
            guard let rule = try? PathRules.model(text), rule.model == model else { continue }
            policy = policy.intersection(PathPolicy(allowed: rule.paths, source: "this model's configuration"))
        }
        return policy
    }
}

/// Rules about paths, as people write them.
enum PathRules {
    /// "MODEL: PATH, PATH".
    static func model(_ text: String) throws(ConfigurationError) -> (model: String, paths: Set<ViewerPath>) {
        let sides = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty else {
            throw ConfigurationError(path: "paths.models", message: "needs \"MODEL: PATH, PATH\", not \"\(text)\"")
        }
        return (String(sides[0]), try list(String(sides[1]), "paths.models"))
    }

    static func paths(_ names: [String], _ place: String) throws(ConfigurationError) -> Set<ViewerPath> {
        var paths: Set<ViewerPath> = []
        for name in names {
            guard let path = ViewerPath(rawValue: name) else {
                throw ConfigurationError(path: place, message: "there is no path \"\(name)\": client, server, hybrid")
            }
            paths.insert(path)
        }
        guard !paths.isEmpty else {
            throw ConfigurationError(path: place, message: "needs at least one of client, server, hybrid")
        }
        return paths
    }

    private static func list(_ text: String, _ place: String) throws(ConfigurationError) -> Set<ViewerPath> {
        try paths(text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init), place)
    }
}
