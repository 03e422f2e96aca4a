// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// What a shader finds at the bindings 0, 1, … of a set.
package final class BindingLayout {
    package enum Kind: Sendable, Hashable {
        case uniforms, storage, storageImage
        /// Images with samplers, an array of this many.
        case textures(Int)
    }

    package let kinds: [Kind]
    let device: Device
    let handle: VkDescriptorSetLayout

    package init(_ device: Device, _ kinds: [Kind]) throws(GPUError) {
        self.device = device
        self.kinds = kinds
        var arena = Arena()
        let bindings = kinds.enumerated().map { index, kind in
            var binding = VkDescriptorSetLayoutBinding()
            binding.binding = UInt32(index)
            binding.descriptorType = kind.vulkan
            binding.descriptorCount = UInt32(kind.count)
            binding.stageFlags =
                VK_SHADER_STAGE_VERTEX_BIT.rawValue | VK_SHADER_STAGE_FRAGMENT_BIT.rawValue
                | VK_SHADER_STAGE_COMPUTE_BIT.rawValue
            return binding
        }
        var info = VkDescriptorSetLayoutCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO
        info.bindingCount = UInt32(bindings.count)
        info.pBindings = arena.place(bindings)
        handle = try device.make("vkCreateDescriptorSetLayout") {
            device.functions.createDescriptorSetLayout(device.handle, &info, nil, &$0)
        }
    }

    deinit { device.retire(.bindingLayout(handle)) }
}

extension BindingLayout.Kind {
    var vulkan: VkDescriptorType {
        switch self {
        case .uniforms: VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER
        case .storage: VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
        case .storageImage: VK_DESCRIPTOR_TYPE_STORAGE_IMAGE
        case .textures: VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER
        }
    }

    var count: Int {
        if case .textures(let count) = self { count } else { 1 }
    }
}

/// The layouts of a pipeline's sets, and bytes that commands can set directly.
package final class PipelineLayout {
    package let sets: [BindingLayout]
    package let pushByteCount: Int
    let device: Device
    let handle: VkPipelineLayout

    package init(_ device: Device, sets: [BindingLayout], pushByteCount: Int = 0) throws(GPUError) {
        self.device = device
        self.sets = sets
        self.pushByteCount = pushByteCount
        var arena = Arena()
        var info = VkPipelineLayoutCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO
        info.setLayoutCount = UInt32(sets.count)
        info.pSetLayouts = arena.place(sets.map { Optional($0.handle) })
        if pushByteCount > 0 {
            info.pushConstantRangeCount = 1
            info.pPushConstantRanges = arena.place(
                VkPushConstantRange(
                    stageFlags: VK_SHADER_STAGE_COMPUTE_BIT.rawValue, offset: 0, size: UInt32(pushByteCount)))
        }
        handle = try device.make("vkCreatePipelineLayout") {
            device.functions.createPipelineLayout(device.handle, &info, nil, &$0)
        }
    }

    deinit { device.retire(.pipelineLayout(handle)) }
}
