// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ImageCoding
import SampleModels

/// `vantage sample`: writes our own models.
struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Write one of our own models to try things on.",
        discussion: """
              assembly   a gearbox drive: thousands of parts, most of them instances (GLB)
              scan       a detailed, noisy, closed surface of any size (binary PLY)
              textured   a lidded vase with physically based textures (GLB)
            """)

    @Argument(help: "assembly, scan or textured.")
    var kind: SampleModel

    @Option(name: .shortAndLong, help: "Where to write. (default: KIND.glb or KIND.ply here)", completion: .file())
    var output: String?

    @Option(help: "About how many triangles a scan has.")
    var triangles: Int?

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    func validate() throws {
        if let triangles {
            if kind != .scan { throw ValidationError("--triangles is for scans; the other models have one size") }
            if !(1000...200_000_000).contains(triangles) {
                throw ValidationError("--triangles must be 1000 to 200000000")
            }
        }
    }

    func run() throws {
        Interruption.watch()
        let path = output ?? "\(kind.rawValue).\(kind.fileExtension)"
        let display = ProgressDisplay(isQuiet: quiet)
        display.update("writing", 0)
        try kind.write(
            to: path, triangles: triangles,
            encode: { picture in
                let image = Image(
                    width: picture.width, height: picture.height, channelCount: 3,
                    pixels: picture.pixels)
                // Our own picture in memory: encoding it cannot fail for a reason a user could mend.
                return (try? ImageEncoding.png(image, compressionLevel: 6)) ?? []
            }, progress: { display.update("writing", $0) })
        display.finish()
        if !quiet { print(path) }
    }
}

extension SampleModel: ExpressibleByArgument {}
