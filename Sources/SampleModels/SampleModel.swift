// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping

/// Models of our own, for trying the server out and for measuring it: written as files like any other model.
package enum SampleModel: String, CaseIterable, Sendable {
    /// A roller conveyor with its gear drive, some 2,500 named parts: GLB.
    case assembly
    /// A weathered stone head as a scanner would give it, of any size: PLY.
    case scan
    /// A lidded bronze vase with its own textures: GLB.
    case textured
}
package enum AssemblySample {
    package static func write(to path: String) throws(FileError) { try GLBWriter.write(Machine.scene(), to: path) }
    package static func scan(to path: String, _ n: Int) throws(FileError) { try ScanWriter.write(triangles: n, to: path) { _ in } }
}
