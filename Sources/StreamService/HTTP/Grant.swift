// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import PathNegotiation

/// What one caller may do: rights, and who may draw for it.
package struct Grant: Equatable, Sendable {
    package let rights: Set<Right>
    package let paths: PathPolicy

    /// Of the server's token, and of everybody where there is none.
    package static let everything = Grant(rights: Set(Right.allCases), paths: PathPolicy())
    /// Of callers that show no token.
    package static let nothing = Grant(rights: [], paths: PathPolicy(allowed: [], source: "this token"))

    private init(rights: Set<Right>, paths: PathPolicy) {
        self.rights = rights
        self.paths = paths
    }

    /// Of a restricted token. Paths bring the rights that they cannot do without: whoever draws has the geometry, so its
    /// picks are exact, and knows the tree that its chunks refer to.
    package init(paths: Set<ViewerPath>, rights: Set<Right>) {
        var rights = rights
        if !paths.isEmpty { rights.insert(.look) }
        if paths.contains(where: \.usesPictures) { rights.insert(.pictures) }
        if paths.contains(where: \.usesChunks) { rights.formUnion([.geometry, .picks, .tree]) }
        self.init(rights: rights, paths: PathPolicy(allowed: paths, source: "this token"))
    }

    package func has(_ right: Right) -> Bool { rights.contains(right) }

    /// - Throws: `forbidden`, naming the right.
    func require(_ right: Right) throws(ServiceError) {
        guard has(right) else {
            throw ServiceError(
                .forbidden, "this token has not the right \"\(right.rawValue)\" (access.restrictedTokens)")
        }
    }
}
