// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Benchmarking
import Foundation
import ModelStorage
import StreamService

/// What all live benchmarks take.
struct BenchOptions: ParsableArguments {
    @Argument(help: "Archives or model files: a server is started for them.", completion: .file())
    var files: [String] = []

    @Option(help: "Measure the server at this address instead, as http://127.0.0.1:8090.")
    var url: String?

    @Option(help: "With --url: the model's id. (default: the first one listed)")
    var model: String?

    @Option(
        help: "With --url: the model's archive, to know how right pictures are.",
        completion: .file(extensions: ["vantage"]))
    var archive: String?

    @Option(help: "Camera path: orbit, dive-in, walk-through, teleport, jitter, all, or a file; may be repeated.")
    var path: [String] = []

    @Option(
        help: """
            Link to make on loopback: none, lan, cable, 4g, 3g, satellite, or rate=20,rtt=40 (also up, jitter, buffer, loss, drop=MBIT@SECONDS), or both as 4g,loss=1; may be repeated.
            """)
    var link: [String] = []

    @Option(help: "Seconds of movement. (default: the path's own)")
    var seconds: Double?

    @Option(help: "How often each case is measured.")
    var repeats = 3

    @Option(help: "Picture size, as 1280x720.")
    var size = "1280x720"

    @Option(help: "Write the report as JSON.", completion: .file(extensions: ["json"]))
    var json: String?

    @Option(help: "Write the report as one page for browsers.", completion: .file(extensions: ["html"]))
    var html: String?

    @Option(help: "Fail if a figure breaks a threshold of this file.", completion: .file(extensions: ["json"]))
    var check: String?

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    func validate() throws {
        guard url != nil || !files.isEmpty else {
            throw ValidationError("name archives or model files, or a server with --url")
        }
        if url != nil, !files.isEmpty {
            throw ValidationError("either files, for which a server is started, or --url; --archive goes with --url")
        }
        guard (1...100).contains(repeats) else { throw ValidationError("--repeats goes from 1 to 100") }
        if let seconds, !(0.5...3600).contains(seconds) { throw ValidationError("--seconds goes from 0.5 to 3600") }
        _ = try pictureSize()
        do {
            _ = try links()
            _ = try paths()
            if let url { _ = try ServerURL(url) }
        } catch let error as BenchmarkError {
            throw ValidationError(error.description)
        }
    }

    func pictureSize() throws -> (width: Int, height: Int) {
        let sides = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sides.count == 2, sides.allSatisfy({ (16...8192).contains($0) }) else {
            throw ValidationError("--size needs WIDTHxHEIGHT in pixels, as 1280x720")
        }
        return (sides[0], sides[1])
    }

    func links(default standard: [String] = ["none"]) throws -> [LinkProfile?] {
        try (link.isEmpty ? standard : link).map { try LinkProfile.parse($0) }
    }

    func paths(default standard: [String] = ["orbit"]) throws -> [CameraPath] {
        let names = (path.isEmpty ? standard : path).flatMap {
            $0 == "all" ? StandardPath.allCases.map(\.rawValue) : [$0]
        }
        return try names.map { name in
            if let standard = StandardPath(rawValue: name) { return try standard.load() }
            guard let data = FileManager.default.contents(atPath: name) else {
                let known = StandardPath.allCases.map(\.rawValue).joined(separator: ", ")
                throw BenchmarkError("no path is called \"\(name)\", and it is no file: there are \(known)")
            }
            return try CameraPath(decoding: data, source: name)
        }
    }
}
