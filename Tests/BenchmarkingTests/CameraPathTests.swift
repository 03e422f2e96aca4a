// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamCore
import Testing

@testable import Benchmarking

@Suite struct CameraPathTests {
    static let unit = CameraPath.Box(minimum: [-1, -1, -1], maximum: [1, 1, 1])

    func pose(_ time: Double, azimuth: Double = 0, distance: Double = 1, jump: Bool? = nil) -> CameraPath.Pose {
        CameraPath.Pose(time: time, focus: [0, 0, 0], azimuth: azimuth, elevation: 0, distance: distance, jump: jump)
    }

    @Test(arguments: StandardPath.allCases) func `standard paths load and stay near the model`(path: StandardPath)
        throws
    {
        let loaded = try path.load()
        #expect(loaded.name == path.rawValue)
        let box = Bounds(minimum: Double3(10, 20, 30), maximum: Double3(14, 24, 34))
        for step in 0...20 {
            let pose = loaded.pose(at: loaded.seconds * Double(step) / 20, fittedTo: box)
            let view = pose.view(width: 1280, height: 720)
            #expect(view.isValid)
            #expect(length(view.eye - box.center) < 3 * box.diagonal)
        }
    }

    @Test func `a path is scaled by the diagonal and moved to the centre`() {
        let path = CameraPath(name: "p", bounds: Self.unit, poses: [pose(0, distance: 3)])
        let box = Bounds(minimum: Double3(0, 0, 0), maximum: Double3(20, 20, 20))
        let fitted = path.pose(at: 0, fittedTo: box)
        #expect(fitted.focus == Double3(10, 10, 10))
        #expect(abs(fitted.distance - 30) < 1e-9)
    }

    @Test func `between poses angles go straight and distances by equal factors`() {
        let path = CameraPath(
            name: "p", bounds: Self.unit, poses: [pose(0, azimuth: 0, distance: 1), pose(2, azimuth: 90, distance: 4)])
        let middle = path.pose(at: 1, fittedTo: Bounds(minimum: Double3(-1, -1, -1), maximum: Double3(1, 1, 1)))
        #expect(abs(middle.azimuth - .pi / 4) < 1e-12)
        #expect(abs(middle.distance - 2) < 1e-12)
    }

    @Test func `before a jump the camera stays`() {
        let path = CameraPath(
            name: "p", bounds: Self.unit, poses: [pose(0), pose(1, azimuth: 180, jump: true), pose(2, azimuth: 180)])
        let box = Bounds(minimum: Double3(-1, -1, -1), maximum: Double3(1, 1, 1))
        #expect(path.pose(at: 0.99, fittedTo: box).azimuth == 0)
        #expect(path.pose(at: 1, fittedTo: box).azimuth == .pi)
        #expect(path.jumps == [1])
    }

    @Test func `a pose is found again in its view`() {
        let pose = OrbitPose(focus: Double3(1, 2, 3), azimuth: 2.1, elevation: -0.7, distance: 5)
        let again = OrbitPose(pose.view(width: 640, height: 480), distance: 5)
        #expect(abs(again.azimuth - pose.azimuth) < 1e-9)
        #expect(abs(again.elevation - pose.elevation) < 1e-9)
        #expect(length(again.focus - pose.focus) < 1e-9)
    }

    @Test(arguments: [
        ("[]", "not"), ("nonsense", "not JSON"),
        (#"{"name":"p","bounds":{"minimum":[0,0,0],"maximum":[1,1,1]},"poses":[]}"#, "it needs 1 to 100000 poses"),
        (#"{"name":"p","poses":[]}"#, "bounds is missing"),
        (
            #"{"name":"p","bounds":{"minimum":[0,0,0],"maximum":[1,1,1]},"poses":[{"time":0,"focus":[0,0],"azimuth":0,"elevation":0,"distance":1}]}"#,
            "pose 1: focus needs three numbers"
        ),
        (
            #"{"name":"p","bounds":{"minimum":[0,0,0],"maximum":[0,0,0]},"poses":[{"time":0,"focus":[0,0,0],"azimuth":0,"elevation":0,"distance":1}]}"#,
            "bounds"
        ),
        (
            #"{"name":"p","bounds":{"minimum":[0,0,0],"maximum":[1,1,1]},"poses":[{"time":0,"focus":[0,0,0],"azimuth":0,"elevation":91,"distance":1}]}"#,
            "elevation"
        ),
    ])
    func `what is wrong with a file is said`(text: String, part: String) {
        let error = #expect(throws: BenchmarkError.self) {
            try CameraPath(decoding: Data(text.utf8), source: "x.json")
        }
        #expect(error?.description.hasPrefix("x.json is no camera path: ") == true)
        #expect(part == "not" || error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
}
