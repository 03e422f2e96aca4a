// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore
import StreamService
import Testing

@Suite struct PictureCameraTests {
    private let bounds = Bounds(minimum: Double3(-1, 2, 3), maximum: Double3(5, 4, 9))

    /// Where a place is in the picture: x and y are -1 … 1 inside.
    private func project(_ place: Double3, _ view: ViewState) -> (x: Double, y: Double, depth: Double) {
        let axes = view.axes
        let offset = place - view.eye
        let depth = -dot(offset, axes.z)
        let half: Double
        switch view.projection {
        case .perspective(let tangent): half = tangent * depth
        case .orthographic(let halfHeight): half = halfHeight
        }
        return (dot(offset, axes.x) / (half * view.aspectRatio), dot(offset, axes.y) / half, depth)
    }

    @Test(arguments: PictureCamera.Side.allCases, [(1280, 720), (300, 900)])
    func `all of the model is in the picture, and fills it`(side: PictureCamera.Side, size: (Int, Int)) throws {
        let view = try PictureCamera(side.rawValue).view(of: bounds, width: size.0, height: size.1)
        #expect(view.isValid)
        let corners = (0..<8).map { project(bounds.corner($0), view) }
        let reach = corners.map { max(abs($0.x), abs($0.y)) }.max()!
        #expect(corners.allSatisfy { $0.depth > 0 })
        #expect(reach < 1 && reach > 0.75)
    }

    @Test func `sides are seen from where their names say`() throws {
        let directions: [PictureCamera.Side: Double3] = [
            .front: Double3(0, 0, 1), .back: Double3(0, 0, -1), .left: Double3(-1, 0, 0), .right: Double3(1, 0, 0),
            .top: Double3(0, 1, 0), .bottom: Double3(0, -1, 0),
        ]
        for (side, direction) in directions {
            let view = PictureCamera.side(side).view(of: bounds, width: 100, height: 100)
            #expect(length(normalized(view.eye - bounds.center) - direction) < 1e-9, "\(side)")
        }
    }

    @Test(arguments: ["p", "o"]) func `the viewer's text puts the focus into the middle`(projection: String) throws {
        let view = try PictureCamera("\(projection),1.25,-3,40,30,20,12.5").view(of: bounds, width: 640, height: 480)
        let place = project(Double3(1.25, -3, 40), view)
        #expect(abs(place.x) < 1e-12 && abs(place.y) < 1e-12)
        // Up is up, and the eye is above the focus.
        #expect(project(Double3(1.25, -2, 40), view).y > 0 && view.eye.y > -3)
        if projection == "p" { #expect(abs(place.depth - 12.5) < 1e-9) }
    }

    @Test(arguments: [
        "", "home ", "q,1,2,3,4,5,6", "p,1,2,3,4,5", "p,1,2,3,4,5,0", "p,1,2,3,400,5,6", "p,1,2,3,4,91,6",
        "p,nan,2,3,4,5,6", "p,1e300,2,3,4,5,6", "p,1,2,3,4,5,6,7", "p,,2,3,4,5,6",
    ])
    func `anything else is refused with what can be written`(text: String) {
        #expect {
            try PictureCamera(text)
        } throws: {
            ($0 as? ServiceError)?.code == .badRequest && "\($0)".contains("home")
        }
    }
}
