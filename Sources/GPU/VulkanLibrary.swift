// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan
internal import Glibc

/// The Vulkan loader, opened while the program runs. Stays open until the process ends: drivers do not like to be
/// unloaded.
struct VulkanLibrary: Sendable {
    let getInstanceProcAddr: PFN_vkGetInstanceProcAddr

    static func open(_ name: String = "libvulkan.so.1") throws(GPUError) -> VulkanLibrary {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw .noLibrary(dlerror().map { String(cString: $0) } ?? name)
        }
        guard let symbol = dlsym(handle, "vkGetInstanceProcAddr") else {
            throw .noLibrary("\(name) has no vkGetInstanceProcAddr")
        }
        return VulkanLibrary(getInstanceProcAddr: unsafeBitCast(symbol, to: PFN_vkGetInstanceProcAddr.self))
    }

    /// A function of the loader itself or of an instance.
    func function<Function>(_ name: String, of instance: VkInstance?, as type: Function.Type) throws(GPUError)
        -> Function
    {
        guard let address = getInstanceProcAddr(instance, name) else {
            throw .noLibrary("the Vulkan loader has no \(name)")
        }
        return unsafeBitCast(address, to: type)
    }
}
