// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Mesa's CPU driver: the graphics device of the tests wherever it is installed, so that pictures do not depend on the
/// machine.
package enum Lavapipe {
    /// Makes Vulkan use nothing else from now on; does nothing where it is not installed. Once, before Vulkan is opened.
    package static let pin: Void = {
        guard let folder = opendir("/usr/share/vulkan/icd.d") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix("lvp_icd.") else { continue }
            for variable in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
                setenv(variable, "/usr/share/vulkan/icd.d/" + name, 1)
            }
        }
    }()
}
