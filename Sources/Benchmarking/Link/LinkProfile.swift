// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A link to be made on loopback.
package struct LinkProfile: Codable, Equatable, Sendable {
    package var name: String
    /// Bits per second towards the viewer, and from it.
    package var downRate: Double
    package var upRate: Double
    /// Seconds, both ways together.
    package var roundTrip: Double
    /// Seconds: each piece is late by up to this much, in order.
    package var jitter = 0.0
    /// Seconds of the link's rate that wait in front of it at most.
    package var buffer = 0.1
    /// Share of packets that are lost: what follows waits until they were sent again.
    package var loss = 0.0
    /// The rate towards the viewer (bits per second) from a time (seconds) on.
    package var drop: Drop?

    package struct Drop: Codable, Equatable, Sendable {
        package var rate: Double
        package var at: Double
    }

    package init(name: String, downRate: Double, upRate: Double, roundTrip: Double) {
        (self.name, self.downRate, self.upRate, self.roundTrip) = (name, downRate, upRate, roundTrip)
    }

    /// Profiles by name; `none` is loopback as it is and not among them.
    package static let named: [LinkProfile] = [
        make("lan", 1000, 1000, 1, jitter: 0, loss: 0),
        make("cable", 100, 20, 20, jitter: 2, loss: 0),
        make("4g", 20, 10, 50, jitter: 8, loss: 0.000_2),
        make("3g", 2, 1, 150, jitter: 20, loss: 0.000_5),
        make("satellite", 20, 3, 600, jitter: 10, loss: 0.000_5),
    ]

    private static func make(
        _ name: String, _ down: Double, _ up: Double, _ milliseconds: Double, jitter: Double, loss: Double
    ) -> LinkProfile {
        var profile = LinkProfile(name: name, downRate: down * 1e6, upRate: up * 1e6, roundTrip: milliseconds / 1000)
        profile.jitter = jitter / 1000
        profile.loss = loss
        return profile
    }

    /// Reads `NAME`, `NAME,key=value…` or `key=value…`. Keys: rate and up (Mbit/s), rtt, jitter and buffer (ms), loss
    /// (percent), drop=MBIT@SECONDS.
    ///
    /// - Returns: nil for `none`.
    /// - Throws: `BenchmarkError`, naming the key and what it takes.
    package static func parse(_ text: String) throws(BenchmarkError) -> LinkProfile? {
        if text == "none" { return nil }
        var words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var profile = LinkProfile(name: text, downRate: 0, upRate: 0, roundTrip: 0)
        if let first = words.first, !first.contains("=") {
            guard let known = named.first(where: { $0.name == first }) else {
                let names = (["none"] + named.map(\.name)).joined(separator: ", ")
                throw BenchmarkError("no link is called \"\(first)\": there are \(names), and rate=20,rtt=40")
            }
            profile = known
            profile.name = text
            words.removeFirst()
        }
        for word in words { try profile.set(word) }
        guard profile.downRate > 0 else { throw BenchmarkError("link \"\(text)\": rate=MBIT is missing") }
        if profile.upRate == 0 { profile.upRate = profile.downRate }
        return profile
    }

    private mutating func set(_ word: String) throws(BenchmarkError) {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw BenchmarkError("link: \"\(word)\" is not key=value") }
        func number(_ range: ClosedRange<Double>, _ text: String = parts[1]) throws(BenchmarkError) -> Double {
            guard let value = Double(text), range.contains(value) else {
                throw BenchmarkError(
                    "link: \(parts[0]) goes from \(range.lowerBound.short) to \(range.upperBound.short), not \(text)")
            }
            return value
        }
        switch parts[0] {
        case "rate": downRate = try number(0.01...100_000) * 1e6
        case "up": upRate = try number(0.01...100_000) * 1e6
        case "rtt": roundTrip = try number(0...10_000) / 1000
        case "jitter": jitter = try number(0...5000) / 1000
        case "buffer": buffer = try number(1...60_000) / 1000
        case "loss": loss = try number(0...50) / 100
        case "drop":
            let values = parts[1].split(separator: "@").map(String.init)
            guard values.count == 2 else { throw BenchmarkError("link: drop needs MBIT@SECONDS, as 4@3") }
            drop = Drop(rate: try number(0.01...100_000, values[0]) * 1e6, at: try number(0...3600, values[1]))
        default:
            throw BenchmarkError("link: no key \"\(parts[0])\"; there are rate, up, rtt, jitter, buffer, loss, drop")
        }
    }

    /// For people: "20/10 Mbit/s, 50 ms".
    package var summary: String {
        var text = "\((downRate / 1e6).short)/\((upRate / 1e6).short) Mbit/s, \((roundTrip * 1000).short) ms"
        if jitter > 0 { text += " ± \((jitter * 1000).short)" }
        if loss > 0 { text += ", \((loss * 100).short) % loss" }
        if let drop { text += ", \((drop.rate / 1e6).short) Mbit/s from \(drop.at.short) s on" }
        return text
    }
}

extension Double {
    /// Without needless digits.
    package var short: String { String(format: "%.6g", self) }
}
