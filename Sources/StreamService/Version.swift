// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The program's version.
package enum Version {
    package static let current = "0.1.0"
}
