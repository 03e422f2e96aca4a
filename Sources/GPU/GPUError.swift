// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why the GPU cannot do what was asked. Every case says in `description` what failed and what helps.
package enum GPUError: Error, Equatable, CustomStringConvertible {
    /// There is no Vulkan loader on this machine.
    case noLibrary(String)
    /// There is a loader, but no driver that works.
    case noDriver
    /// There are devices, but none fits; one reason for each.
    case noSuitableDevice([String])
    /// The byte budget is used up, or the driver has no memory left.
    case outOfMemory(call: String)
    /// The device stopped working, or did not finish in time. Everything on it is lost; make a new device.
    case deviceLost(call: String)
    /// Any other result; our mistake, or the driver's.
    case failed(call: String, code: Int32)

    package var description: String {
        switch self {
        case .noLibrary(let reason):
            "there is no Vulkan library (\(reason)); install libvulkan1 and a driver, mesa-vulkan-drivers for example"
        case .noDriver:
            "there is no Vulkan driver; install the graphics card's, or mesa-vulkan-drivers to draw on the CPU"
        case .noSuitableDevice(let reasons):
            "no graphics device can be used: \(reasons.isEmpty ? "there is none" : reasons.joined(separator: "; "))"
        case .outOfMemory(let call):
            "the graphics device is out of memory (\(call)); raise the budget, or show fewer or smaller pictures"
        case .deviceLost(let call): "the graphics device stopped working (\(call)); it has to be opened again"
        case .failed(let call, let code): "\(call) failed with VkResult \(code)"
        }
    }

    /// Whether everything on the device is gone.
    package var isDeviceLost: Bool {
        if case .deviceLost = self { true } else { false }
    }

    package var isOutOfMemory: Bool {
        if case .outOfMemory = self { true } else { false }
    }
}
