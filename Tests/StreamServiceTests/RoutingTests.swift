// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import PathNegotiation
import StreamService
import Testing
import Transport

@Suite struct RoutingTests {
    func operation(_ method: String, _ path: String) -> String {
        switch RouteMatch(method: method, path: path) {
        case .route(let route, let parameters):
            ([route.operation.rawValue] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
                .joined(separator: " ")
        case .otherMethods(let methods): "takes " + methods.sorted().joined(separator: " ")
        case .none: "none"
        }
    }

    @Test(arguments: [
        ("GET", "/api/v1/models", "listModels"), ("HEAD", "/api/v1/models", "listModels"),
        ("POST", "/api/v1/models", "uploadModel"), ("PUT", "/api/v1/models", "takes GET POST"),
        ("GET", "/api/v1/models/engine", "getModel model=engine"),
        ("DELETE", "/api/v1/models/engine", "deleteModel model=engine"),
        ("GET", "/api/v1/models/a b", "getModel model=a b"),
        ("GET", "/api/v1/models/", "none"), ("GET", "/api/v1/models/a/b", "none"),
        ("GET", "/api/v1/models/a/thumbnail", "getThumbnail model=a"),
        ("GET", "/api/v1/models/a/tree", "getTree model=a"),
        ("GET", "/api/v1/imports", "listImports"), ("GET", "/api/v1/imports/x", "getImport import=x"),
        ("GET", "/api/v1/imports/x/events", "watchImport import=x"),
        ("DELETE", "/api/v1/imports/x", "cancelImport import=x"),
        ("POST", "/api/v1/sessions", "startSession"), ("GET", "/api/v1/sessions", "listSessions"),
        ("DELETE", "/api/v1/sessions/s", "endSession session=s"),
        ("GET", "/api/v1/sessions/s/viewers/1/queue", "getQueue session=s viewer=1"),
        ("GET", "/healthz", "checkHealth"), ("GET", "/readyz", "checkReadiness"), ("GET", "/metrics", "getMetrics"),
        ("GET", "/api/v1/status", "getStatus"), ("GET", "/api/v1/openapi.json", "getDescription"),
        ("GET", "/api/v1/stream", "connectViewer"), ("GET", "/", "none"), ("GET", "", "none"),
        ("GET", "//", "none"), ("GET", "/api/v2/models", "none"), ("GET", "/API/v1/models", "none"),
    ])
    func `a request means one operation`(method: String, path: String, expected: String) {
        #expect(operation(method, path) == expected)
    }

    @Test func `each operation has one route, and each route is described`() throws {
        #expect(Set(Route.all.map(\.operation)) == Set(Route.Operation.allCases))
        #expect(Route.all.count == Route.Operation.allCases.count)
        for route in Route.all {
            let described = OpenAPIDocument.document["paths"]?[route.path]?[route.method.lowercased()]
            #expect(described?["operationId"]?.text == route.operation.rawValue)
            if let schema = route.success.schema {
                #expect(OpenAPIDocument.document["components"]?["schemas"]?[schema] != nil, "\(schema)")
            }
        }
    }
}

@Suite struct AccessTests {
    let token = "a-token-of-the-test"

    func refusal(
        token: String? = nil, _ headers: [(String, String)], method: String = "GET", path: String = "/",
        query: [(String, String)] = [],
        right: Right? = .look
    ) -> ServiceError.Code? {
        var configuration = AccessConfiguration()
        configuration.allowedOrigins = ["https://friend.example"]
        configuration.allowedHosts = ["models.example"]
        let rule = AccessRule(configuration: configuration, token: token, host: "192.168.7.7")
        let request = HTTPRequest(method: method, path: path, query: query, headers: headers)
        do throws(ServiceError) {
            try rule.check(request, right: right)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1:8090", "[::1]:8090", "models.example", "192.168.7.7:80", "LOCALHOST:1"])
    func `without a token the server goes by names of its own`(host: String) {
        #expect(refusal([("host", host)]) == nil)
    }

    @Test(arguments: ["evil.example", "", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]:80"])
    func `without a token other names are refused`(host: String) {
        #expect(refusal([("host", host)]) == .wrongHost)
        #expect(refusal([("host", host)], right: nil) == .wrongHost)
    }

    @Test func `the token is taken from header or address, and nothing else will do`() {
        #expect(refusal(token: token, [("host", "any.example")]) == .tokenRequired)
        #expect(refusal(token: token, [("authorization", "Bearer \(token)")]) == nil)
        #expect(refusal(token: token, [("authorization", "bearer \(token)")]) == nil)
        #expect(refusal(token: token, [], query: [("token", token)]) == nil)
        for wrong in ["", "a", token + "x", String(token.dropLast()), token.uppercased()] {
            #expect(refusal(token: token, [("authorization", "Bearer \(wrong)")]) == .tokenRequired)
            #expect(refusal(token: token, [], query: [("token", wrong)]) == .tokenRequired)
        }
        #expect(refusal(token: token, [("host", "x")], right: nil) == nil)
    }

    @Test func `a restricted token allows its paths and changes nothing`() throws {
        var configuration = AccessConfiguration()
        configuration.restrictedTokens = ["server,hybrid pictures-only-token"]
        let rule = AccessRule(configuration: configuration, token: token, host: "h")
        func request(_ method: String, _ token: String) -> HTTPRequest {
            HTTPRequest(method: method, path: "/", query: [("token", token)], headers: [])
        }
        let grant = try rule.check(request("GET", "pictures-only-token"), right: .look)
        #expect(grant.paths.allowed == [.server, .hybrid])
        #expect(throws: ServiceError.self) { try rule.check(request("POST", "pictures-only-token"), right: .upload) }
        #expect(try rule.check(request("POST", token), right: .upload) == .everything)
        #expect(throws: ServiceError.self) { try rule.check(request("GET", "pictures-only-toke"), right: .look) }
    }

    @Test func `pages of other sites change nothing`() {
        let host = ("host", "localhost:8090")
        #expect(refusal([host, ("origin", "http://localhost:8090")], method: "POST") == nil)
        #expect(refusal([host, ("origin", "https://localhost:8090")], method: "POST") == nil, "TLS ends before us")
        #expect(refusal([host, ("origin", "https://friend.example")], method: "DELETE") == nil)
        #expect(refusal([host], method: "DELETE") == nil, "programs send no origin")
        #expect(refusal([host, ("origin", "https://evil.example")], method: "POST") == .originRefused)
        #expect(refusal([host, ("origin", "null")], method: "DELETE") == .originRefused)
        #expect(refusal([host, ("origin", "http://localhost:1")], method: "POST") == .originRefused)
    }

    /// What browsers send for pages of this site, of a listed one, and of others; and what becomes of it.
    static let callers: [([(String, String)], ServiceError.Code?)] = [
        ([], nil), ([("sec-fetch-site", "none")], nil), ([("sec-fetch-site", "same-origin")], nil),
        ([("sec-fetch-site", "cross-site")], .forbidden), ([("sec-fetch-site", "same-site")], .forbidden),
        ([("sec-fetch-site", "Cross-Site")], .forbidden),
        ([("sec-fetch-site", "cross-site"), ("referer", "https://friend.example/page?a=https://x")], nil),
        ([("sec-fetch-site", "cross-site"), ("referer", "https://friend.example")], nil),
        ([("sec-fetch-site", "cross-site"), ("referer", "https://friend.example.evil/")], .forbidden),
        ([("sec-fetch-site", "cross-site"), ("referer", "https://evil.example/https://friend.example/")], .forbidden),
        ([("sec-fetch-site", "cross-site"), ("referer", "friend.example")], .forbidden),
        ([("sec-fetch-site", "cross-site"), ("origin", "https://friend.example")], nil),
        ([("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], .originRefused),
        ([("sec-fetch-site", "cross-site"), ("origin", "null")], .originRefused),
        ([("origin", "https://evil.example"), ("referer", "https://friend.example/")], .originRefused),
    ]

    @Test func `pages of other sites get nothing of the interface`() {
        for (headers, code) in AccessTests.callers {
            let headers = [("host", "localhost:8090")] + headers
            for path in ["/api/v1/render", "/api/v1/models", "/api/nothing", "/metrics"] {
                #expect(refusal(headers, path: path) == code, "\(path) \(headers)")
            }
            #expect(refusal(headers, path: "/", right: nil) == nil, "pages and probes are for everybody")
            #expect(refusal(headers, path: "/healthz", right: nil) == nil)
        }
    }

    @Test func `an image with a token in its address is shown on any page`() {
        let image = [("host", "any.example"), ("sec-fetch-site", "cross-site")]
        let query = [("token", token)]
        #expect(refusal(token: token, image, path: "/api/v1/render", query: query) == nil)
        #expect(refusal(token: token, image, path: "/api/v1/render", query: [("token", "wrong")]) == .forbidden)
        let script = image + [("origin", "https://evil.example")]
        #expect(refusal(token: token, script, path: "/api/v1/render", query: query) == .originRefused)
    }
}
