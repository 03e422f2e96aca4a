// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What both paths are predicted to cost, or why one has no cost.
package struct PathCosts: Equatable, Sendable {
    package var client: ClientCost?
    /// Why the client cannot draw, as a sentence.
    package var whyNoClient: String?
    package var server: ServerCost?
    /// Why the server cannot draw, as a sentence.
    package var whyNoServer: String?

    package init(
        client: ClientCost? = nil, whyNoClient: String? = nil, server: ServerCost? = nil, whyNoServer: String? = nil
    ) {
        self.client = client
        self.whyNoClient = whyNoClient
        self.server = server
        self.whyNoServer = whyNoServer
    }
}

package struct ClientCost: Equatable, Sendable {
    /// Until anything is seen.
    package var firstPictureSeconds: Double
    /// Until the cut with at most two pixels of error is there; 0 if it is.
    package var usableSeconds: Double
    /// Of that cut; at most 60.
    package var framesPerSecond: Double
    /// Of the coarsest cut; at most 60.
    package var coarseFramesPerSecond: Double
    /// Of the cut.
    package var gpuByteCount: Double
    package var coarseGPUByteCount: Double
    /// What the device is trusted with.
    package var gpuByteLimit: Double
    /// The cut is within the device's limits of memory and triangles.
    package var fits: Bool
    /// The coarsest cut is.
    package var coarseFits: Bool { coarseGPUByteCount <= gpuByteLimit }
    /// The rate was measured, not predicted.
    package var isMeasured: Bool
}

package struct ServerCost: Equatable, Sendable {
    /// From input to its picture.
    package var latencySeconds: Double
    package var framesPerSecond: Double
    package var firstPictureSeconds: Double
    /// The latency was measured, not predicted.
    package var isMeasured: Bool
}
