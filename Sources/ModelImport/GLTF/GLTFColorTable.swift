// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Encodes linear light as 8-bit sRGB by table.
enum GLTFColorTable {
    /// By 16-bit linear value; one step is at most 0.05 of an 8-bit step.
    private static let codes: [UInt8] = (0...65535).map { index in
        let linear = Double(index) / 65535
        return UInt8((255 * encoded(linear)).rounded())
    }

    /// - Source: IEC 61966-2-1.
    private static func encoded(_ linear: Double) -> Double {
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * twelfthRoot(of: linear, power: 5) - 0.055
    }

    /// `x` to the power 5/12, by Newton's method: the standard library alone has no power function.
    private static func twelfthRoot(of x: Double, power: Int) -> Double {
        let cubeArgument = x.squareRoot()
        var cubeRoot = 1.0
        for _ in 0..<40 {
            cubeRoot -= (cubeRoot * cubeRoot * cubeRoot - cubeArgument) / (3 * cubeRoot * cubeRoot)
        }
        // x^(5/12) = x^(1/4) * x^(1/6)
        return cubeArgument.squareRoot() * cubeRoot
    }

    static func encode(_ value: Float) -> UInt8 {
        // Also sends NaN to 0.
        let clamped = value > 0 ? min(value, 1) : 0
        return codes[Int((clamped * 65535).rounded())]
    }

    static func linear(_ value: Float) -> UInt8 {
        let clamped = value > 0 ? min(value, 1) : 0
        return UInt8((clamped * 255).rounded())
    }
}
