// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding

/// Shapes of the answers.
extension OpenAPIDocument {
    static let schemas: [String: JSONValue] = [
        "Error": object(["error": object(["code": string, "message": string])]),
        "Known": object(["model": string]),
        "Model": object(
            [
                "id": string, "name": string, "state": choice(["ready", "damaged"]), "byteCount": integer,
                "damagedChunkCount": integer,
                "canDelete": flag, "triangleCount": integer, "contentHash": string, "minimum": list(number),
                "maximum": list(number), "partCount": integer, "instanceCount": integer, "thumbnail": string,
                "message": string,
            ], required: ["id", "name", "state", "byteCount", "canDelete"]),
        "ModelList": object(["models": list(reference("Model")), "canUpload": flag, "uploadByteLimit": integer]),
        "ImportStarted": object(["import": string, "events": string]),
        "Import": object(
            [
                "id": string, "name": string,
                "state": choice(["uploading", "queued", "importing", "done", "failed"]), "phase": string,
                "fraction": number, "model": string, "warnings": list(string),
                "error": object(["code": string, "message": string]),
            ], required: ["id", "name", "state", "phase", "fraction"]),
        "ImportList": object(["imports": list(reference("Import"))]),
        "SessionStart": object(
            ["model": string, "mode": choice(["create", "joinOrCreate"])], required: ["model"]),
        "Session": object([
            "session": string, "model": string, "version": integer, "seconds": number, "stream": string,
            "viewers": list(object(["viewer": string, "path": string, "peer": string, "seconds": number])),
        ]),
        "SessionList": object(["sessions": list(reference("Session"))]),
        "Queue": object([
            "view": integer, "queuedByteCount": integer, "statistics": object([:]), "queue": list(object([:])),
        ]),
        "Path": object(
            [
                "path": string, "isNegotiated": flag, "allowed": list(string), "wish": string, "target": string,
                "code": string, "reason": string, "awaiting": string, "policy": object([:]), "costs": object([:]),
                "inputs": object([:]), "decisions": list(object([:])), "refusals": list(object([:])),
                "dwellSeconds": number, "bounces": integer, "blocked": object([:]), "ignoredClaims": list(string),
            ], required: ["path", "isNegotiated", "allowed", "reason"]),
        "Tree": object([
            "names": list(string), "parents": list(integer),
            "properties": ["type": "object", "additionalProperties": list(list(string))],
        ]),
        "Status": object(["version": string, "state": choice(["starting", "ready", "stopping"])]),
    ]

    private static let string: JSONValue = ["type": "string"]
    private static let integer: JSONValue = ["type": "integer"]
    private static let number: JSONValue = ["type": "number"]
    private static let flag: JSONValue = ["type": "boolean"]

    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    private static func choice(_ values: [String]) -> JSONValue {
        ["type": "string", "enum": .array(values.map { .string($0) })]
    }

    private static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }

    /// - Parameter required: nil: all of them.
    private static func object(_ properties: [String: JSONValue], required: [String]? = nil) -> JSONValue {
        [
            "type": "object", "properties": .object(properties),
            "required": .array((required ?? properties.keys.sorted()).map { .string($0) }),
        ]
    }
}
