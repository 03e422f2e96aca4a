// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// One message of each type: the values of Tests/Fixtures/wire/NAME.json.
enum Samples {
    static let server: [(name: String, message: ServerMessage)] = [
        ("welcome", .welcome(.init(json: Array(#"{"protocol":[1,0],"session":"s1","resumed":false}"#.utf8)))),
        (
            "geometry",
            .geometry(
                .init(
                    geometry: 7, gridStep: 0x1p-10, layout: 11, coordinateStep: 0x1p-12, isProxy: true,
                    boxOrigin: Int3(-5, 0, 268_435_455), boxExtent: Int3(100, 200, 300), materials: [3, 0, .max]))
        ),
        (
            "material",
            .material(
                .init(material: 3, json: Array(#"{"material":{"name":"painted"},"textures":[]}"#.utf8)))
        ),
        ("chunk", .chunk(.init(sequence: 1, chunk: 65536, kind: 2, payload: [0, 255, 16]))),
        ("recall", .recall(.init(sequence: .max, chunk: 12))),
        ("settled", .settled(.init(view: 9, thresholdPixels: 1.5))),
        ("pong", .pong(.init(time: 1234.0625))),
        (
            "notice",
            .notice(
                .init(
                    json: Array(
                        #"{"code":"draining","message":"The server stops in 10 s.","retryAfterSeconds":30}"#.utf8)))
        ),
        (
            "frame",
            .frame(
                .init(
                    frame: 3, kind: .still, codec: .jpeg, isWhole: true, byteCount: 70000, view: 12,
                    eye: Double3(10_000_000.125, -2.5, 0.0625), orientation: Float4(0, 0.5, 0, 0.75),
                    projection: .perspective, scale: 0.3125, width: 1280, height: 720, left: 16, top: 32,
                    imageWidth: 640, imageHeight: 480, quality: 88, renderMicroseconds: 3000,
                    encodeMicroseconds: 2500, waitMicroseconds: 800, triangleCount: 1_234_567, thresholdPixels: 1.5,
                    depthColumns: 3, depthRows: 2, depthNear: 0.5, depthFar: 8,
                    depthCodes: [0, 0, 1, 0, 1, 2, 0, 0]))
        ),
        ("framePart", .framePart(.init(frame: 3, offset: 65536, payload: [0xff, 0xd8, 0xff, 0]))),
        ("frameCancelled", .frameCancelled(.init(frame: 4_000_000_000))),
        (
            "identityMap",
            .identityMap(
                .init(
                    frame: 3, width: 300, height: 2, treeNodes: [5, 4_000_000_000],
                    runs: [0, 0xab, 2, 1, 0xac, 2, 2, 1]))
        ),
        (
            "picked",
            .picked(
                .init(
                    request: 9, isHit: true, position: Double3(1.5, -2.25, 10_000_000.125),
                    normal: Float3(0, 0.5, -0.75), distance: 12.5, treeNode: 7,
                    json: Array(#"{"name":"bolt","path":["engine","bolt"]}"#.utf8)))
        ),
        (
            "path",
            .path(
                .init(
                    number: 2, path: .server, isEmergency: true, readyErrorPixels: 2.5,
                    json: Array(
                        (#"{"code":"contextLost","reason":"The browser's graphics failed.","wish":"auto","#
                            + #""allowed":["client","server"]}"#).utf8)))
        ),
    ]

    static let client: [(name: String, message: ClientMessage)] = [
        ("hello", .hello(.init(json: Array(#"{"client":"Vantage viewer","cores":4}"#.utf8)))),
        (
            "view",
            .view(
                .init(
                    sequence: 2, eye: Double3(10_000_000.125, -2.5, 0.0625), orientation: Float4(0, 0.5, 0, 0.75),
                    projection: .orthographic, scale: 12.5, width: 1280, height: 65535, thresholdPixels: 0.75,
                    velocity: Float3(1, -2, 0.5), angularVelocity: Float3(0, 0.25, 0), focus: Float2(-1, 0.5),
                    isMoving: true))
        ),
        (
            "acknowledge",
            .acknowledge(
                .init(
                    sequence: 77, holdMicroseconds: 1500, backlogByteCount: 4096, decodeBytesPerSecond: 3_800_000))
        ),
        ("evicted", .evicted(.init(chunks: [1, 2, 4_000_000_000]))),
        ("holdings", .holdings(.init(kind: .stored, ranges: [0, 10, 20, 1]))),
        (
            "budget",
            .budget(
                .init(
                    gpuByteLimit: 6_442_450_944, gpuByteCount: 123_456_789_012, triangleLimit: 5_000_000,
                    triangleCount: 4_999_999))
        ),
        ("hint", .hint(.init(weight: 2.5, treeNodes: []))),
        ("ping", .ping(.init(time: 1234.0625))),
        ("lost", .lost(.init(chunks: [5]))),
        ("frameReceived", .frameReceived(.init(frame: 3, gapMicroseconds: 21500))),
        (
            "frameShown",
            .frameShown(.init(frame: 3, isSkipped: true, decodeMicroseconds: 9800, latencyMicroseconds: 84000))
        ),
        ("pick", .pick(.init(request: 9, frame: 3, place: Float2(-0.5, 0.25)))),
        ("visibility", .visibility(.init(isVisible: false))),
        ("facts", .facts(.init(json: Array(#"{"framesPerSecond":24.5,"isInteracting":true}"#.utf8)))),
        ("pathWish", .pathWish(.init(choice: .hybrid))),
        (
            "pathShown",
            .pathShown(.init(number: 2, isShown: false, json: Array(#"{"reason":"There is no WebGL 2."}"#.utf8)))
        ),
    ]
}
