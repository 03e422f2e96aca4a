// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Times that the device notes between its commands.
package final class TimestampPool {
    let device: Device
    let handle: VkQueryPool
    let count: Int

    package init(_ device: Device, count: Int) throws(GPUError) {
        self.device = device
        self.count = count
        var info = VkQueryPoolCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO
        info.queryType = VK_QUERY_TYPE_TIMESTAMP
        info.queryCount = UInt32(count)
        handle = try device.make("vkCreateQueryPool") {
            device.functions.createQueryPool(device.handle, &info, nil, &$0)
        }
    }

    deinit { device.retire(.queryPool(handle)) }

    /// Milliseconds from one noted time to the next, one fewer than times; empty if the device did not note them all.
    /// Call after waiting for the submission.
    package func milliseconds() -> [Double] {
        var ticks = [UInt64](repeating: 0, count: count)
        let byteCount = 8 * count
        let result = ticks.withUnsafeMutableBytes {
            device.functions.getQueryPoolResults(
                device.handle, handle, 0, UInt32(count), byteCount, $0.baseAddress, 8,
                VK_QUERY_RESULT_64_BIT.rawValue)
        }
        guard result == VK_SUCCESS else { return [] }
        return zip(ticks, ticks.dropFirst()).map { Double($1 &- $0) * device.timestampPeriod * 1e-6 }
    }
}
