// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Buffers and images for the bindings of a layout, for good: other resources need another set. Keeps them alive.
package final class BindingSet {
    package enum Resource {
        case buffer(Buffer)
        case storageImage(Image)
        case textures([(image: Image, sampler: Sampler)])
    }

    let device: Device
    let handle: VkDescriptorSet
    private let pool: VkDescriptorPool
    private let layout: BindingLayout
    private let resources: [Resource]

    package init(_ device: Device, _ layout: BindingLayout, _ resources: [Resource]) throws(GPUError) {
        precondition(resources.count == layout.kinds.count, "a resource for each binding")
        self.device = device
        self.layout = layout
        self.resources = resources
        var arena = Arena()
        let sizes = layout.kinds.map { VkDescriptorPoolSize(type: $0.vulkan, descriptorCount: UInt32($0.count)) }
        var info = VkDescriptorPoolCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO
        info.maxSets = 1
        info.poolSizeCount = UInt32(sizes.count)
        info.pPoolSizes = arena.place(sizes)
        pool = try device.make("vkCreateDescriptorPool") {
            device.functions.createDescriptorPool(device.handle, &info, nil, &$0)
        }
        var allocation = VkDescriptorSetAllocateInfo()
        allocation.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO
        allocation.descriptorPool = pool
        allocation.descriptorSetCount = 1
        allocation.pSetLayouts = arena.place(Optional(layout.handle))
        var set: VkDescriptorSet?
        let result = device.functions.allocateDescriptorSets(device.handle, &allocation, &set)
        do throws(GPUError) {
            try check("vkAllocateDescriptorSets", result)
        } catch {
            device.retire(.bindingPool(pool))
            throw error
        }
        handle = set!
        write(&arena)
    }

    deinit { device.retire(.bindingPool(pool)) }

    private func write(_ arena: inout Arena) {
        var writes: [VkWriteDescriptorSet] = []
        for (index, resource) in resources.enumerated() {
            var write = VkWriteDescriptorSet()
            write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET
            write.dstSet = handle
            write.dstBinding = UInt32(index)
            write.descriptorType = layout.kinds[index].vulkan
            write.descriptorCount = UInt32(layout.kinds[index].count)
            switch resource {
            case .buffer(let buffer):
                write.pBufferInfo = arena.place(
                    VkDescriptorBufferInfo(buffer: buffer.handle, offset: 0, range: VkDeviceSize(buffer.byteCount)))
            case .storageImage(let image):
                write.pImageInfo = arena.place(
                    VkDescriptorImageInfo(sampler: nil, imageView: image.view, imageLayout: VK_IMAGE_LAYOUT_GENERAL))
            case .textures(let textures):
                write.pImageInfo = arena.place(
                    textures.map {
                        VkDescriptorImageInfo(
                            sampler: $0.sampler.handle, imageView: $0.image.view,
                            imageLayout: VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL)
                    })
            }
            writes.append(write)
        }
        device.functions.updateDescriptorSets(device.handle, UInt32(writes.count), writes, 0, nil)
    }
}
