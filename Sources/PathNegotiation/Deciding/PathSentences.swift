// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Numbers and paths in words, for the sentences that people read.
enum PathSentences {
    /// At most one digit after the point, and none above 10.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "many" }
        let tenths = (min(abs(value), 1e15) * 10).rounded()
        if tenths >= 100 || tenths.truncatingRemainder(dividingBy: 10) == 0 {
            return String(Int((tenths / 10).rounded()))
        }
        return "\(Int(tenths) / 10).\(Int(tenths) % 10)"
    }

    static func seconds(_ value: Double) -> String {
        value < 0.095 ? "\(number(value * 1000)) ms" : "\(number(value)) s"
    }

    static func milliseconds(_ seconds: Double) -> String { "\(number((seconds * 1000).rounded())) ms" }

    static func rate(_ value: Double) -> String { "\(number(value.rounded())) fps" }

    static func triangles(_ count: Double) -> String {
        if count >= 95_000 { return "\(number(count / 1e6)) million triangles" }
        return count >= 1000 ? "\(number((count / 1000).rounded())) thousand triangles" : "\(number(count)) triangles"
    }

    static func bytes(_ count: Double) -> String {
        if count >= 1e9 { return "\(number(count / 1e9)) GB" }
        return count >= 95_000 ? "\(number(count / 1e6)) MB" : "\(number((count / 1000).rounded())) KB"
    }

    static func bits(_ bytesPerSecond: Double) -> String { "\(number(bytesPerSecond * 8 / 1e6)) Mbit/s" }

    /// What happens on a path.
    static func doing(_ path: ViewerPath) -> String {
        switch path {
        case .client: "this device draws the model itself"
        case .server: "the server draws it and sends pictures"
        case .hybrid: "this device draws a coarse view while it moves, and the server's pictures replace it at rest"
        }
    }

    /// Text from outside, fit for a sentence: one line, not long, without a full stop at its end.
    static func quoted(_ text: String) -> String {
        var line = String(text.prefix(160).map { $0.isNewline || $0.isWhitespace ? " " : $0 })
        line.unicodeScalars.removeAll { $0.properties.generalCategory == .control }
        while let last = line.last, last == "." || last == " " { line.removeLast() }
        return line
    }

    static func capitalized(_ sentence: String) -> String {
        guard let first = sentence.first else { return sentence }
        return first.uppercased() + sentence.dropFirst()
    }
}
