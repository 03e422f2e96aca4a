// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a server counts about itself, read from its `/metrics`.
package struct ServerCounters: Equatable, Sendable {
    private var values: [String: Double] = [:]

    /// - Throws: `BenchmarkError`.
    package init(of server: ServerURL) throws(BenchmarkError) {
        self.init(String(decoding: try server.get("/metrics", seconds: 10), as: UTF8.self))
    }

    /// Prometheus text; families with labels are summed.
    package init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Double(words[1]) else { continue }
            values[String(words[0].prefix { $0 != "{" }), default: 0] += value
        }
    }

    private func value(_ name: String) -> Double { values["vantage_" + name] ?? 0 }

    package var processorSeconds: Double { value("process_cpu_seconds_total") }
    package var residentByteCount: Double { value("process_resident_bytes") }
    /// Without what is read from mapped files, which all viewers share.
    package var privateByteCount: Double { residentByteCount - value("process_mapped_bytes") }
    package var queuedByteCount: Double { value("queue_bytes") }
    package var drawnFrameCount: Double { value("frames_drawn_total") }
    package var drawSeconds: Double { value("draw_seconds_total") }
}

/// What a server says about itself at `/api/v1/status`.
package struct ServerStatus: Decodable, Equatable, Sendable {
    package struct Device: Decodable, Equatable, Sendable {
        package var name: String
    }

    package struct Renderer: Decodable, Equatable, Sendable {
        package var device: Device?
    }

    package var renderer: Renderer?

    /// nil: it does not say.
    package init?(of server: ServerURL) {
        guard let bytes = try? server.get("/api/v1/status", seconds: 10),
            let status = try? JSONDecoder().decode(ServerStatus.self, from: Data(bytes))
        else { return nil }
        self = status
    }

    /// What draws.
    package var rendererName: String? { renderer?.device?.name }
}
