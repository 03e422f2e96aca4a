// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension ViewState {
    /// Where a camera will be after some seconds, if it goes on like this.
    ///
    /// - Parameters:
    ///   - velocity: metres per second.
    ///   - angularVelocity: axis in world space times radians per second; turns by more than 1.5 radians are cut.
    package func moved(velocity: Double3, angularVelocity: Double3, seconds: Double) -> ViewState {
        var result = self
        result.eye += velocity * seconds
        let speed = length(angularVelocity)
        guard speed > 1e-6 else { return result }
        // Half the angle's tangent is close enough to the half angle below a quarter turn.
        let half = min(speed * seconds, 1.5) * 0.5
        let axis = angularVelocity / speed
        let turn = Double4(axis.x * half, axis.y * half, axis.z * half, 1)
        let product = ViewState.product(turn, orientation)
        result.orientation = product / (product * product).sum().squareRoot()
        return result
    }

    /// Of quaternions (x, y, z, w): first `b`, then `a`.
    private static func product(_ a: Double4, _ b: Double4) -> Double4 {
        let (u, v) = (Double3(a.x, a.y, a.z), Double3(b.x, b.y, b.z))
        let vector = v * a.w + u * b.w + cross(u, v)
        return Double4(vector.x, vector.y, vector.z, a.w * b.w - dot(u, v))
    }
}
