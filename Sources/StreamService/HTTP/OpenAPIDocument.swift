// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import JSONCoding
import StreamCore

/// The REST interface as OpenAPI 3.1, made from the table of routes.
package enum OpenAPIDocument {
    package static let bytes = Array(document.printed().utf8)

    package static let document: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "Vantage", "version": .string(Version.current), "license": ["name": "Apache-2.0"],
            "description": .string(
                "Streams 3D models to any screen. Errors are {\"error\": {\"code\", \"message\"}}. x-right is what a "
                    + "restricted token needs; a server without tokens gives everybody all rights."),
        ],
        "paths": paths, "security": [["token": []], ["tokenInAddress": []], [:]],
        "components": [
            "schemas": .object(schemas),
            "securitySchemes": [
                "token": ["type": "http", "scheme": "bearer"],
                "tokenInAddress": ["type": "apiKey", "in": "query", "name": "token"],
            ],
        ],
    ]

    private static var paths: JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in Route.all { paths[route.path, default: [:]][route.method.lowercased()] = operation(route) }
        return .object(paths.mapValues { .object($0) })
    }

    private static func operation(_ route: Route) -> JSONValue {
        var fields: [String: JSONValue] = [
            "operationId": .string(route.operation.rawValue), "summary": .string(route.summary),
            "responses": responses(route),
        ]
        let names = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
        var parameters = names.map { parameter(String($0), "path", isRequired: true) }
        if route.operation == .uploadModel {
            parameters.append(parameter("name", "query", isRequired: false))
            fields["requestBody"] = [
                "required": true, "content": ["application/octet-stream": [:]],
            ]
        }
        if route.operation == .startSession {
            fields["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": reference("SessionStart")]],
            ]
        }
        if !parameters.isEmpty { fields["parameters"] = .array(parameters) }
        if let right = route.right { fields["x-right"] = .string(right.rawValue) } else { fields["security"] = [] }
        return .object(fields)
    }

    private static func parameter(_ name: String, _ place: String, isRequired: Bool) -> JSONValue {
        [
            "name": .string(name), "in": .string(place), "required": .bool(isRequired), "schema": ["type": "string"],
        ]
    }

    private static func responses(_ route: Route) -> JSONValue {
        var responses: [String: JSONValue] = [:]
        var success: [String: JSONValue] = ["description": "All is well"]
        if !route.success.mediaType.isEmpty {
            let schema = route.success.schema.map { ["schema": reference($0)] as JSONValue } ?? [:]
            success["content"] = .object([route.success.mediaType: schema])
        }
        responses["\(route.success.status)"] = .object(success)
        if route.operation == .uploadModel {
            responses["200"] = [
                "description": "The same content is there already",
                "content": ["application/json": ["schema": reference("Known")]],
            ]
        }
        for failure in route.failures {
            responses["\(failure.status)"] = [
                "description": .string(failure.rawValue),
                "content": ["application/json": ["schema": reference("Error")]],
            ]
        }
        return .object(responses)
    }

    private static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }
}
