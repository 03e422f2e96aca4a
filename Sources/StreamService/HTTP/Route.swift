// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// One thing that callers can do over HTTP: method, path, and what it means. The table is the router's and the OpenAPI
/// document's source.
package struct Route: Equatable, Sendable {
    package enum Operation: String, CaseIterable, Sendable {
        case listModels, getModel, getThumbnail, getTree, uploadModel, deleteModel
        case listImports, getImport, watchImport, cancelImport
        case startSession, listSessions, getSession, endSession, getQueue
        case getPath, choosePath
        case connectViewer, renderPicture, getStatus, getDescription, getMetrics, checkHealth, checkReadiness
    }

    package let operation: Operation
    package let method: String
    /// What callers need; nil: not even a token: probes, and what says nothing about models.
    package let right: Right?
    /// Path with parameters in braces: "/api/v1/models/{model}".
    package let path: String
    /// One line for people.
    package let summary: String
    /// Answer when all is well, for the description.
    package let success: Success
    /// Other answers that callers should expect.
    package var failures: [ServiceError.Code] = []

    package struct Success: Equatable, Sendable {
        package let status: Int
        package let mediaType: String
        /// Name of a schema of the description; nil: none.
        package let schema: String?

        static func json(_ schema: String, status: Int = 200) -> Success {
            Success(status: status, mediaType: "application/json", schema: schema)
        }
        static let none = Success(status: 204, mediaType: "", schema: nil)
        static func data(_ mediaType: String) -> Success { Success(status: 200, mediaType: mediaType, schema: nil) }
    }

    package static let all: [Route] = [
        Route(
            operation: .listModels, method: "GET", right: .look, path: "/api/v1/models",
            summary: "All models, damaged ones too",
            success: .json("ModelList")),
        Route(
            operation: .uploadModel, method: "POST", right: .upload, path: "/api/v1/models",
            summary: "Upload a model file or archive as the raw body; ?name= names it. Content that is there already "
                + "is answered at once with its model.",
            success: .json("ImportStarted", status: 202), failures: [.tooLarge, .forbidden, .full]),
        Route(
            operation: .getModel, method: "GET", right: .look, path: "/api/v1/models/{model}", summary: "One model",
            success: .json("Model"), failures: [.modelNotFound]),
        Route(
            operation: .deleteModel, method: "DELETE", right: .delete, path: "/api/v1/models/{model}",
            summary: "Delete a model's archive and end its sessions", success: .none,
            failures: [.modelNotFound, .forbidden]),
        Route(
            operation: .getThumbnail, method: "GET", right: .look, path: "/api/v1/models/{model}/thumbnail",
            summary: "A picture of the model, at most 256 pixels wide and high", success: .data("image/jpeg"),
            failures: [.modelNotFound]),
        Route(
            operation: .getTree, method: "GET", right: .tree, path: "/api/v1/models/{model}/tree",
            summary: "The model's tree: names, parents and properties of its nodes", success: .json("Tree"),
            failures: [.modelNotFound, .damagedModel]),
        Route(
            operation: .listImports, method: "GET", right: .imports, path: "/api/v1/imports",
            summary: "Uploads and imports that run, wait, or ended lately", success: .json("ImportList")),
        Route(
            operation: .getImport, method: "GET", right: .upload, path: "/api/v1/imports/{import}",
            summary: "One import",
            success: .json("Import"), failures: [.importNotFound]),
        Route(
            operation: .cancelImport, method: "DELETE", right: .upload, path: "/api/v1/imports/{import}",
            summary: "Stop an import, or forget one that ended", success: .none, failures: [.importNotFound]),
        Route(
            operation: .watchImport, method: "GET", right: .upload, path: "/api/v1/imports/{import}/events",
            summary: "Server-sent events, each with the import as JSON, until it ends",
            success: .data("text/event-stream"), failures: [.importNotFound]),
        Route(
            operation: .listSessions, method: "GET", right: .sessions, path: "/api/v1/sessions",
            summary: "All sessions",
            success: .json("SessionList")),
        Route(
            operation: .startSession, method: "POST", right: .control, path: "/api/v1/sessions",
            summary: "Start a session of a model, or find one to join", success: .json("Session", status: 201),
            failures: [.badRequest, .modelNotFound, .damagedModel, .full]),
        Route(
            operation: .getSession, method: "GET", right: .sessions, path: "/api/v1/sessions/{session}",
            summary: "One session with its viewers", success: .json("Session"), failures: [.sessionNotFound, .ended]),
        Route(
            operation: .endSession, method: "DELETE", right: .control, path: "/api/v1/sessions/{session}",
            summary: "End a session; its viewers are disconnected", success: .none,
            failures: [.sessionNotFound, .ended]),
        Route(
            operation: .getQueue, method: "GET", right: .sessions,
            path: "/api/v1/sessions/{session}/viewers/{viewer}/queue",
            summary: "What a viewer would be sent next, and why", success: .json("Queue"),
            failures: [.sessionNotFound, .viewerNotFound]),
        Route(
            operation: .getPath, method: "GET", right: .sessions, path: "/api/v1/viewers/{viewer}/path",
            summary: "Who draws for a viewer, why, and everything that was decided from", success: .json("Path"),
            failures: [.viewerNotFound]),
        Route(
            operation: .choosePath, method: "PUT", right: .control, path: "/api/v1/viewers/{viewer}/path",
            summary: "Choose who draws for a viewer: {\"wish\": \"auto\", \"client\", \"server\" or \"hybrid\"}",
            success: Success(status: 202, mediaType: "", schema: nil), failures: [.badRequest, .viewerNotFound]),
        Route(
            operation: .connectViewer, method: "GET", right: .look, path: ViewerRequest.path,
            summary:
                "WebSocket of a viewer: ?model=ID&protocol=1.2; see PROTOCOL.md. Asked for without an upgrade, and with "
                + "the page's &origin=, it says what the handshake would meet: 426 upgradeRequired when all is well",
            success: Success(status: 101, mediaType: "", schema: nil),
            failures: [.upgradeRequired, .originRefused, .tokenRequired, .wrongHost]),
        Route(
            operation: .renderPicture, method: "GET", right: .pictures, path: "/api/v1/render",
            summary:
                "A picture of a model, drawn now: ?model=ID, and camera (home, front, back, left, right, top, bottom, "
                + "or what follows #view= in the viewer's address), width, height, format (jpeg, png), quality, error "
                + "(pixels), background (light, dark, transparent)",
            success: .data("image/*"), failures: [.badRequest, .modelNotFound, .damagedModel, .noRenderer]),
        Route(
            operation: .getStatus, method: "GET", right: .status, path: "/api/v1/status", summary: "How the server is",
            success: .json("Status")),
        Route(
            operation: .getDescription, method: "GET", right: nil, path: "/api/v1/openapi.json",
            summary: "This description",
            success: .data("application/json")),
        Route(
            operation: .getMetrics, method: "GET", right: .metrics, path: "/metrics",
            summary: "Counters for Prometheus",
            success: .data("text/plain; version=0.0.4")),
        Route(
            operation: .checkHealth, method: "GET", right: nil, path: "/healthz", summary: "Whether the server runs",
            success: .data("text/plain")),
        Route(
            operation: .checkReadiness, method: "GET", right: nil, path: "/readyz",
            summary: "Whether the server takes viewers: not before the models are known, nor while it stops",
            success: .data("text/plain"), failures: [.draining]),
    ]
}
