// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What a viewer's device says about itself. Nothing of it is trusted: `checked` drops what cannot be.
package struct DeviceFacts: Equatable, Sendable {
    package var hasWebGL2: Bool?
    package var hasWebAssembly: Bool?
    /// The graphics driver draws with the processor.
    package var isSoftwareRenderer: Bool?
    /// The driver's name for itself; may be empty.
    package var renderer = ""
    /// From the short benchmark.
    package var trianglesPerSecond: Double?
    package var pixelsPerSecond: Double?
    /// Pixels along a side.
    package var maximumTextureSize: Double?
    package var memoryGiB: Double?
    /// What the viewer grants itself for geometry and textures.
    package var gpuByteLimit: Double?
    /// What the viewer is willing to draw in a frame.
    package var triangleLimit: Double?
    package var cores: Double?
    package var isMobile = false
    /// The person asked the browser to load little.
    package var savesData = false
    /// Physical pixels of the view.
    package var pictureWidth: Double?
    package var pictureHeight: Double?
    /// How fast it decodes pictures.
    package var imagePixelsPerSecond: Double?
    /// How fast it decodes chunks: bytes as sent.
    package var dracoBytesPerSecond: Double?
    /// It decodes the pictures that the server sends.
    package var canShowFrames = true
    /// How often the graphics driver was lost so far.
    package var contextLossCount = 0

    package init() {}
}

extension DeviceFacts {
    /// The facts without the claims that no device fulfils, and the names of those. Says whether the renderer is
    /// software.
    package var checked: (facts: DeviceFacts, ignored: [String]) {
        var facts = self
        var ignored: [String] = []
        func check(_ key: WritableKeyPath<DeviceFacts, Double?>, _ name: String, _ range: ClosedRange<Double>) {
            guard let value = facts[keyPath: key], !range.contains(value) else { return }
            ignored.append("\(name) \(value)")
            facts[keyPath: key] = nil
        }
        check(\.trianglesPerSecond, "trianglesPerSecond", 1e3...1e12)
        check(\.pixelsPerSecond, "pixelsPerSecond", 1e4...1e14)
        check(\.maximumTextureSize, "maximumTextureSize", 1...1_048_576)
        check(\.memoryGiB, "memoryGiB", 0.01...65_536)
        check(\.gpuByteLimit, "gpuByteLimit", 1...1e13)
        check(\.triangleLimit, "triangleLimit", 1...1e12)
        check(\.cores, "cores", 1...65_536)
        check(\.pictureWidth, "pictureWidth", 1...65_535)
        check(\.pictureHeight, "pictureHeight", 1...65_535)
        check(\.imagePixelsPerSecond, "imagePixelsPerSecond", 1e3...1e12)
        check(\.dracoBytesPerSecond, "dracoBytesPerSecond", 1e2...1e11)
        if !(0...1_000_000).contains(contextLossCount) {
            ignored.append("contextLossCount \(contextLossCount)")
            facts.contextLossCount = 0
        }
        // The name is searched once.
        facts.isSoftwareRenderer = drawsWithProcessor
        return (facts, ignored)
    }

    /// It says that it draws with the processor, or its name does.
    package var drawsWithProcessor: Bool {
        if let isSoftwareRenderer { return isSoftwareRenderer }
        let name = renderer.lowercased()
        return DeviceFacts.softwareNames.contains { name.contains($0) }
    }

    private static let softwareNames = ["swiftshader", "llvmpipe", "softpipe", "software", "basic render", "svga3d"]

    /// Enough to decide for good.
    var isComplete: Bool {
        trianglesPerSecond != nil || hasWebGL2 == false || hasWebAssembly == false || drawsWithProcessor
    }

    var pixelCount: Double { (pictureWidth ?? 1280) * (pictureHeight ?? 720) }
}
