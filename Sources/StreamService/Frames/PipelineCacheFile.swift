// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import FileMapping
import Foundation
import StreamCore

/// What a driver has compiled, kept between runs: a file of the user's cache folder. It only saves time, so whatever is
/// wrong with it is as good as no file, and it is nobody's error when it cannot be written.
package struct PipelineCacheFile: Sendable {
    let path: String

    /// Of the file, before the hash of what follows.
    private static let magic: [UInt8] = Array("VNTGPC01".utf8)
    private static let hashByteCount = 32
    /// Larger files are not ours.
    private static let largestByteCount = 256 << 20

    /// - Parameter folder: made when something is written.
    package init(folder: String) { path = folder + "/pipelines.bin" }

    /// In `XDG_CACHE_HOME`, or `.cache` in the home folder; nil: there is neither.
    package static var ofUser: PipelineCacheFile? { ofUser(ProcessInfo.processInfo.environment) }

    static func ofUser(_ environment: [String: String]) -> PipelineCacheFile? {
        // A relative path means nothing (XDG Base Directory Specification).
        if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") {
            return PipelineCacheFile(folder: folder + "/vantage")
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return PipelineCacheFile(folder: home + "/.cache/vantage")
    }

    /// What was kept; empty if there is nothing that can be used. The device checks whether it is its own.
    package func load() -> [UInt8] {
        let start = PipelineCacheFile.magic.count + PipelineCacheFile.hashByteCount
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int, (start...PipelineCacheFile.largestByteCount).contains(size),
            let data = FileManager.default.contents(atPath: path)
        else { return [] }
        let bytes = [UInt8](data)
        guard bytes.count > start, bytes.starts(with: PipelineCacheFile.magic) else { return [] }
        let content = Array(bytes[start...])
        let hash = bytes[PipelineCacheFile.magic.count..<start]
        return SHA256.hash(content.rawSpan).elementsEqual(hash) ? content : []
    }

    /// Replaces the file at once or not at all.
    ///
    /// - Returns: whether it was written.
    @discardableResult
    package func save(_ content: [UInt8]) -> Bool {
        guard !content.isEmpty else { return false }
        let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex))
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let file = try AtomicFile(path: path)
            try file.append(PipelineCacheFile.magic + SHA256.hash(content.rawSpan) + content)
            try file.commit()
            return true
        } catch {
            return false
        }
    }
}
