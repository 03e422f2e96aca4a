// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Shaders with everything that they need to know in advance. Culling, front side, viewport and scissors are set by
/// commands.
package final class Pipeline {
    package enum VertexFormat: Sendable, Hashable {
        case ushort4, uint3, short2Normalized, float2, byte4Normalized

        var vulkan: VkFormat {
            switch self {
            case .ushort4: VK_FORMAT_R16G16B16A16_UINT
            case .uint3: VK_FORMAT_R32G32B32_UINT
            case .short2Normalized: VK_FORMAT_R16G16_SNORM
            case .float2: VK_FORMAT_R32G32_SFLOAT
            case .byte4Normalized: VK_FORMAT_R8G8B8A8_UNORM
            }
        }
    }

    package struct Attribute: Sendable, Hashable {
        package var location: Int
        /// Which of the bound buffers.
        package var binding: Int
        package var format: VertexFormat
        package var offset: Int

        package init(location: Int, binding: Int, format: VertexFormat, offset: Int) {
            self.location = location
            self.binding = binding
            self.format = format
            self.offset = offset
        }
    }

    package enum DepthTest: Sendable, Hashable { case greater, greaterOrEqual }

    package struct GraphicsOptions {
        /// Bytes from vertex to vertex of each bound buffer; 0: the same for all.
        package var strides: [Int] = []
        package var attributes: [Attribute] = []
        package var colorFormat: PixelFormat = .rgba8
        package var sampleCount = 1
        /// Colours that carry their alpha go over what is there.
        package var blends = false
        package var depthTest = DepthTest.greater
        package var writesDepth = true
        package init() {}
    }

    let device: Device
    let layout: PipelineLayout
    let handle: VkPipeline
    let bindPoint: VkPipelineBindPoint

    package init(
        _ device: Device, compute shader: Shader, layout: PipelineLayout, cache: PipelineCache
    ) throws(GPUError) {
        self.device = device
        self.layout = layout
        bindPoint = VK_PIPELINE_BIND_POINT_COMPUTE
        handle = try shader.withStage(VK_SHADER_STAGE_COMPUTE_BIT, on: device) { stage throws(GPUError) in
            var info = VkComputePipelineCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO
            info.stage = stage
            info.layout = layout.handle
            return try device.make("vkCreateComputePipelines") {
                device.functions.createComputePipelines(device.handle, cache.handle, 1, &info, nil, &$0)
            }
        }
    }

    package init(
        _ device: Device, vertex: Shader, fragment: Shader, layout: PipelineLayout, options: GraphicsOptions,
        cache: PipelineCache
    ) throws(GPUError) {
        self.device = device
        self.layout = layout
        bindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS
        handle = try vertex.withStage(VK_SHADER_STAGE_VERTEX_BIT, on: device) { vertex throws(GPUError) in
            try fragment.withStage(VK_SHADER_STAGE_FRAGMENT_BIT, on: device) { fragment throws(GPUError) in
                var arena = Arena()
                var info = options.info(&arena)
                info.stageCount = 2
                info.pStages = arena.place([vertex, fragment])
                info.layout = layout.handle
                return try device.make("vkCreateGraphicsPipelines") {
                    device.functions.createGraphicsPipelines(device.handle, cache.handle, 1, &info, nil, &$0)
                }
            }
        }
    }

    deinit { device.retire(.pipeline(handle)) }
}

extension Pipeline.GraphicsOptions {
    fileprivate func info(_ arena: inout Arena) -> VkGraphicsPipelineCreateInfo {
        var rendering = VkPipelineRenderingCreateInfo()
        rendering.sType = VK_STRUCTURE_TYPE_PIPELINE_RENDERING_CREATE_INFO
        rendering.colorAttachmentCount = 1
        rendering.pColorAttachmentFormats = arena.place(colorFormat.vulkan)
        rendering.depthAttachmentFormat = PixelFormat.depth32.vulkan
        var assembly = VkPipelineInputAssemblyStateCreateInfo()
        assembly.sType = VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO
        assembly.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST
        var viewport = VkPipelineViewportStateCreateInfo()
        viewport.sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO
        viewport.viewportCount = 1
        viewport.scissorCount = 1
        var rasterization = VkPipelineRasterizationStateCreateInfo()
        rasterization.sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO
        rasterization.lineWidth = 1
        var samples = VkPipelineMultisampleStateCreateInfo()
        samples.sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO
        samples.rasterizationSamples = VkSampleCountFlagBits(rawValue: UInt32(sampleCount))
        var depth = VkPipelineDepthStencilStateCreateInfo()
        depth.sType = VK_STRUCTURE_TYPE_PIPELINE_DEPTH_STENCIL_STATE_CREATE_INFO
        depth.depthTestEnable = 1
        depth.depthWriteEnable = writesDepth ? 1 : 0
        depth.depthCompareOp = depthTest == .greater ? VK_COMPARE_OP_GREATER : VK_COMPARE_OP_GREATER_OR_EQUAL
        var dynamic = VkPipelineDynamicStateCreateInfo()
        dynamic.sType = VK_STRUCTURE_TYPE_PIPELINE_DYNAMIC_STATE_CREATE_INFO
        let states = [
            VK_DYNAMIC_STATE_VIEWPORT, VK_DYNAMIC_STATE_SCISSOR, VK_DYNAMIC_STATE_CULL_MODE,
            VK_DYNAMIC_STATE_FRONT_FACE,
        ]
        dynamic.dynamicStateCount = UInt32(states.count)
        dynamic.pDynamicStates = arena.place(states)
        var info = VkGraphicsPipelineCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO
        info.pNext = UnsafeRawPointer(arena.place(rendering))
        info.pVertexInputState = vertexInput(&arena)
        info.pInputAssemblyState = arena.place(assembly)
        info.pViewportState = arena.place(viewport)
        info.pRasterizationState = arena.place(rasterization)
        info.pMultisampleState = arena.place(samples)
        info.pDepthStencilState = arena.place(depth)
        info.pColorBlendState = blending(&arena)
        info.pDynamicState = arena.place(dynamic)
        return info
    }

    private func vertexInput(_ arena: inout Arena) -> UnsafePointer<VkPipelineVertexInputStateCreateInfo> {
        var input = VkPipelineVertexInputStateCreateInfo()
        input.sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO
        input.vertexBindingDescriptionCount = UInt32(strides.count)
        input.pVertexBindingDescriptions = arena.place(
            strides.enumerated().map {
                VkVertexInputBindingDescription(
                    binding: UInt32($0), stride: UInt32($1), inputRate: VK_VERTEX_INPUT_RATE_VERTEX)
            })
        input.vertexAttributeDescriptionCount = UInt32(attributes.count)
        input.pVertexAttributeDescriptions = arena.place(
            attributes.map {
                VkVertexInputAttributeDescription(
                    location: UInt32($0.location), binding: UInt32($0.binding), format: $0.format.vulkan,
                    offset: UInt32($0.offset))
            })
        return arena.place(input)
    }

    private func blending(_ arena: inout Arena) -> UnsafePointer<VkPipelineColorBlendStateCreateInfo> {
        var attachment = VkPipelineColorBlendAttachmentState()
        attachment.colorWriteMask = 15
        attachment.blendEnable = blends ? 1 : 0
        attachment.srcColorBlendFactor = VK_BLEND_FACTOR_ONE
        attachment.dstColorBlendFactor = VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA
        attachment.srcAlphaBlendFactor = VK_BLEND_FACTOR_ONE
        attachment.dstAlphaBlendFactor = VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA
        var blending = VkPipelineColorBlendStateCreateInfo()
        blending.sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO
        blending.attachmentCount = 1
        blending.pAttachments = arena.place(attachment)
        return arena.place(blending)
    }
}
