// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import JSONCoding
import PathNegotiation

extension DeviceFacts {
    /// Takes over what a Hello says; what it leaves out, or says as something else, stays.
    mutating func read(_ hello: JSONValue) {
        if let webgl = hello["webgl"] {
            // What the page's program cannot draw, no device makes it draw.
            if hasWebGL2 != false { hasWebGL2 = webgl["version"]?.number.map { $0 >= 2 } ?? false }
            isSoftwareRenderer = webgl["isSoftware"]?.flag ?? isSoftwareRenderer
            renderer = webgl["renderer"]?.text.map { String($0.prefix(200)) } ?? renderer
            maximumTextureSize = webgl["maximumTextureSize"]?.number ?? maximumTextureSize
        }
        if hasWebAssembly != false { hasWebAssembly = hello["hasWebAssembly"]?.flag ?? true }
        let speed = hello["speed"]
        trianglesPerSecond = speed?["trianglesPerSecond"]?.number ?? trianglesPerSecond
        pixelsPerSecond = speed?["pixelsPerSecond"]?.number ?? pixelsPerSecond
        imagePixelsPerSecond = speed?["imagePixelsPerSecond"]?.number ?? imagePixelsPerSecond
        dracoBytesPerSecond = speed?["dracoBytesPerSecond"]?.number ?? dracoBytesPerSecond
        memoryGiB = hello["memoryGiB"]?.number ?? memoryGiB
        cores = hello["cores"]?.number ?? cores
        isMobile = hello["isMobile"]?.flag ?? isMobile
        savesData = hello["savesData"]?.flag ?? savesData
        gpuByteLimit = hello["limits"]?["gpuByteCount"]?.number ?? gpuByteLimit
        triangleLimit = hello["limits"]?["triangleCount"]?.number ?? triangleLimit
    }
}

extension ClientMeasures {
    /// What Facts say; keys that are missing or something else say nothing.
    init(_ facts: JSONValue) {
        self.init()
        framesPerSecond = facts["framesPerSecond"]?.number
        longestTaskMilliseconds = facts["longestTaskMilliseconds"]?.number
        decodeBacklogByteCount = facts["decodeBacklogByteCount"]?.number
        hasMemoryPressure = facts["hasMemoryPressure"]?.flag ?? false
        errorPixels = facts["errorPixels"]?.number
        isContextLost = facts["isContextLost"]?.flag ?? false
        latencyMilliseconds = facts["latencyMilliseconds"]?.number
        isInteracting = facts["isInteracting"]?.flag ?? false
    }
}

extension ModelFacts {
    init(_ coarsest: CutEstimate, _ cut: CutEstimate, triangleCount: Int) {
        self.init(
            firstByteCount: Double(coarsest.byteCount), cutByteCount: Double(cut.byteCount),
            cutTriangleCount: Double(cut.triangleCount), cutGPUByteCount: Double(cut.gpuByteCount),
            coarsestGPUByteCount: Double(coarsest.gpuByteCount),
            coarsestTriangleCount: Double(coarsest.triangleCount), triangleCount: Double(triangleCount))
    }
}
