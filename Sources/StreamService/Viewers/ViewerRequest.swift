// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
package import Transport

/// Who draws for a viewer.
package enum ViewerPath: String, CaseIterable, Sendable {
    /// It gets chunks and draws them.
    case client
    /// It gets pictures.
    case server
}

/// What a viewer's address asks for: `/api/v1/stream?model=…&protocol=1.0…`.
package struct ViewerRequest: Equatable, Sendable {
    package static let path = "/api/v1/stream"
    private static let defaultViewport = (width: 1280, height: 720)

    package var model: String?
    package var session: String?
    package var isResumed = false
    package var path = ViewerPath.client
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
        if let name = request.queryValue("path") {
            guard let path = ViewerPath(rawValue: name) else {
                throw ServiceError(.malformed, "path= is client or server")
            }
            self.path = path
        }
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
}
