// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONCoding
import ModelStorage
import PathNegotiation
import StreamCore

/// The first message to a viewer.
struct ViewerWelcome {
    let model: ServedModel
    let session: String
    let viewer: Int
    let path: ViewerPath
    /// Whether it may change.
    let isNegotiated: Bool
    /// Why this path, for people.
    let reason: String
    let isResumed: Bool
    let home: ViewState
    /// Whether it may know what parts are called, as warnings do.
    let namesParts: Bool

    func json(_ configuration: ViewerConfiguration) -> JSONValue {
        [
            "protocol": [.integer(Wire.major), .integer(Wire.minor)], "server": .string("vantage \(Version.current)"),
            "session": .string(session), "viewer": .string("\(viewer)"), "path": .string(path.rawValue),
            "isNegotiated": .bool(isNegotiated), "reason": .string(reason),
            "resumed": .bool(isResumed), "home": homeFacts, "model": modelFacts,
            "limits": [
                "messageByteCount": .integer(configuration.messageByteLimit),
                "idleSeconds": .number(configuration.silentSeconds),
            ],
        ]
    }

    private var homeFacts: JSONValue {
        let (projection, scale): (String, Double) =
            switch home.projection {
            case .perspective(let tangent): ("perspective", tangent)
            case .orthographic(let halfHeight): ("orthographic", halfHeight)
            }
        return [
            "eye": .array((0..<3).map { .number(home.eye[$0]) }),
            "orientation": .array((0..<4).map { .number(home.orientation[$0]) }),
            "projection": .string(projection), "scale": .number(scale),
        ]
    }

    private var modelFacts: JSONValue {
        let archive = model.archive
        let summary = ModelSummary(archive)
        let index = archive.index
        return [
            "id": .string(model.id), "name": .string(summary.name), "contentHash": .string(summary.contentHash),
            "triangleCount": .integer(summary.triangleCount), "byteCount": .integer(summary.byteCount),
            "minimum": .array(summary.minimum.map { .number($0) }),
            "maximum": .array(summary.maximum.map { .number($0) }), "chunkCount": .integer(index.chunks.count),
            "nodeCount": .integer(index.nodes.count), "materialCount": .integer(archive.description.materials.count),
            "textureCount": .integer(index.textures.count), "instanceCount": .integer(summary.instanceCount),
            "warnings": .array(archive.description.warnings.prefix(namesParts ? 20 : 0).map { .string($0) }),
        ]
    }
}
