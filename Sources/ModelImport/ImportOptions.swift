// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import FileMapping
package import StreamCore

/// What the caller knows about a file that the file does not say.
package struct ImportOptions: Sendable {
    package enum UpAxis: String, CaseIterable, Sendable { case x, y, z }

    /// Which axis of the file points up; nil: the format's habit (Y for glTF, OBJ and PLY, Z for STL).
    package var up: UpAxis?
    /// Metres per unit of the file; nil: the format's habit (1 for glTF, OBJ and PLY, 0.001 for STL).
    package var metresPerUnit: Double?
    package var spill: SpillPolicy
    /// Parts, and placings of parts, that a model may have; nil: any number.
    package var partLimit: Int?
    /// Called with the share done (0...1) and asked whether to go on; may be called from any thread.
    package var progress: @Sendable (Double) -> Void
    /// Polled at least every few megabytes; when it returns true, the importer throws `ImportError.cancelled`.
    package var isCancelled: @Sendable () -> Bool

    package init(
        up: UpAxis? = nil, metresPerUnit: Double? = nil, spill: SpillPolicy = .inMemory,
        progress: @escaping @Sendable (Double) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.up = up
        self.metresPerUnit = metresPerUnit
        self.spill = spill
        self.progress = progress
        self.isCancelled = isCancelled
    }

    /// From the file's axes and units to metres, Y up, given the format's habits.
    package func worldFromFile(habitualUp: UpAxis, habitualMetresPerUnit: Double) -> AffineTransform {
        let axes: AffineTransform =
            switch up ?? habitualUp {
            case .y: .identity
            // x right stays, z becomes up: (x, y, z) -> (x, z, -y).
            case .z:
                AffineTransform(
                    x: Double3(1, 0, 0), y: Double3(0, 0, -1), z: Double3(0, 1, 0), translation: .zero)
            // x becomes up: (x, y, z) -> (-y, x, z).
            case .x:
                AffineTransform(
                    x: Double3(0, 1, 0), y: Double3(-1, 0, 0), z: Double3(0, 0, 1), translation: .zero)
            }
        return axes * .scale(Double3(repeating: metresPerUnit ?? habitualMetresPerUnit))
    }
}
