// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Measures the real viewer in Chromium: `tools/bench-browser` drives it, behind the same links.
package struct BrowserBench {
    private let plan: BenchPlan
    private let path: RequestedPath
    /// The folder with `tools` in it.
    private let root: URL
    private static let poseRate = 60.0

    private struct Answer: Decodable {
        var error: String?
        var framesPerSecond: Double?
        var frameGap: Double?
        var frameGap95: Double?
        var longTasks: Double?
        var longestTask: Double?
        var firstPictureBytes: Double?
        var firstPictureMilliseconds: Double?
        var receivedBytes: Double?
        var pageFiles: Double?
        var pageBytes: Double?
        var shownAt: Double?
        var pageBytesAgain: Double?
        var shownAtAgain: Double?
        var frames: [Double]?
    }

    /// - Throws: `BenchmarkError` with the command that installs what is missing.
    package init(_ plan: BenchPlan, path: RequestedPath, program: URL) throws(BenchmarkError) {
        (self.plan, self.path) = (plan, path)
        root = try BrowserBench.root(program)
    }

    /// The source tree around the program, or around the current folder.
    private static func root(_ program: URL) throws(BenchmarkError) -> URL {
        var folders: [URL] = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        var folder = program.deletingLastPathComponent()
        for _ in 0..<6 {
            folders.append(folder)
            folder = folder.deletingLastPathComponent()
        }
        let tool = { (folder: URL) in folder.appendingPathComponent("tools/bench-browser").path }
        guard let root = folders.first(where: { FileManager.default.isExecutableFile(atPath: tool($0)) }) else {
            throw BenchmarkError("--browser needs tools/bench-browser: run it in Vantage's source folder")
        }
        guard FileManager.default.isExecutableFile(atPath: root.appendingPathComponent(".work/python/bin/python3").path)
        else { throw BenchmarkError("--browser needs a browser and its driver: run tools/setup --tests") }
        return root
    }

    /// Never throws for what happens in between: the run then says why it is not complete.
    package func run(_ progress: BenchProgress) -> Run {
        var run = Run()
        do throws(BenchmarkError) {
            progress("browser", 0)
            var server = plan.server
            let relay: LinkRelay?
            if let link = plan.link {
                let made = try LinkRelay(link, to: plan.server)
                server = ServerURL(port: made.port, token: plan.server.token)
                relay = made
            } else {
                relay = nil
            }
            defer { relay?.stop() }
            report(try drive(server), &run)
        } catch {
            run.failure = error.description
        }
        return run
    }

    private func drive(_ server: ServerURL) throws(BenchmarkError) -> Answer {
        let bounds = try ServedModels(of: plan.server).bounds(of: plan.model)
        let driver = PathDriver(path: plan.path, bounds: bounds)
        let poses = stride(from: 0, through: plan.seconds, by: 1 / BrowserBench.poseRate).map { time -> [Any] in
            let pose = driver.pose(at: time)
            return [time, [pose.focus.x, pose.focus.y, pose.focus.z], pose.azimuth, pose.elevation, pose.distance]
        }
        let job: [String: Any] = [
            "url": server.text, "model": plan.model, "path": path.rawValue, "width": plan.width, "height": plan.height,
            "seconds": plan.seconds, "poses": poses,
        ]
        let process = Process()
        process.executableURL = root.appendingPathComponent(".work/python/bin/python3")
        process.arguments = [root.appendingPathComponent("tools/bench-browser").path]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        do {
            let text = try JSONSerialization.data(withJSONObject: job)
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: text)
            try input.fileHandleForWriting.close()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return try JSONDecoder().decode(Answer.self, from: data)
        } catch {
            throw BenchmarkError("the browser could not be driven: \(error)")
        }
    }

    private func report(_ answer: Answer, _ run: inout Run) {
        run.failure = answer.error
        run.add("framesPerSecond", "frames drawn", "per s", answer.framesPerSecond, better: .higher)
        run.add("frameGap", "from frame to frame", "ms", answer.frameGap)
        run.add("frameGap95", "from frame to frame, p95", "ms", answer.frameGap95)
        run.add("longTasks", "tasks above 50 ms", "", answer.longTasks)
        run.add("longestTask", "longest of them", "ms", answer.longestTask)
        run.add("firstPictureBytes", "first picture", "KB", answer.firstPictureBytes.map { $0 / 1000 })
        run.add("firstPictureTime", "first picture after", "ms", answer.firstPictureMilliseconds)
        run.add("shownAt", "· from navigation on", "ms", answer.shownAt)
        run.add("shownAtAgain", "· on a second visit", "ms", answer.shownAtAgain)
        run.add("pageFiles", "page: files", "", answer.pageFiles, better: .lower)
        run.add("pageBytes", "page: received", "KB", answer.pageBytes.map { $0 / 1000 })
        run.add("pageBytesAgain", "· on a second visit", "KB", answer.pageBytesAgain.map { $0 / 1000 })
        run.add("bytes", "received in all", "KB", answer.receivedBytes.map { $0 / 1000 })
        let frames = answer.frames ?? []
        let gaps = zip(frames, frames.dropFirst()).map { [$1 / 1000, $1 - $0] }
        run.series.append(
            Report.Series(
                chart: "From frame to frame", title: "gap", x: "s", y: "ms", points: ChartPoints.thinned(gaps, to: 300))
        )
    }
}
