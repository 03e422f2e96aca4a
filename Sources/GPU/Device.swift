// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// A graphics device with its one queue. Buffers, images and the rest keep it alive; for one thread at a time, with all
/// that was made on it.
///
/// Every submission raises the queue's timeline by one. What is let go while the device may still read it is kept until
/// the timeline has reached the value it had then (`retire`), so dropping the last reference is always safe.
package final class Device {
    package let instance: VulkanInstance
    package let description: DeviceDescription
    /// Nanoseconds of one step of the device's clock; 0 where it has none.
    package let timestampPeriod: Double
    /// Largest width and height of an image.
    package let largestImageSize: Int
    let physicalDevice: VkPhysicalDevice
    let handle: VkDevice
    let functions: DeviceFunctions
    let queue: VkQueue
    let queueFamily: UInt32
    let nonCoherentAtom: Int
    let maximumAnisotropy: Float
    var memory: MemoryAllocator
    var timeline: VkSemaphore?
    var commandPool: VkCommandPool?
    var idleCommandBuffers: [VkCommandBuffer] = []
    /// Commands that are being recorded: what is dropped meanwhile may be read by the next submission.
    var openCommandCount = 0
    /// Timeline value of the last submission.
    package internal(set) var submittedValue: UInt64 = 0
    /// Whether the device has stopped working; every call fails from then on.
    package internal(set) var isLost = false
    var retired: [(value: UInt64, object: RetiredObject)] = []
    private var allocationFailures: FailureCountdown
    private var submissionFailures: FailureCountdown
    private var creationFailures: FailureCountdown

    /// - Parameters:
    ///   - budgetByteCount: most memory to take; nil: four fifths of the device's.
    ///   - needsStaging: keeps device memory unmapped also where it could be mapped, as on a discrete GPU.
    package init(
        _ instance: VulkanInstance, choice: DeviceChoice = .best, budgetByteCount: Int? = nil,
        needsStaging: Bool = false,
        failures: FailureInjection = FailureInjection()
    ) throws(GPUError) {
        self.instance = instance
        description = try choice.select(from: instance.devices)
        physicalDevice = instance.physicalDevices[description.index]
        allocationFailures = FailureCountdown(every: failures.everyNthAllocation)
        submissionFailures = FailureCountdown(every: failures.everyNthSubmission)
        creationFailures = FailureCountdown(every: failures.everyNthCreation)
        guard let family = instance.queueFamily(of: physicalDevice) else {
            throw .noSuitableDevice(["\(description.name) lacks a queue"])
        }
        queueFamily = family
        var properties = VkPhysicalDeviceProperties2()
        properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        instance.functions.getPhysicalDeviceProperties2(physicalDevice, &properties)
        let limits = properties.properties.limits
        timestampPeriod = limits.timestampComputeAndGraphics != 0 ? Double(limits.timestampPeriod) : 0
        largestImageSize = Int(limits.maxImageDimension2D)
        nonCoherentAtom = Int(limits.nonCoherentAtomSize)
        var heaps = VkPhysicalDeviceMemoryProperties()
        instance.functions.getPhysicalDeviceMemoryProperties(physicalDevice, &heaps)
        memory = MemoryAllocator(
            heaps, budgetByteCount: budgetByteCount ?? description.memoryByteCount / 5 * 4,
            prefersMapped: !needsStaging && description.kind != .discrete)
        (handle, maximumAnisotropy) = try Device.create(
            instance, physicalDevice, queueFamily: family, largestAnisotropy: limits.maxSamplerAnisotropy)
        do throws(GPUError) {
            functions = try DeviceFunctions(instance.functions, handle)
        } catch {
            // Without its functions the device cannot be destroyed; the driver is not a Vulkan driver.
            throw error
        }
        var queue: VkQueue?
        functions.getDeviceQueue(handle, family, 0, &queue)
        self.queue = queue!
        instance.objects.add()
        try prepare()
    }

    /// Waits for the device, however it ended, and destroys what is left in order.
    deinit {
        if !isLost { _ = functions.deviceWaitIdle(handle) }
        destroyRetired(upTo: .max)
        if let commandPool {
            functions.destroyCommandPool(handle, commandPool, nil)
            instance.objects.remove()
        }
        if let timeline {
            functions.destroySemaphore(handle, timeline, nil)
            instance.objects.remove()
        }
        functions.destroyDevice(handle, nil)
        instance.objects.remove()
    }

    /// Most bytes to take from the driver.
    package var memoryBudgetByteCount: Int { memory.budgetByteCount }
    /// Bytes taken from the driver.
    package var allocatedByteCount: Int { memory.allocatedByteCount }
    /// Bytes of what is alive.
    package var usedByteCount: Int { memory.usedByteCount }

    private static func create(
        _ instance: VulkanInstance, _ physicalDevice: VkPhysicalDevice, queueFamily: UInt32, largestAnisotropy: Float
    ) throws(GPUError) -> (VkDevice, Float) {
        var available = VkPhysicalDeviceFeatures2()
        available.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        instance.functions.getPhysicalDeviceFeatures2(physicalDevice, &available)
        var arena = Arena()
        var features13 = VkPhysicalDeviceVulkan13Features()
        features13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES
        features13.dynamicRendering = 1
        features13.synchronization2 = 1
        var features12 = VkPhysicalDeviceVulkan12Features()
        features12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
        features12.timelineSemaphore = 1
        features12.pNext = UnsafeMutableRawPointer(mutating: arena.place(features13))
        var features = VkPhysicalDeviceFeatures2()
        features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        features.features.drawIndirectFirstInstance = 1
        features.features.multiDrawIndirect = available.features.multiDrawIndirect
        features.features.shaderClipDistance = 1
        features.features.samplerAnisotropy = available.features.samplerAnisotropy
        features.pNext = UnsafeMutableRawPointer(mutating: arena.place(features12))
        var queue = VkDeviceQueueCreateInfo()
        queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO
        queue.queueFamilyIndex = queueFamily
        queue.queueCount = 1
        queue.pQueuePriorities = arena.place(Float(1))
        var info = VkDeviceCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
        info.pNext = UnsafeRawPointer(arena.place(features))
        info.queueCreateInfoCount = 1
        info.pQueueCreateInfos = arena.place(queue)
        var device: VkDevice?
        try check("vkCreateDevice", instance.functions.createDevice(physicalDevice, &info, nil, &device))
        return (device!, available.features.samplerAnisotropy != 0 ? largestAnisotropy : 1)
    }

    private func prepare() throws(GPUError) {
        var arena = Arena()
        var kind = VkSemaphoreTypeCreateInfo()
        kind.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO
        kind.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE
        var info = VkSemaphoreCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
        info.pNext = UnsafeRawPointer(arena.place(kind))
        timeline = try make("vkCreateSemaphore") { functions.createSemaphore(handle, &info, nil, &$0) }
        var pool = VkCommandPoolCreateInfo()
        pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
        pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT.rawValue
        pool.queueFamilyIndex = queueFamily
        commandPool = try make("vkCreateCommandPool") { functions.createCommandPool(handle, &pool, nil, &$0) }
    }

    /// Makes and counts an object, unless the device is lost or a failure is due.
    func make(
        _ call: String, _ create: (inout OpaquePointer?) -> VkResult
    ) throws(GPUError) -> OpaquePointer {
        if isLost { throw .deviceLost(call: call) }
        if creationFailures.isDue() { throw .outOfMemory(call: "\(call), injected") }
        var object: OpaquePointer?
        try check(call, create(&object))
        instance.objects.add()
        return object!
    }

    func allocate(
        _ requirements: VkMemoryRequirements, _ use: MemoryUse, isForImages: Bool
    ) throws(GPUError) -> MemoryRange {
        if allocationFailures.isDue() { throw .outOfMemory(call: "vkAllocateMemory, injected") }
        return try memory.allocate(
            requirements, use, isForImages: isForImages, device: functions, handle: handle, objects: instance.objects)
    }

    func injectSubmissionFailure() throws(GPUError) {
        if isLost { throw .deviceLost(call: "vkQueueSubmit2") }
        guard submissionFailures.isDue() else { return }
        // As after a real loss, nothing of what was submitted before counts any more; it may still be running.
        _ = functions.deviceWaitIdle(handle)
        isLost = true
        throw .deviceLost(call: "vkQueueSubmit2, injected")
    }
}
