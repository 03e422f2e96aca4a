// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import JSONCoding

/// How far an import is.
package struct ImportStatus: Equatable, Sendable {
    package enum State: String, CaseIterable, Sendable { case uploading, queued, importing, done, failed }

    package let id: String
    /// The file's name as its sender calls it.
    package let name: String
    package var state = State.uploading
    /// What is being done, in a word or two; empty before it starts.
    package var phase = ""
    /// Of the phase, 0 … 1.
    package var fraction = 0.0
    /// The model's id when done.
    package var model: String?
    /// What was left out, repaired or assumed, when done.
    package var warnings: [String] = []
    /// Why it failed.
    package var error: ServiceError?

    package var isFinished: Bool { state == .done || state == .failed }

    package var json: JSONValue {
        var fields: [String: JSONValue] = [
            "id": .string(id), "name": .string(name), "state": .string(state.rawValue), "phase": .string(phase),
            "fraction": .number((fraction * 1000).rounded() / 1000),
        ]
        if let model { fields["model"] = .string(model) }
        if !warnings.isEmpty { fields["warnings"] = .array(warnings.map { .string($0) }) }
        if let error { fields["error"] = error.json["error"] }
        return .object(fields)
    }
}
