// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import StreamCore
import Transport
import Viewer

/// The viewer's files as they are served: the page at `/`, the thin viewer's at `/thin`, everything else below `/viewer/`.
///
/// Browsers ask each time whether what they have is still right (`no-cache` with an ETag): files of one version never mix
/// with those of another.
package struct ViewerPages: Sendable {
    package struct Page: Sendable {
        let bytes: [UInt8]
        let mediaType: String
        let etag: String

        /// - Parameter headers: security headers of pages.
        func response(_ headers: [(String, String)]) -> HTTPResponse {
            HTTPResponse(
                status: 200,
                headers: [("content-type", mediaType), ("etag", etag), ("cache-control", "no-cache")] + headers,
                body: .bytes(bytes))
        }
    }

    /// The pages and the modules that they start with.
    private static let entries = ["index.html": "main.js", "thin.html": "thin.js"]

    /// Read once; nil: read at each request, while somebody edits them.
    private let pages: [String: Page]?
    private let folder: URL

    /// Reads all files: not for the loop thread.
    ///
    /// - Parameter root: a folder that is being edited; nil: the program's own.
    package init(root: String?) {
        folder = root.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? ViewerFiles.folder
        guard root == nil else {
            pages = nil
            return
        }
        var pages: [String: Page] = [:]
        for path in ViewerFiles.paths(in: folder) { pages[path] = ViewerPages.read(path, folder) }
        self.pages = pages
    }

    /// Whether `page` would read a file.
    package var isLive: Bool { pages == nil }

    /// The file for a request's path, or nil.
    package func page(_ path: String) -> Page? {
        let name: String
        switch path {
        case "/", "/index.html": name = "index.html"
        case "/thin", "/thin.html": name = "thin.html"
        case "/favicon.ico": name = "favicon.svg"
        default:
            guard path.hasPrefix("/viewer/") else { return nil }
            name = String(path.dropFirst("/viewer/".count))
        }
        if let pages { return pages[name] }
        return ViewerPages.read(name, folder)
    }

    private static func read(_ path: String, _ folder: URL) -> Page? {
        guard let url = ViewerFiles.file(at: path, in: folder),
            var bytes = (try? Data(contentsOf: url)).map({ [UInt8]($0) })
        else { return nil }
        if let entry = entries[path] {
            let preloads = ModulePreloads(entry: entry) { module in
                ViewerFiles.file(at: module, in: folder).flatMap { try? String(contentsOf: $0, encoding: .utf8) }
            }
            bytes = Array(preloads.inserted(into: String(decoding: bytes, as: UTF8.self)).utf8)
        }
        let hash = SHA256.hash(bytes.rawSpan).hexadecimal.prefix(32)
        return Page(bytes: bytes, mediaType: mediaType(path), etag: "\"\(hash)\"")
    }

    static func mediaType(_ path: String) -> String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json", "map": "application/json"
        case "wasm": "application/wasm"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "webp": "image/webp"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "glsl", "txt", "md": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}
