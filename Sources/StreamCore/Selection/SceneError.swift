// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why a scene refuses something; the scene is as it was before.
package enum SceneError: Error, Equatable, Sendable {
    /// The bytes are not what they should be.
    case malformed
    /// What they say contradicts itself or what is known: a parent that comes after its child, a node of an unknown
    /// geometry.
    case inconsistent
    /// More nodes or instances than a scene holds.
    case full

    /// Negative, for the C interface.
    package var code: Int32 {
        switch self {
        case .malformed: -1
        case .inconsistent: -2
        case .full: -3
        }
    }
}
