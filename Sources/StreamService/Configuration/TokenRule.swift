// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation

/// Restricted tokens, as people write them: "PATH,PATH,RIGHT TOKEN".
enum TokenRule {
    private static let place = "access.restrictedTokens"

    /// - Throws: `ConfigurationError`. The text holds a secret: messages do not repeat it.
    static func token(_ text: String) throws(ConfigurationError) -> (token: String, grant: Grant) {
        let sides = text.split(separator: " ")
        guard sides.count == 2 else {
            throw ConfigurationError(path: place, message: "needs \"PATH,PATH TOKEN\" in each text")
        }
        guard sides[1].utf8.count >= AccessToken.leastLength else {
            throw ConfigurationError(path: place, message: "a token needs at least \(AccessToken.leastLength) letters")
        }
        return (String(sides[1]), try grant(sides[0].split(separator: ",").map(String.init)))
    }

    private static func grant(_ words: [String]) throws(ConfigurationError) -> Grant {
        var paths: Set<ViewerPath> = []
        var rights: Set<Right> = []
        for word in words {
            if let path = ViewerPath(rawValue: word) {
                paths.insert(path)
            } else if let right = Right(rawValue: word), Right.grantable.contains(right) {
                rights.insert(right)
            } else {
                let names = ViewerPath.allCases.map(\.rawValue) + Right.grantable.map(\.rawValue)
                let nearest = nearestName(to: word, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
                throw ConfigurationError(
                    path: place,
                    message:
                        "there is no path or right \"\(word.prefix(20))\": \(names.joined(separator: ", "))\(nearest)")
            }
        }
        guard !paths.isEmpty || !rights.isEmpty else {
            throw ConfigurationError(path: place, message: "needs at least one path or right before the token")
        }
        return Grant(paths: paths, rights: rights)
    }
}
