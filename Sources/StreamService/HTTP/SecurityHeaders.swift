// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What browsers are told about the server's answers.
enum SecurityHeaders {
    /// With every answer.
    static let common = [
        ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("server", "vantage"),
    ]

    /// With the viewer's files. Scripts and WebAssembly come from here only; workers and images may be made in the page.
    ///
    /// The page isolates itself (COOP, COEP), so that workers can share memory. Neither keeps other sites from showing it
    /// in a frame where `ancestors` lets them: a frame's isolation is its parent's, and CORP lets parents that are
    /// isolated themselves load it.
    ///
    /// - Parameter ancestors: of Content-Security-Policy's frame-ancestors.
    static func page(ancestors: [String]) -> [(String, String)] {
        let policy = [
            "default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self' blob:",
            "img-src 'self' blob: data:", "style-src 'self' 'unsafe-inline'", "connect-src 'self' ws: wss:",
            "object-src 'none'", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors \(ancestors.isEmpty ? "'none'" : ancestors.joined(separator: " "))",
        ]
        return [
            ("content-security-policy", policy.joined(separator: "; ")),
            ("cross-origin-opener-policy", "same-origin"), ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", ancestors == ["'self'"] ? "same-origin" : "cross-origin"),
        ]
    }
}
