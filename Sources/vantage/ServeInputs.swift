// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FileMapping
import Foundation
import StreamService

/// The files named on `vantage serve`'s command line: archives are served where they are, models are imported.
struct ServeInputs {
    private(set) var archives: [String] = []
    private var all: [String] = []

    /// - Throws: a sentence for the first file that is not there.
    init(_ files: [String]) throws {
        for file in files {
            let path = URL(fileURLWithPath: file).standardizedFileURL.path
            var isFolder: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw ValidationError("\(file): no such file")
            }
            if isFolder.boolValue {
                throw ValidationError("\(file) is a folder; serve its archives with --models \(file)")
            }
            all.append(path)
            if ModelLibrary.isArchive(path) { archives.append(path) }
        }
    }

    /// Imports what is no archive, showing how far it is.
    ///
    /// - Returns: the models' ids, in the order of the files.
    func prepare(_ parts: ServerParts, isQuiet: Bool) throws -> [String] {
        var ids: [String] = []
        for path in all {
            if let entry = parts.store.entries.first(where: { $0.path == path }) {
                ids.append(entry.id)
            } else {
                ids.append(try importModel(path, parts, isQuiet: isQuiet))
            }
        }
        return ids
    }

    private func importModel(_ path: String, _ parts: ServerParts, isQuiet: Bool) throws -> String {
        let fingerprint = try SourceFingerprint.hash(ofFile: path)
        if let known = parts.library.knownModel(fingerprint: fingerprint) { return known }
        if !isQuiet { printError("importing \(path)") }
        let display = ProgressDisplay(isQuiet: isQuiet)
        do throws(ModelConversion.Failure) {
            let id = try parts.library.convert(
                file: path, name: path, fingerprint: fingerprint, source: path,
                progress: { display.update($0, $1) }, isCancelled: { Interruption.isRequested })
            display.finish()
            return id
        } catch {
            display.finish()
            switch error {
            case .cancelled:
                printError("interrupted; nothing was written")
                throw Interruption.exitCode
            case .failed(let reason): throw ValidationError("\(path): \(reason)")
            }
        }
    }
}
