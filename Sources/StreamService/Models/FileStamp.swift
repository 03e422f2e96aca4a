// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What tells that a file is another one than before.
struct FileStamp: Equatable, Sendable {
    let byteCount: Int
    let modified: Date
    let fileNumber: Int

    /// nil when there is no regular file; links are followed.
    init?(path: String) {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        byteCount = attributes[.size] as? Int ?? 0
        modified = attributes[.modificationDate] as? Date ?? .distantPast
        fileNumber = attributes[.systemFileNumber] as? Int ?? 0
    }
}

/// When a folder's list of files changed last; nil when there is no such folder.
func folderModification(_ path: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
}
