// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// SplitMix64 (Steele et al. 2014): the same numbers in every run.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 ..< limit.
    package mutating func index(below limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

/// Calls `body` with `rounds` damaged copies of `bytes`: flipped bits, bytes set to telling values, and pieces cut out,
/// doubled or cut off.
package func mutate(_ bytes: [UInt8], rounds: Int, seed: UInt64, _ body: ([UInt8]) throws -> Void) rethrows {
    var random = SeededGenerator(seed: seed)
    let telling: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
    for _ in 0..<rounds {
        var copy = bytes
        for _ in 0...random.index(below: 3) where !copy.isEmpty {
            let place = random.index(below: copy.count)
            switch random.index(below: 8) {
            case 0...3: copy[place] ^= 1 << UInt8(random.index(below: 8))
            case 4, 5: copy[place] = telling[random.index(below: telling.count)]
            case 6: copy.removeSubrange(place..<min(copy.count, place + 1 + random.index(below: 4)))
            default: copy.insert(contentsOf: copy[place..<min(copy.count, place + 4)], at: place)
            }
        }
        if random.index(below: 16) == 0 { copy.removeLast(random.index(below: copy.count + 1)) }
        try body(copy)
    }
}

extension [UInt8] {
    package var hex: String {
        let digits = Array<Character>("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Bytes written as hexadecimal digits; spaces and line ends separate.
    package init(hex: String) {
        let digits = hex.compactMap { $0.hexDigitValue }
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
