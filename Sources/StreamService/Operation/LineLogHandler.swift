// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONCoding
package import Logging

/// Writes each message as one line to standard error: time, level, message, key=value; or all of it as a JSON object.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let format: LogConfiguration.Format
    private let write: @Sendable (String) -> Void

    package init(
        configuration: LogConfiguration,
        write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
    ) {
        format = configuration.format
        logLevel = Logger.Level(rawValue: configuration.level.rawValue) ?? .notice
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.map { ($0.key, "\($0.value)") }
            .sorted { $0.0 < $1.0 }
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch format {
        case .text: write(LineLogHandler.line(time, event.level, "\(event.message)", fields) + "\n")
        case .json: write(LineLogHandler.object(time, event.level, "\(event.message)", fields) + "\n")
        }
    }

    private static func line(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        let level = level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
        let pairs = fields.map { " \($0.0)=\(quoted($0.1))" }.joined()
        return "\(time) \(level) \(message.filter { !$0.isNewline })\(pairs)"
    }

    /// As it is if it is one plain word; else in quotation marks, on one line.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" }
        if isPlain { return text }
        return String(decoding: JSONValue.string(text).encoded(), as: UTF8.self)
    }

    private static func object(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        var object = Dictionary(fields.map { ($0.0, JSONValue.string($0.1)) }) { _, new in new }
        object["time"] = .string(time)
        object["level"] = .string(level.rawValue)
        object["message"] = .string(message)
        return String(decoding: JSONValue.object(object).encoded(), as: UTF8.self)
    }
}
