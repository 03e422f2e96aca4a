// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

extension VulkanInstance {
    /// The devices of all drivers, in their order, also those that cannot be used.
    package var devices: [DeviceDescription] {
        physicalDevices.enumerated().map { describe($1, index: $0) }
    }

    var physicalDevices: [VkPhysicalDevice] {
        list(of: VkPhysicalDevice?.none) { functions.enumeratePhysicalDevices(handle, $0, $1) }.compactMap { $0 }
    }

    private func describe(_ device: VkPhysicalDevice, index: Int) -> DeviceDescription {
        var driver = VkPhysicalDeviceDriverProperties()
        driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES
        var ids = VkPhysicalDeviceIDProperties()
        ids.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES
        var properties = VkPhysicalDeviceProperties2()
        properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        withUnsafeMutablePointer(to: &driver) { driver in
            withUnsafeMutablePointer(to: &ids) { ids in
                ids.pointee.pNext = UnsafeMutableRawPointer(driver)
                properties.pNext = UnsafeMutableRawPointer(ids)
                functions.getPhysicalDeviceProperties2(device, &properties)
            }
        }
        let core = properties.properties
        return DeviceDescription(
            index: index, name: text(core.deviceName), driver: "\(text(driver.driverName)) \(text(driver.driverInfo))",
            kind: kind(core.deviceType), apiVersion: DeviceDescription.Version(rawValue: core.apiVersion),
            uuid: withUnsafeBytes(of: ids.deviceUUID) { $0.map(hexadecimal).joined() },
            memoryByteCount: memoryByteCount(device), shortcomings: shortcomings(device, core))
    }

    private func kind(_ type: VkPhysicalDeviceType) -> DeviceDescription.Kind {
        switch type {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: .discrete
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: .integrated
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: .virtual
        case VK_PHYSICAL_DEVICE_TYPE_CPU: .cpu
        default: .other
        }
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private func memoryByteCount(_ device: VkPhysicalDevice) -> Int {
        var memory = VkPhysicalDeviceMemoryProperties()
        functions.getPhysicalDeviceMemoryProperties(device, &memory)
        let count = Int(memory.memoryHeapCount)
        return withUnsafeBytes(of: memory.memoryHeaps) { heaps in
            heaps.bindMemory(to: VkMemoryHeap.self).prefix(count)
                .filter { $0.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.rawValue != 0 }
                .map { Int(clamping: $0.size) }.max() ?? 0
        }
    }

    private func shortcomings(_ device: VkPhysicalDevice, _ properties: VkPhysicalDeviceProperties) -> [String] {
        let needed = DeviceDescription.Version(major: 1, minor: 3)
        guard properties.apiVersion >= needed.rawValue else {
            return ["Vulkan \(needed) (it has \(DeviceDescription.Version(rawValue: properties.apiVersion)))"]
        }
        var result = missingFeatures(device)
        if queueFamily(of: device) == nil { result.append("a queue for graphics and compute") }
        let four = VK_SAMPLE_COUNT_4_BIT.rawValue
        let samples = properties.limits.framebufferColorSampleCounts & properties.limits.framebufferDepthSampleCounts
        if samples & four == 0 { result.append("4 samples a pixel") }
        if properties.limits.maxPerStageDescriptorSampledImages < 16 { result.append("16 textures a draw") }
        return result + missingFormats(device)
    }

    private func missingFeatures(_ device: VkPhysicalDevice) -> [String] {
        var features13 = VkPhysicalDeviceVulkan13Features()
        features13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES
        var features12 = VkPhysicalDeviceVulkan12Features()
        features12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
        var features = VkPhysicalDeviceFeatures2()
        features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        withUnsafeMutablePointer(to: &features13) { features13 in
            withUnsafeMutablePointer(to: &features12) { features12 in
                features12.pointee.pNext = UnsafeMutableRawPointer(features13)
                features.pNext = UnsafeMutableRawPointer(features12)
                functions.getPhysicalDeviceFeatures2(device, &features)
            }
        }
        let needs: [(VkBool32, String)] = [
            (features12.timelineSemaphore, "timeline semaphores"), (features13.dynamicRendering, "dynamic rendering"),
            (features13.synchronization2, "synchronization2"),
            (features.features.drawIndirectFirstInstance, "a first instance in indirect draws"),
            (features.features.shaderClipDistance, "clip distances"),
        ]
        return needs.filter { $0.0 == 0 }.map { $0.1 }
    }

    private func missingFormats(_ device: VkPhysicalDevice) -> [String] {
        let needs: [(PixelFormat, VkFormatFeatureFlagBits)] = [
            (.rgba8, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BLEND_BIT), (.rgba8, VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT),
            (.depth32, VK_FORMAT_FEATURE_DEPTH_STENCIL_ATTACHMENT_BIT),
            (.r32UInt, VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT),
            (.rgba32Float, VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT),
            (.rgba8Srgb, VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT),
        ]
        return needs.compactMap { format, feature in
            var properties = VkFormatProperties()
            functions.getPhysicalDeviceFormatProperties(device, format.vulkan, &properties)
            return properties.optimalTilingFeatures & feature.rawValue == 0 ? "pictures of the format \(format)" : nil
        }
    }

    /// The first family that draws, computes and copies.
    func queueFamily(of device: VkPhysicalDevice) -> UInt32? {
        let families = list(of: VkQueueFamilyProperties()) { count, elements in
            functions.getPhysicalDeviceQueueFamilyProperties(device, count, elements)
            return VK_SUCCESS
        }
        let needed = VK_QUEUE_GRAPHICS_BIT.rawValue | VK_QUEUE_COMPUTE_BIT.rawValue
        return families.firstIndex { $0.queueFlags & needed == needed }.map { UInt32($0) }
    }
}
