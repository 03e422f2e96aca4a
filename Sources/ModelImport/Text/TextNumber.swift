// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// Decimal numbers from bytes. The digits are gathered in an integer and scaled by one exact power of ten, which rounds
// correctly as long as both fit a Double (Clinger, "How to read floating point numbers accurately", 1990, fast path):
// 15 significant digits with exponents within 22. Longer numbers may be off by a few units in the last place of a
// Double, which no Float position can show.

private let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20,
    1e21, 1e22,
]

extension RawSpan {
    /// The number at `position`, which then moves behind it; nil, and `position` unchanged, where there is none.
    /// Reads what printf writes, "inf" and "nan" in any case included; what follows the number is not looked at.
    @inline(__always) func number(_ position: inout Int) -> Double? {
        var cursor = position
        let isNegative = sign(&cursor)
        let start = cursor
        var mantissa: UInt64 = 0
        var exponent = 0
        while cursor < byteCount {
            let digit = byte(cursor) &- 0x30
            if digit > 9 { break }
            if mantissa < 1_000_000_000_000_000_000 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
            } else {
                exponent += 1
            }
            cursor += 1
        }
        var digitCount = cursor - start
        if cursor < byteCount, byte(cursor) == 0x2E {
            cursor += 1
            while cursor < byteCount {
                let digit = byte(cursor) &- 0x30
                if digit > 9 { break }
                if mantissa < 1_000_000_000_000_000_000 {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    exponent -= 1
                }
                digitCount += 1
                cursor += 1
            }
        }
        if digitCount == 0 { return namedNumber(&position, at: start, isNegative: isNegative) }
        if cursor < byteCount, byte(cursor) | 0x20 == 0x65 { exponent += exponentPart(&cursor) }
        if cursor < byteCount, byte(cursor) == 0x23 { return oldWindowsNumber(&position, at: cursor) }
        position = cursor
        let size = scaled(mantissa, by: exponent)
        return isNegative ? -size : size
    }

    @inline(__always) private func sign(_ cursor: inout Int) -> Bool {
        guard cursor < byteCount else { return false }
        let current = byte(cursor)
        if current == 0x2D || current == 0x2B { cursor += 1 }
        return current == 0x2D
    }

    /// The value of "e-12" at `cursor`; 0 and `cursor` unchanged where no digit follows.
    private func exponentPart(_ cursor: inout Int) -> Int {
        var position = cursor + 1
        let isNegative = sign(&position)
        let start = position
        var value = 0
        while position < byteCount {
            let digit = byte(position) &- 0x30
            if digit > 9 { break }
            if value < 100_000 { value = value * 10 + Int(digit) }
            position += 1
        }
        guard position > start else { return 0 }
        cursor = position
        return isNegative ? -value : value
    }

    @inline(__always) private func scaled(_ mantissa: UInt64, by exponent: Int) -> Double {
        let value = Double(mantissa)
        if exponent == 0 { return value }
        if exponent < 0, exponent >= -22 { return value / powersOfTen[-exponent] }
        if exponent > 0, exponent <= 22 { return value * powersOfTen[exponent] }
        return scaledInSteps(value, by: exponent)
    }

    private func scaledInSteps(_ value: Double, by exponent: Int) -> Double {
        if value == 0 || exponent < -400 { return 0 }
        if exponent > 400 { return .infinity }
        var value = value
        var left = Swift.abs(exponent)
        while left > 0 {
            let step = Swift.min(left, 22)
            value = exponent < 0 ? value / powersOfTen[step] : value * powersOfTen[step]
            left -= step
        }
        return value
    }

    private func namedNumber(_ position: inout Int, at start: Int, isNegative: Bool) -> Double? {
        guard start + 3 <= byteCount else { return nil }
        let letters = (byte(start) | 0x20, byte(start + 1) | 0x20, byte(start + 2) | 0x20)
        if letters == (0x6E, 0x61, 0x6E) {
            position = wordEnd(start)
            return .nan
        }
        guard letters == (0x69, 0x6E, 0x66) else { return nil }
        position = wordEnd(start)
        return isNegative ? -.infinity : .infinity
    }

    /// "1.#QNAN", "-1.#IND", "1.#INF00": how old Microsoft libraries print what is not a finite number.
    private func oldWindowsNumber(_ position: inout Int, at cursor: Int) -> Double? {
        position = wordEnd(cursor)
        return .nan
    }

    /// The whole number at `position`, which then moves behind it; nil where there is none or it leaves Int's range.
    @inline(__always) func integer(_ position: inout Int) -> Int? {
        var cursor = position
        let isNegative = sign(&cursor)
        let start = cursor
        var value = 0
        while cursor < byteCount {
            let digit = byte(cursor) &- 0x30
            if digit > 9 { break }
            if value > 900_000_000_000_000_000 { return nil }
            value = value &* 10 &+ Int(digit)
            cursor += 1
        }
        guard cursor > start else { return nil }
        position = cursor
        return isNegative ? -value : value
    }
}
