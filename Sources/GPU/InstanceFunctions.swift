// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// The functions of an instance that we call.
struct InstanceFunctions {
    let destroyInstance: PFN_vkDestroyInstance
    let enumeratePhysicalDevices: PFN_vkEnumeratePhysicalDevices
    let getPhysicalDeviceProperties2: PFN_vkGetPhysicalDeviceProperties2
    let getPhysicalDeviceFeatures2: PFN_vkGetPhysicalDeviceFeatures2
    let getPhysicalDeviceMemoryProperties: PFN_vkGetPhysicalDeviceMemoryProperties
    let getPhysicalDeviceQueueFamilyProperties: PFN_vkGetPhysicalDeviceQueueFamilyProperties
    let getPhysicalDeviceFormatProperties: PFN_vkGetPhysicalDeviceFormatProperties
    let enumerateDeviceExtensionProperties: PFN_vkEnumerateDeviceExtensionProperties
    let createDevice: PFN_vkCreateDevice
    let getDeviceProcAddr: PFN_vkGetDeviceProcAddr

    init(_ library: VulkanLibrary, _ instance: VkInstance) throws(GPUError) {
        func load<Function>(_ name: String, as type: Function.Type) throws(GPUError) -> Function {
            try library.function(name, of: instance, as: type)
        }
        destroyInstance = try load("vkDestroyInstance", as: PFN_vkDestroyInstance.self)
        enumeratePhysicalDevices = try load("vkEnumeratePhysicalDevices", as: PFN_vkEnumeratePhysicalDevices.self)
        getPhysicalDeviceProperties2 = try load(
            "vkGetPhysicalDeviceProperties2", as: PFN_vkGetPhysicalDeviceProperties2.self)
        getPhysicalDeviceFeatures2 = try load("vkGetPhysicalDeviceFeatures2", as: PFN_vkGetPhysicalDeviceFeatures2.self)
        getPhysicalDeviceMemoryProperties = try load(
            "vkGetPhysicalDeviceMemoryProperties", as: PFN_vkGetPhysicalDeviceMemoryProperties.self)
        getPhysicalDeviceQueueFamilyProperties = try load(
            "vkGetPhysicalDeviceQueueFamilyProperties", as: PFN_vkGetPhysicalDeviceQueueFamilyProperties.self)
        getPhysicalDeviceFormatProperties = try load(
            "vkGetPhysicalDeviceFormatProperties", as: PFN_vkGetPhysicalDeviceFormatProperties.self)
        enumerateDeviceExtensionProperties = try load(
            "vkEnumerateDeviceExtensionProperties", as: PFN_vkEnumerateDeviceExtensionProperties.self)
        createDevice = try load("vkCreateDevice", as: PFN_vkCreateDevice.self)
        getDeviceProcAddr = try load("vkGetDeviceProcAddr", as: PFN_vkGetDeviceProcAddr.self)
    }
}
