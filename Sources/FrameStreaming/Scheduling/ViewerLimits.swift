// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What one viewer wants of its frames, and what it may get.
package struct ViewerLimits: Equatable, Sendable {
    /// Frames per second while it moves, at most (12 … 120), and what the rate never falls below for a slow link.
    package var framesPerSecond = 30.0
    package var lowestFramesPerSecond = 12.0
    /// There is a pause after a frame that was ready early. Otherwise the rate is only what quality and triangles are
    /// fitted to, and one frame follows the other as fast as device and link allow.
    package var holdsRate = true
    /// Share of the device, relative to other viewers (0.01 … 100).
    package var weight = 1.0
    /// Pictures have about so many pixels at most.
    package var pixelLimit = 3840 * 2160
    /// Frames come with a depth grid, by which the viewer bends them to its newest camera.
    package var wantsDepthGrid = true
    /// The first still of a view comes with the tree node of each pixel.
    package var wantsIdentities = true
    /// Stills end lossless.
    package var wantsLossless = true

    package init() {}

    /// With every number inside its range.
    var checked: ViewerLimits {
        var result = self
        func within(_ value: Double, _ low: Double, _ high: Double) -> Double {
            value.isFinite ? min(max(value, low), high) : low
        }
        result.framesPerSecond = within(framesPerSecond, 12, 120)
        result.lowestFramesPerSecond = within(lowestFramesPerSecond, 12, result.framesPerSecond)
        result.weight = within(weight, 0.01, 100)
        return result
    }
}

/// What a device can take.
package struct SchedulerOptions: Equatable, Sendable {
    /// Frames that may be with the device at once: 1 on CPU devices, 2 on GPUs.
    package var submissionLimit = 2
    /// Samples per pixel of moving frames and of stills, 1 or 4.
    package var movingSampleCount = 4
    package var stillSampleCount = 4
    /// Jittered passes of a refined still (1: none), and device time that they may take together.
    package var accumulationLimit = 16
    package var accumulationSeconds = 0.15
    /// Device time that passes which are ordered together may take: so long somebody who moves may have to wait. One
    /// pass is the least.
    package var accumulationPartSeconds = 0.008
    /// A pass that would hold up somebody who moves waits for so long at most.
    package var accumulationPatience = 1.0
    /// What shows people at rest more, and would hold up somebody who moves, waits for so many times what the one before it
    /// took: all who rest have a fifth of the device together.
    package var refinementRest = 4.0

    package init() {}

    /// A device that is the CPU: one frame at a time, and antialiasing only at rest.
    package static var cpu: SchedulerOptions {
        var options = SchedulerOptions()
        options.submissionLimit = 1
        options.movingSampleCount = 1
        options.accumulationLimit = 8
        // With the still before it and the lossless one after it, 1.5 s from the last input.
        options.accumulationSeconds = 0.9
        options.accumulationPartSeconds = 0.04
        return options
    }
}
