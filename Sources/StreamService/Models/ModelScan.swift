// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelStorage
import StreamCore

/// What a look at the disk found: pure bookkeeping over the files' stamps, so that only changed archives are read.
struct ModelScan {
    /// What became of a model since the scan before.
    enum Change: Equatable {
        case appeared(ModelEntry)
        /// The file holds something else now, or is no whole archive any more.
        case replaced(ModelEntry)
        case vanished(ModelEntry)
    }

    private(set) var entries: [ModelEntry] = []
    private(set) var changes: [Change] = []
    /// Pictures of the ready models, by id.
    private(set) var thumbnails: [String: [UInt8]] = [:]

    /// Blocks while changed archives are opened.
    ///
    /// - Parameters:
    ///   - files: archives given by name; they come first and need not lie in the folder.
    ///   - previous: entries and pictures of the scan before.
    init(
        folder: String, files: [String], previous: [ModelEntry], thumbnails previousThumbnails: [String: [UInt8]]
    ) {
        let known = Dictionary(previous.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var taken = Set(previous.map(\.id))
        for path in files + ModelScan.archives(in: folder, except: files, previous) {
            guard let stamp = FileStamp(path: path) else { continue }
            let before = known[path]
            if let before, before.stamp == stamp, before.state != ModelScan.unreadable {
                entries.append(before)
                thumbnails[before.id] = previousThumbnails[before.id]
                continue
            }
            let wish = ModelName.slug(ModelName.base(of: path))
            let id = before?.id ?? ModelName.unique(wish, isTaken: taken.contains)
            taken.insert(id)
            let isWrittenOver = before.map { $0.stamp != stamp && $0.stamp.fileNumber == stamp.fileNumber } ?? false
            let (state, thumbnail) = ModelScan.examine(path, isWrittenOver: isWrittenOver)
            let entry = ModelEntry(
                id: id, path: path, stamp: stamp, isInFolder: !files.contains(path), state: state)
            entries.append(entry)
            thumbnails[id] = thumbnail
            // A file that is being copied is another one at each look.
            if let before, before.isDamaged, entry.isDamaged || before.stamp == stamp { continue }
            changes.append(before == nil ? .appeared(entry) : .replaced(entry))
        }
        let paths = Set(entries.map(\.path))
        changes += previous.filter { !paths.contains($0.path) }.map { .vanished($0) }
    }

    /// A folder that cannot be listed now, because the process is short of descriptors for example, holds what it held.
    private static func archives(in folder: String, except files: [String], _ previous: [ModelEntry]) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            let isThere = FileManager.default.fileExists(atPath: folder)
            return isThere ? previous.filter(\.isInFolder).map(\.path) : []
        }
        return names.filter { $0.hasSuffix(ModelName.archiveSuffix) && !$0.hasPrefix(".") }.sorted()
            .map { (folder as NSString).appendingPathComponent($0) }.filter { !files.contains($0) }
    }

    /// May be another a moment later, though the file is the same.
    private static let unreadable = ModelEntry.State.damaged("the file cannot be read")

    /// - Parameter isWrittenOver: the same file had another content before, so that header and index say little about the
    ///   chunks: they are all read.
    private static func examine(
        _ path: String, isWrittenOver: Bool
    ) -> (ModelEntry.State, thumbnail: [UInt8]?) {
        do throws(ArchiveError) {
            let archive = try Archive(path: path)
            if isWrittenOver, !archive.index.chunks.indices.allSatisfy(archive.hasIntactChunk) {
                return (.damaged("parts of it have changed since it was written; copy or import it again"), nil)
            }
            return (.ready(ModelSummary(archive)), archive.thumbnail)
        } catch {
            return (error.code == .unreadable ? unreadable : .damaged(error.message), nil)
        }
    }
}
