// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// What the driver has compiled, to be kept in a file so that the next start is quick. The driver checks the bytes:
/// those of another driver or device are ignored.
package final class PipelineCache {
    let device: Device
    let handle: VkPipelineCache

    /// - Parameter bytes: from `bytes`, of an earlier run; any other bytes are as good as none.
    package init(_ device: Device, bytes: [UInt8] = []) throws(GPUError) {
        self.device = device
        var arena = Arena()
        var info = VkPipelineCacheCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO
        if PipelineCache.isPlausible(bytes, for: device) {
            info.initialDataSize = bytes.count
            info.pInitialData = UnsafeRawPointer(arena.place(bytes))
        }
        handle = try device.make("vkCreatePipelineCache") {
            device.functions.createPipelineCache(device.handle, &info, nil, &$0)
        }
    }

    deinit {
        device.functions.destroyPipelineCache(device.handle, handle, nil)
        device.instance.objects.remove()
    }

    /// What to keep; empty if the driver gives nothing.
    package var bytes: [UInt8] {
        var count = 0
        guard device.functions.getPipelineCacheData(device.handle, handle, &count, nil) == VK_SUCCESS, count > 0 else {
            return []
        }
        var bytes = [UInt8](repeating: 0, count: count)
        let result = bytes.withUnsafeMutableBytes {
            device.functions.getPipelineCacheData(device.handle, handle, &count, $0.baseAddress)
        }
        return result == VK_SUCCESS ? Array(bytes.prefix(count)) : []
    }

    /// Whether the header is this device's: its length, version 1, vendor, device and the driver's identity. Some drivers
    /// read it without looking at the length, and not all compare everything.
    private static func isPlausible(_ bytes: [UInt8], for device: Device) -> Bool {
        guard bytes.count >= 32 else { return false }
        var properties = VkPhysicalDeviceProperties2()
        properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        device.instance.functions.getPhysicalDeviceProperties2(device.physicalDevice, &properties)
        let core = properties.properties
        let words = [32, VK_PIPELINE_CACHE_HEADER_VERSION_ONE.rawValue, core.vendorID, core.deviceID]
        let header = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        let identity = withUnsafeBytes(of: core.pipelineCacheUUID) { Array($0) }
        return bytes.starts(with: header + identity)
    }
}
