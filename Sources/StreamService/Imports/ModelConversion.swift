// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import ModelImport
import TilesetBuilding

/// A model file to an archive, in this process and with the server's limits: what a worker does.
package struct ModelConversion: Sendable {
    /// Told the phase and the share of it that is done (0 … 1); from any thread, often.
    package typealias Progress = @Sendable (_ phase: String, _ fraction: Double) -> Void

    package enum Failure: Error, Equatable {
        case cancelled
        case failed(ServiceError)
    }

    package struct Outcome: Equatable, Sendable {
        package let contentHash: [UInt8]
        /// What was left out, repaired or assumed.
        package let warnings: [String]
    }

    /// At least 1.
    package var threads: Int
    /// Bytes; nil: no limit.
    package var memoryLimit: Int?
    package var budget = ImportBudget()
    package var hasThumbnail = true

    package init(threads: Int = 0, memoryLimit: Int = 0) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        self.threads = threads > 0 ? threads : max(1, cores - 1)
        self.memoryLimit = memoryLimit > 0 ? memoryLimit : nil
    }

    /// Blocks until the archive has its name, or nothing was written.
    @discardableResult
    package func run(
        file: String, archive: String, progress: @escaping Progress, isCancelled: @escaping @Sendable () -> Bool
    ) throws(Failure) -> Outcome {
        let spill = SpillPolicy(
            memoryLimit: memoryLimit, directory: (archive as NSString).deletingLastPathComponent)
        let byteCount = FileStamp(path: file)?.byteCount ?? 0
        progress("reading", 0)
        let model: SourceModel
        do throws(ImportError) {
            var options = ImportOptions(
                spill: spill, progress: { progress("reading", $0) }, isCancelled: isCancelled)
            options.partLimit = budget.partLimit
            model = try ModelImporter.read(path: file, options: options)
        } catch {
            throw ModelConversion.failure(error)
        }
        var options = BuildOptions(
            threads: threads, spill: spill, progress: { progress($0.rawValue, $1) }, isCancelled: isCancelled)
        options.hasThumbnail = hasThumbnail
        options.pixelLimit = budget.pixelLimit
        do throws(BuildError) {
            let summary = try TilesetBuilder(options: options).build(model, sourceByteCount: byteCount, to: archive)
            return Outcome(contentHash: summary.contentHash, warnings: summary.warnings)
        } catch {
            throw ModelConversion.failure(error)
        }
    }

    private static func failure(_ error: BuildError) -> Failure {
        switch error {
        case .cancelled: .cancelled
        case .tooLarge: .failed(ServiceError(.tooLarge, "\(error)"))
        case .outOfRange, .nothingToDraw: .failed(ServiceError(.unsupported, "\(error)"))
        case .scratch, .archive: .failed(ServiceError(.failed, "\(error)"))
        }
    }

    /// Says where in the file, but not where on the server the file is.
    private static func failure(_ error: ImportError) -> Failure {
        let place = error.place.isEmpty ? "" : "\(error.place): "
        let code: ServiceError.Code? =
            switch error.code {
            case .cancelled: nil
            case .unreadable: .failed
            case .unknownFormat, .malformed, .unsupported, .empty: .unsupported
            case .tooLarge: .tooLarge
            }
        guard let code else { return .cancelled }
        return .failed(ServiceError(code, place + error.message))
    }
}
