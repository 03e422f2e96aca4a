// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a benchmark ran.
package struct Machine: Codable, Equatable, Sendable {
    package var processor: String
    package var processorCount: Int
    package var memoryByteCount: Int
    package var kernel: String
    /// Of the minute before it began.
    package var load: Double
    /// What draws, where something does.
    package var renderer: String?

    /// This machine, now.
    package static var current: Machine {
        let read = { (path: String) in (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let names = read("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        let processor = names?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        let memory = read("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal") }
        let kilobytes = memory?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
        return Machine(
            processor: processor ?? "unknown processor", processorCount: ProcessInfo.processInfo.activeProcessorCount,
            memoryByteCount: kilobytes * 1024,
            kernel: read("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
            load: Double(read("/proc/loadavg").split(separator: " ").first ?? "") ?? 0)
    }

    /// What else ran may have changed the figures.
    package var warning: String? {
        guard load > 0.3 * Double(processorCount) else { return nil }
        return "the machine was busy when this began (load \(load.short) on \(processorCount) processors): "
            + "times are upper bounds"
    }

    package var summary: String {
        let memory = Double(memoryByteCount) / Double(1 << 30)
        return "\(processor), \(processorCount) processors, \(memory.rounded().short) GiB, Linux \(kernel)"
            + (renderer.map { ", drawn by \($0)" } ?? "")
    }
}
