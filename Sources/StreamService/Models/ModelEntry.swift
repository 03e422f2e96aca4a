// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import JSONCoding

/// A model in the list: one archive file, sound or not.
package struct ModelEntry: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case ready(ModelSummary)
        /// The reason, for people; says what to do and names no folder.
        case damaged(String)
    }

    /// What URLs call it.
    package let id: String
    package let path: String
    /// Changes with the file.
    let stamp: FileStamp
    /// Whether it lies in the models' folder, so that it may be deleted.
    package let isInFolder: Bool
    package let state: State
    /// Chunks of this very file that were found damaged when somebody needed them.
    var damagedChunks: Set<Int> = []

    package var isDamaged: Bool { if case .damaged = state { true } else { false } }

    package var name: String {
        if case .ready(let summary) = state { summary.name } else { ModelName.base(of: path) }
    }

    /// Whether people may mean this model by `reference`: its name, or its file's with or without the extension.
    func isNamed(_ reference: String) -> Bool {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return [name, file, ModelName.base(of: path)].contains { ModelName.isSame(reference, $0) }
    }

    /// - Parameters:
    ///   - canDelete: whether the caller may delete models.
    ///   - hasNumbers: whether it is told how much the model holds, beside what a picture shows.
    package func json(canDelete: Bool = true, hasNumbers: Bool = true) -> JSONValue {
        var fields: [String: JSONValue] = [
            "id": .string(id), "name": .string(name), "canDelete": .bool(isInFolder && canDelete),
            "byteCount": .integer(stamp.byteCount),
        ]
        switch state {
        case .damaged(let message):
            fields["state"] = "damaged"
            fields["message"] = .string(message)
        case .ready(let summary):
            fields["state"] = "ready"
            fields["contentHash"] = .string(summary.contentHash)
            fields["minimum"] = .array(summary.minimum.map { .number($0) })
            fields["maximum"] = .array(summary.maximum.map { .number($0) })
            if hasNumbers {
                fields["triangleCount"] = .integer(summary.triangleCount)
                fields["partCount"] = .integer(summary.partCount)
                fields["instanceCount"] = .integer(summary.instanceCount)
            }
            if !damagedChunks.isEmpty {
                fields["damagedChunkCount"] = .integer(damagedChunks.count)
                fields["message"] = "parts of its file have changed and are not shown; copy or import it again"
            }
            let address = "api/v1/models/\(ModelName.escaped(id))"
            if summary.hasThumbnail { fields["thumbnail"] = .string(address + "/thumbnail") }
        }
        return .object(fields)
    }
}
