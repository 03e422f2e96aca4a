// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// What is destroyed once the device does not need it any more.
enum RetiredObject {
    case buffer(VkBuffer, MemoryRange?)
    case image(VkImage, views: [VkImageView], MemoryRange?)
    case sampler(VkSampler)
    case pipeline(VkPipeline)
    case pipelineLayout(VkPipelineLayout)
    case bindingLayout(VkDescriptorSetLayout)
    case bindingPool(VkDescriptorPool)
    case queryPool(VkQueryPool)
    case commandBuffer(VkCommandBuffer)
    /// Not an object: something to do then.
    case action(() -> Void)
}

extension Device {
    /// The timeline's value: everything submitted with it or a smaller one is done.
    package var finishedValue: UInt64 {
        if isLost { return submittedValue }
        var value: UInt64 = 0
        if functions.getSemaphoreCounterValue(handle, timeline, &value) == VK_ERROR_DEVICE_LOST {
            isLost = true
            return submittedValue
        }
        return value
    }

    /// Waits for a submission.
    ///
    /// - Throws: `.deviceLost`, also when it takes longer than `timeoutMilliseconds`; the device is given up then.
    package func wait(for value: UInt64, timeoutMilliseconds: Int) throws(GPUError) {
        if isLost { throw .deviceLost(call: "vkWaitSemaphores") }
        var semaphore = timeline
        var value = value
        let result = withUnsafePointer(to: &semaphore) { semaphore in
            withUnsafePointer(to: &value) { value in
                var info = VkSemaphoreWaitInfo()
                info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO
                info.semaphoreCount = 1
                info.pSemaphores = semaphore
                info.pValues = value
                return functions.waitSemaphores(handle, &info, UInt64(timeoutMilliseconds) * 1_000_000)
            }
        }
        if result == VK_TIMEOUT || result == VK_ERROR_DEVICE_LOST {
            isLost = true
            throw .deviceLost(
                call: result == VK_TIMEOUT ? "it did not finish in \(timeoutMilliseconds) ms" : "vkWaitSemaphores")
        }
        try check("vkWaitSemaphores", result)
    }

    /// Destroys what was let go and is not needed any more. Call it now and then.
    package func collect() {
        if !retired.isEmpty { destroyRetired(upTo: finishedValue) }
    }

    /// Waits for everything, gives up on what does not finish in time, and destroys what was let go. What `afterUse`
    /// was given may hold on to the device, so this must come before the last reference to it goes.
    package func shutDown(timeoutMilliseconds: Int) {
        if !isLost, submittedValue > 0 { try? wait(for: submittedValue, timeoutMilliseconds: timeoutMilliseconds) }
        destroyRetired(upTo: .max)
    }

    /// Does something once all that was submitted until now, and what is being recorded, is done.
    package func afterUse(_ action: @escaping () -> Void) { retire(.action(action)) }

    func retire(_ object: RetiredObject) {
        retired.append((submittedValue + (openCommandCount > 0 ? 1 : 0), object))
    }

    func destroyRetired(upTo value: UInt64) {
        // Actions may let go of more.
        let due = retired.filter { $0.value <= value }
        retired.removeAll { $0.value <= value }
        for (_, object) in due { destroy(object) }
        if value == .max, !retired.isEmpty { destroyRetired(upTo: value) }
    }

    private func destroy(_ object: RetiredObject) {
        switch object {
        case .buffer(let buffer, let piece):
            functions.destroyBuffer(handle, buffer, nil)
            release(piece)
        case .image(let image, let views, let piece):
            for view in views {
                functions.destroyImageView(handle, view, nil)
                instance.objects.remove()
            }
            functions.destroyImage(handle, image, nil)
            release(piece)
        case .sampler(let sampler): functions.destroySampler(handle, sampler, nil)
        case .pipeline(let pipeline): functions.destroyPipeline(handle, pipeline, nil)
        case .pipelineLayout(let layout): functions.destroyPipelineLayout(handle, layout, nil)
        case .bindingLayout(let layout): functions.destroyDescriptorSetLayout(handle, layout, nil)
        case .bindingPool(let pool): functions.destroyDescriptorPool(handle, pool, nil)
        case .queryPool(let pool): functions.destroyQueryPool(handle, pool, nil)
        case .commandBuffer(let buffer):
            idleCommandBuffers.append(buffer)
            return
        case .action(let action):
            action()
            return
        }
        instance.objects.remove()
    }

    private func release(_ piece: MemoryRange?) {
        guard let piece else { return }
        memory.release(piece, device: functions, handle: handle, objects: instance.objects)
    }
}
