// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package typealias Float2 = SIMD2<Float>
package typealias Float3 = SIMD3<Float>
package typealias Float4 = SIMD4<Float>
package typealias Double3 = SIMD3<Double>
package typealias Double4 = SIMD4<Double>
package typealias Int3 = SIMD3<Int32>

@inlinable package func dot<Scalar: BinaryFloatingPoint>(_ a: SIMD3<Scalar>, _ b: SIMD3<Scalar>) -> Scalar {
    a.x * b.x + a.y * b.y + a.z * b.z
}

@inlinable package func cross<Scalar: BinaryFloatingPoint>(
    _ a: SIMD3<Scalar>, _ b: SIMD3<Scalar>
) -> SIMD3<Scalar> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

@inlinable package func lengthSquared<Scalar: BinaryFloatingPoint>(_ a: SIMD3<Scalar>) -> Scalar { dot(a, a) }

@inlinable package func length<Scalar: BinaryFloatingPoint>(_ a: SIMD3<Scalar>) -> Scalar {
    dot(a, a).squareRoot()
}

/// The unit vector along `a`, or `fallback` where `a` is too short to have a direction.
@inlinable package func normalized<Scalar: BinaryFloatingPoint>(
    _ a: SIMD3<Scalar>, fallback: SIMD3<Scalar> = SIMD3(0, 0, 1)
) -> SIMD3<Scalar> {
    let size = length(a)
    return size > Scalar.leastNormalMagnitude && size.isFinite ? a / size : fallback
}
