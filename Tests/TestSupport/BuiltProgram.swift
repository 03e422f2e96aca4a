// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The `vantage` program that was built with the tests.
package enum BuiltProgram {
    /// SwiftPM puts products and the test bundle side by side.
    package static var path: String {
        let test = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? test
        return ((bundle as NSString).deletingLastPathComponent as NSString).appendingPathComponent("vantage")
    }
}
