// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StreamService

@main struct Vantage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vantage",
        abstract: "Streams 3D models to any screen.",
        discussion: """
            A model file is imported once into an archive, a hierarchy of small chunks from coarse to fine.

              vantage serve engine.glb                  imports and streams it to browsers
              vantage import engine.glb                 writes engine.vantage
              vantage inspect engine.vantage            shows what is in it
              vantage verify engine.vantage --cuts 50   proves it whole and without cracks
              vantage preview engine.vantage -o p.png   draws it, without a GPU
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, ImportCommand.self, InspectCommand.self, VerifyCommand.self, PreviewCommand.self,
            RenderCommand.self, SampleCommand.self, BenchCommand.self, ImportWorkerCommand.self,
        ])
}
