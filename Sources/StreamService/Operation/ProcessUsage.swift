// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the kernel says that this process uses; zeros where it does not say.
struct ProcessUsage: Equatable {
    private(set) var residentByteCount = 0
    /// Of those, what is read from mapped files: the kernel may drop it at any time.
    private(set) var mappedByteCount = 0
    private(set) var processorSeconds = 0.0
    private(set) var threadCount = 0
    private(set) var openFileCount = 0

    /// Linux counts processor time in hundredths of a second for everyone, whatever its clock.
    private static let ticksPerSecond = 100.0

    static var current: ProcessUsage {
        ProcessUsage(
            status: (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? "",
            stat: (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? "",
            openFileCount: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0)
    }

    /// - Source: proc(5).
    init(status: String, stat: String, openFileCount: Int) {
        self.openFileCount = openFileCount
        for line in status.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, let value = Int(words[1]) else { continue }
            switch words[0] {
            case "VmRSS:": residentByteCount = value * 1024
            case "RssFile:": mappedByteCount = value * 1024
            case "Threads:": threadCount = value
            default: break
            }
        }
        // The second field is the program's name in parentheses, which may hold spaces.
        guard let end = stat.lastIndex(of: ")") else { return }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return }
        processorSeconds = (user + system) / ProcessUsage.ticksPerSecond
    }
}
