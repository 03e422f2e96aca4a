// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Where the viewer's web pages are.
package enum ViewerFiles {
    /// The folder that is served as it is: pages, modules and WebAssembly.
    package static var folder: URL { Bundle.module.bundleURL.appendingPathComponent("web") }
}
