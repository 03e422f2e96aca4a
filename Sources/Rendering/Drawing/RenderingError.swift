// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import GPU

/// Why a picture cannot be drawn.
package enum RenderingError: Error, Equatable, CustomStringConvertible {
    /// What the graphics device said. After `.deviceLost`, `FrameRenderer.recover` opens it again; after `.outOfMemory`
    /// the renderer has made room and the next, smaller request may succeed.
    case gpu(GPUError)
    /// The request makes no sense or is too large; what is wrong with it.
    case invalidRequest(String)
    /// The program's own shaders are missing or damaged.
    case damagedInstallation(String)

    package var description: String {
        switch self {
        case .gpu(let error): error.description
        case .invalidRequest(let reason): "the picture cannot be drawn: \(reason)"
        case .damagedInstallation(let what): "\(what) is missing or damaged; build or install the program again"
        }
    }

    package var isDeviceLost: Bool {
        if case .gpu(let error) = self { error.isDeviceLost } else { false }
    }

    package var isOutOfMemory: Bool {
        if case .gpu(let error) = self { error.isOutOfMemory } else { false }
    }
}

/// Runs calls to the device and turns their errors into ours.
func onGPU<Result>(_ body: () throws(GPUError) -> Result) throws(RenderingError) -> Result {
    do throws(GPUError) {
        return try body()
    } catch {
        throw .gpu(error)
    }
}
