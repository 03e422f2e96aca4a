// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import PathNegotiation
import StreamCore
package import Transport

/// What a viewer's address asks for: `/api/v1/stream?model=…&protocol=1.0…`.
package struct ViewerRequest: Equatable, Sendable {
    package static let path = "/api/v1/stream"

    /// Who is to draw.
    package enum Path: Equatable, Sendable {
        /// This path, for good.
        case fixed(ViewerPath)
        /// Whatever is best: the path may change.
        case negotiated(Offer)
    }

    /// What a viewer says of paths before anything is known of it.
    package struct Offer: Equatable, Sendable {
        package var wish = PathWish.auto
        /// Whether its program can draw chunks, and show frames.
        package var drawsChunks = true
        package var showsFrames = true
        /// A returning viewer's path.
        package var shown: ViewerPath?

        package init() {}
    }

    private static let defaultViewport = (width: 1280, height: 720)

    package var model: String?
    package var session: String?
    package var isResumed = false
    package var path = Path.fixed(.client)
    /// What lies behind the model in pictures of the server, until Hello says it too.
    var background: (top: SIMD3<Float>, bottom: SIMD3<Float>)? { FrameHello.background(backgroundText) }
    private var backgroundText = ""
    /// Physical pixels, for the first picture.
    package var width = defaultViewport.width
    package var height = defaultViewport.height

    /// - Throws: `notFound`, `versionRefused` or `malformed`, with a reason that fits into a close.
    package init(_ request: HTTPRequest) throws(ServiceError) {
        guard request.path == ViewerRequest.path else {
            throw ServiceError(.notFound, "viewers connect to \(ViewerRequest.path)")
        }
        if let refusal = Wire.refusal(ofViewer: request.queryValue("protocol")) {
            throw ServiceError(.versionRefused, refusal)
        }
        model = request.queryValue("model").flatMap { $0.isEmpty ? nil : $0 }
        session = request.queryValue("session").flatMap { $0.isEmpty ? nil : $0 }
        isResumed = request.queryValue("resume") == "1"
        path = try ViewerRequest.path(request, isResumed: isResumed)
        backgroundText = String((request.queryValue("background") ?? "").prefix(20))
        guard model != nil || session != nil else {
            throw ServiceError(.malformed, "the address names no model=")
        }
        if let viewport = request.queryValue("viewport") {
            let sides = viewport.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            guard sides.count == 2, sides.allSatisfy({ (1...65535).contains($0) }) else {
                throw ServiceError(.malformed, "viewport= needs WIDTHxHEIGHT in pixels, as 1280x720")
            }
            (width, height) = (sides[0], sides[1])
        }
    }

    private static func path(_ request: HTTPRequest, isResumed: Bool) throws(ServiceError) -> Path {
        let name = request.queryValue("path") ?? ViewerPath.client.rawValue
        if name == ViewerPath.client.rawValue { return .fixed(.client) }
        if name == ViewerPath.server.rawValue { return .fixed(.server) }
        var offer = Offer()
        guard let path = PathWish(rawValue: name) else {
            throw ServiceError(.malformed, "path= is client, server, hybrid or auto")
        }
        offer.wish = path
        if let wish = request.queryValue("wish") {
            guard let wish = PathWish(rawValue: wish) else {
                throw ServiceError(.malformed, "wish= is auto, client, server or hybrid")
            }
            offer.wish = wish
        }
        if let can = request.queryValue("can") {
            let paths = can.split(separator: ",").map { ViewerPath(rawValue: String($0)) }
            guard !paths.isEmpty, paths.allSatisfy({ $0 == .client || $0 == .server }) else {
                throw ServiceError(.malformed, "can= is client, server or client,server")
            }
            offer.drawsChunks = paths.contains(.client)
            offer.showsFrames = paths.contains(.server)
        }
        if isResumed, let shown = request.queryValue("shown") {
            guard let shown = ViewerPath(rawValue: shown) else {
                throw ServiceError(.malformed, "shown= is client, server or hybrid")
            }
            offer.shown = shown
        }
        return .negotiated(offer)
    }
}
