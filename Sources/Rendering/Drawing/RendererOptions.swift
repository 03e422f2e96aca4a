// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import GPU

/// How a renderer is set up.
package struct RendererOptions: Sendable {
    package var device = DeviceChoice.best
    /// Most bytes of the device's memory to use for everything; nil: four fifths of it.
    package var budgetByteCount: Int?
    /// Bytes of meshes and textures for each open scene; nil: half of the budget.
    package var sceneByteCount: Int?
    /// Loads the validation layer, if it is installed; its messages are in `validationMessages`.
    package var isValidated = false
    /// Works as on a discrete GPU: copies through staging memory, draws from buffers, summaries by compute shaders.
    /// nil: only where the device is no CPU.
    package var usesGPUPaths: Bool?
    /// What the driver compiled in an earlier run, from `FrameRenderer.pipelineCacheBytes`.
    package var pipelineCacheBytes: [UInt8] = []
    package var failures = FailureInjection()
    /// Counts what is alive on the device, for tests.
    package var objects = ObjectCounter()

    package init() {}
}
