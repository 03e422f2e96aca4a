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

    /// Triangles of a scan when the caller names no number.
    package static let defaultScanTriangles = 2_000_000

    package var fileExtension: String { self == .scan ? "ply" : "glb" }

    /// Writes the model; the file appears at `path` only when it is whole. The same arguments give the same bytes.
    ///
    /// - `triangles`: size of a scan, 12 ... 2 · 10⁹, rounded to the nearest 12 k²; the other models ignore it.
    /// - `encode`: turns a picture into a whole PNG or JPEG file; called for `textured` only.
    /// - `progress`: called with the share done, 0 ... 1.
    ///
    /// A scan needs about 1 MB of memory whatever its size; the others some tens of megabytes.
    /// - Throws: `FileError` when the disk is full, the place not writable, or `triangles` out of range (EINVAL).
    package func write(
        to path: String, triangles: Int? = nil, encode: (TextureImage) -> [UInt8], progress: (Double) -> Void = { _ in }
    ) throws(FileError) {
        progress(0)
        switch self {
        case .assembly: try GLBWriter.write(Machine.scene(), to: path)
        case .scan:
            try ScanWriter.write(triangles: triangles ?? Self.defaultScanTriangles, to: path, progress: progress)
        case .textured:
            let images = Vase.images().map { GLBScene.Image(name: $0.name, bytes: encode($0)) }
            progress(0.8)
            try GLBWriter.write(Vase.scene(images: images), to: path)
        }
        progress(1)
    }
}
