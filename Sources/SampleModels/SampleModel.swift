// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping

/// Models of our own, for trying the server out and for measuring it: written as files like any other model.
package enum SampleModel: String, CaseIterable, Sendable {
    /// A machine of some 4,000 named parts: GLB.
    case assembly
}
package enum AssemblySample {
    package static func write(to path: String) throws(FileError) { try GLBWriter.write(Machine.scene(), to: path) }
}
