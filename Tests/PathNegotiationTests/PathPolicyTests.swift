// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PathNegotiation
import Testing

@Suite struct PathPolicyTests {
    @Test func `Two policies permit what both do`() {
        let server = PathPolicy(allowed: [.client, .server])
        let token = PathPolicy(allowed: [.client, .hybrid], source: "this token")
        let both = server.intersection(token)
        #expect(both.paths == [.client])
        #expect(both.source == "the server's configuration and this token")
        #expect(PathPolicy().intersection(token).source == "this token")
        #expect(token.intersection(PathPolicy()).source == "this token")
    }

    @Test func `A fixed path is the only one`() {
        let fixed = PathPolicy(source: "this model's configuration", fixed: .server)
        #expect(fixed.paths == [.server])
        #expect(PathPolicy().intersection(fixed).paths == [.server])
        #expect(fixed.intersection(PathPolicy(fixed: .client)).paths.isEmpty)
        #expect(fixed.intersection(PathPolicy(allowed: [.client])).paths.isEmpty)
    }
}
