// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import StreamCore
import Transport
import Viewer

/// The viewer's files as they are served: the page at `/`, the thin viewer's at `/thin`, everything else below `/viewer/`.
///
/// The pages name all else below `/viewer/VERSION/`, which browsers keep for good: what they load comes without asking, and
/// files of one version never mix with those of another. Of everything else browsers ask each time whether what they have
/// is still right (`no-cache` with an ETag).
package struct ViewerPages: Sendable {
    package struct Page: Sendable {
        let bytes: [UInt8]
        /// The same, compressed; nil where that is not smaller.
        let gzipped: [UInt8]?
        let mediaType: String
        /// Without quotes.
        let hash: String
        /// What is at this address is always this.
        var isImmutable = false

        init(_ bytes: [UInt8], path: String) {
            self.bytes = bytes
            mediaType = ViewerPages.mediaType(path)
            hash = String(SHA256.hash(bytes.rawSpan).hexadecimal.prefix(32))
            let gzipped = Deflate.gzip(bytes)
            self.gzipped = gzipped.count < bytes.count ? gzipped : nil
        }

        /// - Parameter headers: security headers of pages.
        func response(to request: HTTPRequest, _ headers: [(String, String)]) -> HTTPResponse {
            let caching = isImmutable ? "public, max-age=31536000, immutable" : "no-cache"
            var headers =
                [("content-type", mediaType), ("cache-control", caching), ("vary", "accept-encoding")] + headers
            guard let gzipped, Page.takesGzip(request) else {
                headers.append(("etag", "\"\(hash)\""))
                return HTTPResponse(status: 200, headers: headers, body: .bytes(bytes))
            }
            headers += [("etag", "\"\(hash)-gzip\""), ("content-encoding", "gzip")]
            return HTTPResponse(status: 200, headers: headers, body: .bytes(gzipped))
        }

        /// - Source: RFC 9110, 12.5.3; a weight of zero means: not this.
        private static func takesGzip(_ request: HTTPRequest) -> Bool {
            (request.header("accept-encoding") ?? "").lowercased().split(separator: ",").contains { coding in
                let parts = coding.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
                let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
                return parts.first == "gzip" && (weight ?? 1) > 0
            }
        }
    }

    /// Read once; nil: read at each request, while somebody edits them.
    private let pages: [String: Page]?
    private let folder: URL
    /// Of all files together.
    private let version: String

    /// Reads all files: not for the loop thread.
    ///
    /// - Parameter root: a folder that is being edited; nil: the program's own.
    package init(root: String?) {
        folder = root.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? ViewerFiles.folder
        guard root == nil else {
            (pages, version) = (nil, "")
            return
        }
        var pages: [String: Page] = [:]
        for path in ViewerFiles.paths(in: folder) { pages[path] = ViewerPages.read(path, folder) }
        let hashes = pages.keys.sorted().compactMap { pages[$0]?.hash }.joined()
        version = String(SHA256.hash(Array(hashes.utf8).rawSpan).hexadecimal.prefix(16))
        for (path, page) in pages where path.hasSuffix(".html") {
            pages[path] = Page(ViewerPages.versioned(page.bytes, version, pages.keys), path: path)
        }
        self.pages = pages
    }

    /// Whether `page` would read a file.
    package var isLive: Bool { pages == nil }

    /// The file for a request's path, or nil.
    package func page(_ path: String) -> Page? {
        switch path {
        case "/", "/index.html": return file("index.html")
        case "/thin", "/thin.html": return file("thin.html")
        case "/favicon.ico": return file("favicon.svg")
        default: break
        }
        guard path.hasPrefix("/viewer/") else { return nil }
        let name = path.dropFirst("/viewer/".count)
        guard pages != nil, name.hasPrefix(version + "/") else { return file(String(name)) }
        var page = file(String(name.dropFirst(version.count + 1)))
        page?.isImmutable = true
        return page
    }

    private func file(_ name: String) -> Page? {
        if let pages { return pages[name] }
        return ViewerPages.read(name, folder)
    }

    private static func read(_ path: String, _ folder: URL) -> Page? {
        let bytes = ViewerFiles.file(at: path, in: folder).flatMap { try? Data(contentsOf: $0) }
        return bytes.map { Page([UInt8]($0), path: path) }
    }

    /// A page that names its files by version, and those that the build has put together instead of their parts.
    private static func versioned(_ page: [UInt8], _ version: String, _ names: some Collection<String>) -> [UInt8] {
        var text = String(decoding: page, as: UTF8.self)
        for name in names {
            // What is put together has the name of its first module, without the folder.
            let app = "app/" + (name.split(separator: "/").last ?? "")
            let address = "viewer/\(version)/\(names.contains(app) ? app : name)"
            text = text.replacing("\"viewer/\(name)\"", with: "\"\(address)\"")
        }
        return Array(text.utf8)
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
