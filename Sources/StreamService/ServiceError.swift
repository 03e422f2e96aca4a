// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import JSONCoding

/// Something a caller asked for that cannot be done: which kind, and a sentence that says what to do.
package struct ServiceError: Error, Equatable, CustomStringConvertible, Sendable {
    package enum Code: String, CaseIterable, Sendable {
        case badRequest, tokenRequired, forbidden, wrongHost, notFound, modelNotFound, sessionNotFound, viewerNotFound
        case importNotFound, methodNotAllowed, conflict, tooLarge, unsupported, damagedModel, full, draining, failed
        case malformed, versionRefused, ended, flooding, noRenderer, originRefused
        /// A stream's address was asked for, and a WebSocket would be opened there.
        case upgradeRequired
    }

    package let code: Code
    package let message: String
    /// When it makes sense to try again.
    package var retrySeconds: Int?

    package init(_ code: Code, _ message: String, retrySeconds: Int? = nil) {
        self.code = code
        self.message = message
        self.retrySeconds = retrySeconds
    }

    package var description: String { message }

    /// What REST callers get.
    package var json: JSONValue { ["error": ["code": .string(code.rawValue), "message": .string(message)]] }
}

extension ServiceError.Code {
    /// The HTTP status that stands for this error.
    package var status: Int {
        switch self {
        case .badRequest, .malformed: 400
        case .tokenRequired: 401
        case .forbidden, .originRefused: 403
        case .notFound, .modelNotFound, .sessionNotFound, .viewerNotFound, .importNotFound: 404
        case .methodNotAllowed: 405
        case .conflict: 409
        case .ended: 410
        case .tooLarge: 413
        case .unsupported: 415
        case .wrongHost: 421
        case .damagedModel: 422
        case .versionRefused, .upgradeRequired: 426
        case .flooding: 429
        case .failed: 500
        case .full, .draining, .noRenderer: 503
        }
    }
}
