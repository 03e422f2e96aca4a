// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// The functions of a device that we call, without the loader's detour.
struct DeviceFunctions {
    let destroyDevice: PFN_vkDestroyDevice
    let getDeviceQueue: PFN_vkGetDeviceQueue
    let deviceWaitIdle: PFN_vkDeviceWaitIdle
    let createSemaphore: PFN_vkCreateSemaphore
    let destroySemaphore: PFN_vkDestroySemaphore
    let waitSemaphores: PFN_vkWaitSemaphores
    let getSemaphoreCounterValue: PFN_vkGetSemaphoreCounterValue
    let queueSubmit2: PFN_vkQueueSubmit2
    let allocateMemory: PFN_vkAllocateMemory
    let freeMemory: PFN_vkFreeMemory
    let mapMemory: PFN_vkMapMemory
    let invalidateMappedMemoryRanges: PFN_vkInvalidateMappedMemoryRanges
    let flushMappedMemoryRanges: PFN_vkFlushMappedMemoryRanges
    let createBuffer: PFN_vkCreateBuffer
    let destroyBuffer: PFN_vkDestroyBuffer
    let getBufferMemoryRequirements: PFN_vkGetBufferMemoryRequirements
    let bindBufferMemory: PFN_vkBindBufferMemory
    let createImage: PFN_vkCreateImage
    let destroyImage: PFN_vkDestroyImage
    let getImageMemoryRequirements: PFN_vkGetImageMemoryRequirements
    let bindImageMemory: PFN_vkBindImageMemory
    let createImageView: PFN_vkCreateImageView
    let destroyImageView: PFN_vkDestroyImageView
    let createSampler: PFN_vkCreateSampler
    let destroySampler: PFN_vkDestroySampler
    let createShaderModule: PFN_vkCreateShaderModule
    let destroyShaderModule: PFN_vkDestroyShaderModule
    let createDescriptorSetLayout: PFN_vkCreateDescriptorSetLayout
    let destroyDescriptorSetLayout: PFN_vkDestroyDescriptorSetLayout
    let createDescriptorPool: PFN_vkCreateDescriptorPool
    let destroyDescriptorPool: PFN_vkDestroyDescriptorPool
    let allocateDescriptorSets: PFN_vkAllocateDescriptorSets
    let updateDescriptorSets: PFN_vkUpdateDescriptorSets
    let createPipelineLayout: PFN_vkCreatePipelineLayout
    let destroyPipelineLayout: PFN_vkDestroyPipelineLayout
    let createPipelineCache: PFN_vkCreatePipelineCache
    let destroyPipelineCache: PFN_vkDestroyPipelineCache
    let getPipelineCacheData: PFN_vkGetPipelineCacheData
    let createGraphicsPipelines: PFN_vkCreateGraphicsPipelines
    let createComputePipelines: PFN_vkCreateComputePipelines
    let destroyPipeline: PFN_vkDestroyPipeline
    let createQueryPool: PFN_vkCreateQueryPool
    let destroyQueryPool: PFN_vkDestroyQueryPool
    let getQueryPoolResults: PFN_vkGetQueryPoolResults
    let createCommandPool: PFN_vkCreateCommandPool
    let destroyCommandPool: PFN_vkDestroyCommandPool
    let allocateCommandBuffers: PFN_vkAllocateCommandBuffers
    let beginCommandBuffer: PFN_vkBeginCommandBuffer
    let endCommandBuffer: PFN_vkEndCommandBuffer
    let resetCommandBuffer: PFN_vkResetCommandBuffer
    let cmdPipelineBarrier2: PFN_vkCmdPipelineBarrier2
    let cmdBeginRendering: PFN_vkCmdBeginRendering
    let cmdEndRendering: PFN_vkCmdEndRendering
    let cmdBindPipeline: PFN_vkCmdBindPipeline
    let cmdBindDescriptorSets: PFN_vkCmdBindDescriptorSets
    let cmdBindVertexBuffers: PFN_vkCmdBindVertexBuffers
    let cmdBindIndexBuffer: PFN_vkCmdBindIndexBuffer
    let cmdPushConstants: PFN_vkCmdPushConstants
    let cmdSetViewport: PFN_vkCmdSetViewport
    let cmdSetScissor: PFN_vkCmdSetScissor
    let cmdSetCullMode: PFN_vkCmdSetCullMode
    let cmdSetFrontFace: PFN_vkCmdSetFrontFace
    let cmdDraw: PFN_vkCmdDraw
    let cmdDrawIndexed: PFN_vkCmdDrawIndexed
    let cmdDrawIndexedIndirect: PFN_vkCmdDrawIndexedIndirect
    let cmdDispatch: PFN_vkCmdDispatch
    let cmdCopyBuffer: PFN_vkCmdCopyBuffer
    let cmdCopyBufferToImage: PFN_vkCmdCopyBufferToImage
    let cmdCopyImageToBuffer: PFN_vkCmdCopyImageToBuffer
    let cmdCopyImage: PFN_vkCmdCopyImage
    let cmdFillBuffer: PFN_vkCmdFillBuffer
    let cmdResetQueryPool: PFN_vkCmdResetQueryPool
    let cmdWriteTimestamp2: PFN_vkCmdWriteTimestamp2

    init(_ instance: InstanceFunctions, _ device: VkDevice) throws(GPUError) {
        func load<Function>(_ name: String, as type: Function.Type) throws(GPUError) -> Function {
            guard let address = instance.getDeviceProcAddr(device, name) else {
                throw .noSuitableDevice(["the driver has no \(name)"])
            }
            return unsafeBitCast(address, to: type)
        }
        destroyDevice = try load("vkDestroyDevice", as: PFN_vkDestroyDevice.self)
        getDeviceQueue = try load("vkGetDeviceQueue", as: PFN_vkGetDeviceQueue.self)
        deviceWaitIdle = try load("vkDeviceWaitIdle", as: PFN_vkDeviceWaitIdle.self)
        createSemaphore = try load("vkCreateSemaphore", as: PFN_vkCreateSemaphore.self)
        destroySemaphore = try load("vkDestroySemaphore", as: PFN_vkDestroySemaphore.self)
        waitSemaphores = try load("vkWaitSemaphores", as: PFN_vkWaitSemaphores.self)
        getSemaphoreCounterValue = try load("vkGetSemaphoreCounterValue", as: PFN_vkGetSemaphoreCounterValue.self)
        queueSubmit2 = try load("vkQueueSubmit2", as: PFN_vkQueueSubmit2.self)
        allocateMemory = try load("vkAllocateMemory", as: PFN_vkAllocateMemory.self)
        freeMemory = try load("vkFreeMemory", as: PFN_vkFreeMemory.self)
        mapMemory = try load("vkMapMemory", as: PFN_vkMapMemory.self)
        invalidateMappedMemoryRanges = try load(
            "vkInvalidateMappedMemoryRanges", as: PFN_vkInvalidateMappedMemoryRanges.self)
        flushMappedMemoryRanges = try load("vkFlushMappedMemoryRanges", as: PFN_vkFlushMappedMemoryRanges.self)
        createBuffer = try load("vkCreateBuffer", as: PFN_vkCreateBuffer.self)
        destroyBuffer = try load("vkDestroyBuffer", as: PFN_vkDestroyBuffer.self)
        getBufferMemoryRequirements = try load(
            "vkGetBufferMemoryRequirements", as: PFN_vkGetBufferMemoryRequirements.self)
        bindBufferMemory = try load("vkBindBufferMemory", as: PFN_vkBindBufferMemory.self)
        createImage = try load("vkCreateImage", as: PFN_vkCreateImage.self)
        destroyImage = try load("vkDestroyImage", as: PFN_vkDestroyImage.self)
        getImageMemoryRequirements = try load("vkGetImageMemoryRequirements", as: PFN_vkGetImageMemoryRequirements.self)
        bindImageMemory = try load("vkBindImageMemory", as: PFN_vkBindImageMemory.self)
        createImageView = try load("vkCreateImageView", as: PFN_vkCreateImageView.self)
        destroyImageView = try load("vkDestroyImageView", as: PFN_vkDestroyImageView.self)
        createSampler = try load("vkCreateSampler", as: PFN_vkCreateSampler.self)
        destroySampler = try load("vkDestroySampler", as: PFN_vkDestroySampler.self)
        createShaderModule = try load("vkCreateShaderModule", as: PFN_vkCreateShaderModule.self)
        destroyShaderModule = try load("vkDestroyShaderModule", as: PFN_vkDestroyShaderModule.self)
        createDescriptorSetLayout = try load("vkCreateDescriptorSetLayout", as: PFN_vkCreateDescriptorSetLayout.self)
        destroyDescriptorSetLayout = try load("vkDestroyDescriptorSetLayout", as: PFN_vkDestroyDescriptorSetLayout.self)
        createDescriptorPool = try load("vkCreateDescriptorPool", as: PFN_vkCreateDescriptorPool.self)
        destroyDescriptorPool = try load("vkDestroyDescriptorPool", as: PFN_vkDestroyDescriptorPool.self)
        allocateDescriptorSets = try load("vkAllocateDescriptorSets", as: PFN_vkAllocateDescriptorSets.self)
        updateDescriptorSets = try load("vkUpdateDescriptorSets", as: PFN_vkUpdateDescriptorSets.self)
        createPipelineLayout = try load("vkCreatePipelineLayout", as: PFN_vkCreatePipelineLayout.self)
        destroyPipelineLayout = try load("vkDestroyPipelineLayout", as: PFN_vkDestroyPipelineLayout.self)
        createPipelineCache = try load("vkCreatePipelineCache", as: PFN_vkCreatePipelineCache.self)
        destroyPipelineCache = try load("vkDestroyPipelineCache", as: PFN_vkDestroyPipelineCache.self)
        getPipelineCacheData = try load("vkGetPipelineCacheData", as: PFN_vkGetPipelineCacheData.self)
        createGraphicsPipelines = try load("vkCreateGraphicsPipelines", as: PFN_vkCreateGraphicsPipelines.self)
        createComputePipelines = try load("vkCreateComputePipelines", as: PFN_vkCreateComputePipelines.self)
        destroyPipeline = try load("vkDestroyPipeline", as: PFN_vkDestroyPipeline.self)
        createQueryPool = try load("vkCreateQueryPool", as: PFN_vkCreateQueryPool.self)
        destroyQueryPool = try load("vkDestroyQueryPool", as: PFN_vkDestroyQueryPool.self)
        getQueryPoolResults = try load("vkGetQueryPoolResults", as: PFN_vkGetQueryPoolResults.self)
        createCommandPool = try load("vkCreateCommandPool", as: PFN_vkCreateCommandPool.self)
        destroyCommandPool = try load("vkDestroyCommandPool", as: PFN_vkDestroyCommandPool.self)
        allocateCommandBuffers = try load("vkAllocateCommandBuffers", as: PFN_vkAllocateCommandBuffers.self)
        beginCommandBuffer = try load("vkBeginCommandBuffer", as: PFN_vkBeginCommandBuffer.self)
        endCommandBuffer = try load("vkEndCommandBuffer", as: PFN_vkEndCommandBuffer.self)
        resetCommandBuffer = try load("vkResetCommandBuffer", as: PFN_vkResetCommandBuffer.self)
        cmdPipelineBarrier2 = try load("vkCmdPipelineBarrier2", as: PFN_vkCmdPipelineBarrier2.self)
        cmdBeginRendering = try load("vkCmdBeginRendering", as: PFN_vkCmdBeginRendering.self)
        cmdEndRendering = try load("vkCmdEndRendering", as: PFN_vkCmdEndRendering.self)
        cmdBindPipeline = try load("vkCmdBindPipeline", as: PFN_vkCmdBindPipeline.self)
        cmdBindDescriptorSets = try load("vkCmdBindDescriptorSets", as: PFN_vkCmdBindDescriptorSets.self)
        cmdBindVertexBuffers = try load("vkCmdBindVertexBuffers", as: PFN_vkCmdBindVertexBuffers.self)
        cmdBindIndexBuffer = try load("vkCmdBindIndexBuffer", as: PFN_vkCmdBindIndexBuffer.self)
        cmdPushConstants = try load("vkCmdPushConstants", as: PFN_vkCmdPushConstants.self)
        cmdSetViewport = try load("vkCmdSetViewport", as: PFN_vkCmdSetViewport.self)
        cmdSetScissor = try load("vkCmdSetScissor", as: PFN_vkCmdSetScissor.self)
        cmdSetCullMode = try load("vkCmdSetCullMode", as: PFN_vkCmdSetCullMode.self)
        cmdSetFrontFace = try load("vkCmdSetFrontFace", as: PFN_vkCmdSetFrontFace.self)
        cmdDraw = try load("vkCmdDraw", as: PFN_vkCmdDraw.self)
        cmdDrawIndexed = try load("vkCmdDrawIndexed", as: PFN_vkCmdDrawIndexed.self)
        cmdDrawIndexedIndirect = try load("vkCmdDrawIndexedIndirect", as: PFN_vkCmdDrawIndexedIndirect.self)
        cmdDispatch = try load("vkCmdDispatch", as: PFN_vkCmdDispatch.self)
        cmdCopyBuffer = try load("vkCmdCopyBuffer", as: PFN_vkCmdCopyBuffer.self)
        cmdCopyBufferToImage = try load("vkCmdCopyBufferToImage", as: PFN_vkCmdCopyBufferToImage.self)
        cmdCopyImageToBuffer = try load("vkCmdCopyImageToBuffer", as: PFN_vkCmdCopyImageToBuffer.self)
        cmdCopyImage = try load("vkCmdCopyImage", as: PFN_vkCmdCopyImage.self)
        cmdFillBuffer = try load("vkCmdFillBuffer", as: PFN_vkCmdFillBuffer.self)
        cmdResetQueryPool = try load("vkCmdResetQueryPool", as: PFN_vkCmdResetQueryPool.self)
        cmdWriteTimestamp2 = try load("vkCmdWriteTimestamp2", as: PFN_vkCmdWriteTimestamp2.self)
    }
}
