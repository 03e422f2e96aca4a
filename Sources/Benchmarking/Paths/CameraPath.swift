// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import StreamCore

/// A camera's movement as data: poses over time around a box, which is fitted to any model.
///
/// The file is JSON: `name`, `bounds` {`minimum`, `maximum`} (the box that poses are given for), and `poses`, each with
/// `time` (seconds, rising from 0), `focus` [x, y, z], `azimuth` and `elevation` (degrees; azimuth 0 looks from +z, 90 from
/// +x), `distance` from the focus, and `jump` where the camera is there at once instead of moving there. Between poses
/// angles and focus go straight, distances by equal factors.
package struct CameraPath: Codable, Equatable, Sendable {
    package struct Pose: Codable, Equatable, Sendable {
        /// Seconds.
        package var time: Double
        package var focus: [Double]
        /// Degrees.
        package var azimuth: Double
        package var elevation: Double
        package var distance: Double
        package var jump: Bool?
    }

    package struct Box: Codable, Equatable, Sendable {
        package var minimum: [Double]
        package var maximum: [Double]
    }

    package var name: String
    package var about: String?
    package var bounds: Box
    package var poses: [Pose]

    /// - Throws: `BenchmarkError`, naming what is wrong and where.
    package init(decoding data: Data, source: String) throws(BenchmarkError) {
        do {
            self = try JSONDecoder().decode(CameraPath.self, from: data)
        } catch {
            throw BenchmarkError("\(source) is no camera path: \(CameraPath.reason(error))")
        }
        if let fault { throw BenchmarkError("\(source) is no camera path: \(fault)") }
    }

    package init(name: String, bounds: Box, poses: [Pose]) {
        (self.name, self.bounds, self.poses) = (name, bounds, poses)
    }

    /// Seconds from the first pose to the last.
    package var seconds: Double { poses.last?.time ?? 0 }

    /// Times at which the camera jumps.
    package var jumps: [Double] { poses.filter { $0.jump == true }.map(\.time) }

    private var fault: String? {
        guard (1...100_000).contains(poses.count) else { return "it needs 1 to 100000 poses, and has \(poses.count)" }
        let corners = bounds.minimum + bounds.maximum
        guard bounds.minimum.count == 3, bounds.maximum.count == 3, corners.allSatisfy({ abs($0) < 1e12 }),
            box.diagonal > 0, zip(bounds.minimum, bounds.maximum).allSatisfy({ $0 <= $1 })
        else { return "bounds: minimum and maximum are three numbers each, and not the same place" }
        var last = -Double.infinity
        for (number, pose) in poses.enumerated() {
            if let fault = pose.fault { return "pose \(number + 1): \(fault)" }
            if number == 0, pose.time != 0 { return "pose 1: time must be 0" }
            if pose.time <= last { return "pose \(number + 1): time must be later than \(last)" }
            last = pose.time
        }
        return last > 3600 ? "it lasts longer than an hour" : nil
    }

    private var box: Bounds {
        Bounds(minimum: CameraPath.point(bounds.minimum), maximum: CameraPath.point(bounds.maximum))
    }

    fileprivate static func point(_ numbers: [Double]) -> Double3 { Double3(numbers[0], numbers[1], numbers[2]) }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: " ")
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(key.stringValue) is missing \(place(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(place(context)) has the wrong type"
        case .dataCorrupted: "not JSON"
        @unknown default: "\(error)"
        }
    }

    /// Where the camera of a model is after some time; the last pose stays.
    ///
    /// - Parameter model: the box to fit the path to: its centre and diagonal take the place of the path's own.
    package func pose(at time: Double, fittedTo model: Bounds) -> OrbitPose {
        let pose = pose(at: time)
        let scale = model.isEmpty ? 1 : model.diagonal / box.diagonal
        let center = model.isEmpty ? box.center : model.center
        return OrbitPose(
            focus: center + (CameraPath.point(pose.focus) - box.center) * scale,
            azimuth: pose.azimuth * .pi / 180, elevation: pose.elevation * .pi / 180,
            distance: max(pose.distance * scale, 1e-9))
    }

    private func pose(at time: Double) -> Pose {
        guard let next = poses.firstIndex(where: { $0.time > time }) else { return poses[poses.count - 1] }
        if next == 0 { return poses[0] }
        let (a, b) = (poses[next - 1], poses[next])
        if b.jump == true { return a }
        let share = (time - a.time) / (b.time - a.time)
        func between(_ x: Double, _ y: Double) -> Double { x + (y - x) * share }
        var result = a
        result.time = time
        result.focus = (0..<3).map { between(a.focus[$0], b.focus[$0]) }
        result.azimuth = between(a.azimuth, b.azimuth)
        result.elevation = between(a.elevation, b.elevation)
        result.distance = a.distance * pow(b.distance / a.distance, share)
        return result
    }
}

extension CameraPath.Pose {
    fileprivate var fault: String? {
        guard time >= 0, time.isFinite else { return "time is not a number of seconds" }
        guard focus.count == 3, focus.allSatisfy({ abs($0) < 1e12 }) else { return "focus needs three numbers" }
        guard abs(azimuth) < 1e6 else { return "azimuth is not an angle in degrees" }
        guard abs(elevation) <= 90 else { return "elevation goes from -90 to 90 degrees" }
        return distance > 0 && distance < 1e12 ? nil : "distance must be above 0"
    }
}

/// A turntable camera, metres and radians: what the viewer's address and the server's pictures take.
package struct OrbitPose: Equatable, Sendable {
    package var focus: Double3
    package var azimuth: Double
    package var elevation: Double
    package var distance: Double

    package init(focus: Double3, azimuth: Double, elevation: Double, distance: Double) {
        (self.focus, self.azimuth, self.elevation, self.distance) = (focus, azimuth, elevation, distance)
    }

    /// Of a view without roll, seen around a point `distance` in front of it.
    package init(_ view: ViewState, distance: Double) {
        let back = view.axes.z
        elevation = asin(min(max(back.y, -1), 1))
        let isSteep = abs(back.y) > 0.999_999
        azimuth = isSteep ? atan2(-view.axes.x.z, view.axes.x.x) : atan2(back.x, back.z)
        focus = view.eye - back * distance
        self.distance = distance
    }

    package func view(width: Double, height: Double) -> ViewState {
        let right = Double3(cos(azimuth), 0, -sin(azimuth))
        let back = Double3(sin(azimuth) * cos(elevation), sin(elevation), cos(azimuth) * cos(elevation))
        return ViewState(
            eye: focus + back * distance,
            orientation: ViewState.quaternion(right: right, up: cross(back, right), back: back),
            projection: .perspective(tangent: ViewState.defaultTangent), width: width, height: height)
    }

    /// What follows `#view=` in the viewer's address, and `camera=` in the address of a picture.
    package var code: String {
        let turns = (azimuth * 180 / .pi).remainder(dividingBy: 360)
        let numbers = [focus.x, focus.y, focus.z, turns, elevation * 180 / .pi, distance]
        return "p," + numbers.map { String(format: "%.9g", $0) }.joined(separator: ",")
    }
}
