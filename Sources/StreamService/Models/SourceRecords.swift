// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import Foundation
import JSONCoding

/// Which archives of a folder were made from which files, kept in a small file beside them. Losing it costs nothing but
/// importing again. For one thread at a time.
struct SourceRecords {
    struct Record: Codable, Equatable {
        /// The archive's file name in the folder.
        var archive: String
        /// Of the archive; tells that another one has taken its name.
        var contentHash: String
        /// Path of the file it was made from; empty for uploads.
        var source: String
    }

    private static let fileName = ".sources.json"
    private let path: String
    /// By fingerprint.
    private var records: [String: Record] = [:]

    init(folder: String) {
        path = (folder as NSString).appendingPathComponent(SourceRecords.fileName)
        guard let bytes = FileManager.default.contents(atPath: path) else { return }
        records = (try? JSONValue(decoding: [UInt8](bytes), limits: .library).decode([String: Record].self)) ?? [:]
    }

    /// Removes what a process left that was killed while it wrote.
    static func removeLeftovers(folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(fileName + ".") && name.hasSuffix(".partial") {
            try? FileManager.default.removeItem(atPath: (folder as NSString).appendingPathComponent(name))
        }
    }

    func record(_ fingerprint: String) -> Record? { records[fingerprint] }

    /// The archive that was made from `source` before, whatever the file held then.
    func archive(ofSource source: String) -> String? {
        source.isEmpty ? nil : records.values.first { $0.source == source }?.archive
    }

    /// Remembers a record in place of older ones of the same archive or source file.
    mutating func add(_ record: Record, fingerprint: String) throws(FileError) {
        records = records.filter { $0.value.archive != record.archive }
        records[fingerprint] = record
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let bytes = (try? encoder.encode(records)).map { [UInt8]($0) } ?? []
        let file = try AtomicFile(path: path)
        try file.append(bytes)
        try file.commit()
    }
}
