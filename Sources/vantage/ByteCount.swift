// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// An amount of memory on the command line: "1GiB", "800 MB", "1073741824".
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let text = argument.trimmingCharacters(in: .whitespaces)
        let number = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(number.count).trimmingCharacters(in: .whitespaces).lowercased()
        let factors: [String: Double] = [
            "": 1, "b": 1, "k": 1024, "kb": 1e3, "kib": 1024, "m": 1_048_576, "mb": 1e6, "mib": 1_048_576,
            "g": 1_073_741_824, "gb": 1e9, "gib": 1_073_741_824, "t": 1_099_511_627_776, "tb": 1e12,
            "tib": 1_099_511_627_776,
        ]
        guard let value = Double(number), let factor = factors[unit],
            let bytes = Int(exactly: (value * factor).rounded()),
            bytes > 0
        else { return nil }
        self.bytes = bytes
    }
}

/// "1.2 GB", "340 bytes": decimal, as disks and links are sold.
func describe(bytes: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
        value /= 1000
        unit += 1
    }
    return unit == 0 ? "\(bytes) bytes" : String(format: value < 10 ? "%.2f %@" : "%.1f %@", value, units[unit])
}

/// "1 234 567".
func describe(count: Int) -> String {
    var digits = Array(String(abs(count)))
    var position = digits.count - 3
    while position > 0 {
        digits.insert(" ", at: position)
        position -= 3
    }
    return (count < 0 ? "-" : "") + String(digits)
}
