// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Work for the device, recorded once and submitted once. Dropped without being submitted, it never happened: images go
/// back to the state they had.
package final class Commands {
    let device: Device
    let handle: VkCommandBuffer
    private var states: [(image: Image, state: ImageState)] = []
    private var isOpen = true

    /// - Throws: `.outOfMemory`, `.deviceLost`
    package init(_ device: Device) throws(GPUError) {
        if device.isLost { throw .deviceLost(call: "vkBeginCommandBuffer") }
        self.device = device
        device.collect()
        if let idle = device.idleCommandBuffers.popLast() {
            handle = idle
        } else {
            var info = VkCommandBufferAllocateInfo()
            info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
            info.commandPool = device.commandPool
            info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
            info.commandBufferCount = 1
            var buffer: VkCommandBuffer?
            try check(
                "vkAllocateCommandBuffers", device.functions.allocateCommandBuffers(device.handle, &info, &buffer))
            handle = buffer!
        }
        device.openCommandCount += 1
        var begin = VkCommandBufferBeginInfo()
        begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
        begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT.rawValue
        try check("vkBeginCommandBuffer", device.functions.beginCommandBuffer(handle, &begin))
    }

    deinit {
        guard isOpen else { return }
        for (image, state) in states.reversed() { image.state = state }
        device.openCommandCount -= 1
        _ = device.functions.resetCommandBuffer(handle, 0)
        device.idleCommandBuffers.append(handle)
    }

    /// Hands the work to the device and returns at once.
    ///
    /// - Returns: The timeline's value when it is done.
    /// - Throws: `.deviceLost`, `.outOfMemory`; then nothing was submitted.
    package func submit() throws(GPUError) -> UInt64 {
        precondition(isOpen, "commands are submitted once")
        try check("vkEndCommandBuffer", device.functions.endCommandBuffer(handle))
        try device.injectSubmissionFailure()
        let value = device.submittedValue + 1
        var arena = Arena()
        var command = VkCommandBufferSubmitInfo()
        command.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO
        command.commandBuffer = handle
        var signal = VkSemaphoreSubmitInfo()
        signal.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO
        signal.semaphore = device.timeline
        signal.value = value
        signal.stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT
        var info = VkSubmitInfo2()
        info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO_2
        info.commandBufferInfoCount = 1
        info.pCommandBufferInfos = arena.place(command)
        info.signalSemaphoreInfoCount = 1
        info.pSignalSemaphoreInfos = arena.place(signal)
        let result = device.functions.queueSubmit2(device.queue, 1, &info, nil)
        if result == VK_ERROR_DEVICE_LOST { device.isLost = true }
        try check("vkQueueSubmit2", result)
        isOpen = false
        device.openCommandCount -= 1
        device.submittedValue = value
        device.retire(.commandBuffer(handle))
        return value
    }

    /// Remembers the state an image had before these commands.
    func note(_ image: Image) { states.append((image, image.state)) }
}
