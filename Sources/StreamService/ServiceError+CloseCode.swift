// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

extension ServiceError.Code {
    /// How a viewer's connection is closed for this error.
    package var closeCode: Wire.CloseCode {
        switch self {
        case .badRequest, .malformed, .methodNotAllowed, .unsupported, .conflict: .malformed
        case .tokenRequired, .wrongHost: .tokenRequired
        case .forbidden, .originRefused: .forbidden
        case .notFound, .modelNotFound, .sessionNotFound, .viewerNotFound, .importNotFound: .notFound
        case .ended: .ended
        case .tooLarge: .tooLarge
        case .damagedModel: .damagedModel
        case .versionRefused, .upgradeRequired: .versionRefused
        case .flooding: .flooding
        case .full: .full
        case .noRenderer: .noRenderer
        case .draining: .goingAway
        case .failed: .failed
        }
    }
}
