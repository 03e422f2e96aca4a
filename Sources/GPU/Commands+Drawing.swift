// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Where a picture is drawn; all images are `.target`.
package struct RenderTarget {
    package var color: Image
    /// What colour is cleared to; floating point or, for integer formats, its bits.
    package var clearColor: SIMD4<Float>
    /// Gets the mean of a multisampled `color`, which is not kept then.
    package var resolvedColor: Image?
    package var depth: Image
    /// Gets one sample of a multisampled `depth`.
    package var resolvedDepth: Image?
    /// Whether `depth` is read afterwards.
    package var keepsDepth: Bool
    package var width: Int
    package var height: Int
    /// The picture of which this is a part: its size, and where the part begins in it, pixels; nil: this is all of it.
    /// What is drawn lands on the same pixels as if the whole picture were the target.
    package var picture: Viewport?

    package struct Viewport: Equatable, Sendable {
        package var left: Int
        package var top: Int
        package var width: Int
        package var height: Int

        package init(left: Int, top: Int, width: Int, height: Int) {
            self.left = left
            self.top = top
            self.width = width
            self.height = height
        }
    }

    package init(
        color: Image, clearColor: SIMD4<Float> = .zero, resolvedColor: Image? = nil, depth: Image,
        resolvedDepth: Image? = nil, keepsDepth: Bool = false, width: Int, height: Int, picture: Viewport? = nil
    ) {
        self.color = color
        self.clearColor = clearColor
        self.resolvedColor = resolvedColor
        self.depth = depth
        self.resolvedDepth = resolvedDepth
        self.keepsDepth = keepsDepth
        self.width = width
        self.height = height
        self.picture = picture
    }
}

package enum CullMode: Sendable, Hashable { case none, front, back }

/// A draw in memory, as the device reads it.
package struct IndirectDraw: BitwiseCopyable, Sendable {
    package var indexCount: UInt32
    package var instanceCount: UInt32
    package var firstIndex: UInt32
    package var vertexOffset: Int32
    package var firstInstance: UInt32

    package init(
        indexCount: UInt32, instanceCount: UInt32, firstIndex: UInt32, vertexOffset: Int32, firstInstance: UInt32
    ) {
        self.indexCount = indexCount
        self.instanceCount = instanceCount
        self.firstIndex = firstIndex
        self.vertexOffset = vertexOffset
        self.firstInstance = firstInstance
    }
}

extension Commands {
    /// Clears the target and draws into it until `endRendering`. Depth is cleared to 0, which is far away.
    package func beginRendering(_ target: RenderTarget) {
        var arena = Arena()
        var color = VkRenderingAttachmentInfo()
        color.sType = VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO
        color.imageView = target.color.view
        color.imageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL
        color.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR
        color.storeOp = target.resolvedColor == nil ? VK_ATTACHMENT_STORE_OP_STORE : VK_ATTACHMENT_STORE_OP_DONT_CARE
        let clear = target.clearColor
        color.clearValue.color.float32 = (clear.x, clear.y, clear.z, clear.w)
        if let resolved = target.resolvedColor {
            color.resolveMode = VK_RESOLVE_MODE_AVERAGE_BIT
            color.resolveImageView = resolved.view
            color.resolveImageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL
        }
        var depth = VkRenderingAttachmentInfo()
        depth.sType = VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO
        depth.imageView = target.depth.view
        depth.imageLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL
        depth.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR
        depth.storeOp = target.keepsDepth ? VK_ATTACHMENT_STORE_OP_STORE : VK_ATTACHMENT_STORE_OP_DONT_CARE
        depth.clearValue = VkClearValue(depthStencil: VkClearDepthStencilValue(depth: 0, stencil: 0))
        if let resolved = target.resolvedDepth {
            depth.resolveMode = VK_RESOLVE_MODE_SAMPLE_ZERO_BIT
            depth.resolveImageView = resolved.view
            depth.resolveImageLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL
        }
        let area = VkRect2D(
            offset: VkOffset2D(x: 0, y: 0),
            extent: VkExtent2D(width: UInt32(target.width), height: UInt32(target.height)))
        var info = VkRenderingInfo()
        info.sType = VK_STRUCTURE_TYPE_RENDERING_INFO
        info.renderArea = area
        info.layerCount = 1
        info.colorAttachmentCount = 1
        info.pColorAttachments = arena.place(color)
        info.pDepthAttachment = arena.place(depth)
        device.functions.cmdBeginRendering(handle, &info)
        let picture =
            target.picture ?? RenderTarget.Viewport(left: 0, top: 0, width: target.width, height: target.height)
        var viewport = VkViewport(
            x: -Float(picture.left), y: -Float(picture.top), width: Float(picture.width),
            height: Float(picture.height), minDepth: 0, maxDepth: 1)
        var scissor = area
        device.functions.cmdSetViewport(handle, 0, 1, &viewport)
        device.functions.cmdSetScissor(handle, 0, 1, &scissor)
    }

    package func endRendering() { device.functions.cmdEndRendering(handle) }

    package func bind(_ pipeline: Pipeline) {
        device.functions.cmdBindPipeline(handle, pipeline.bindPoint, pipeline.handle)
    }

    /// Binds a set for pipelines of a layout.
    package func bind(_ set: BindingSet, at index: Int, of pipeline: Pipeline) {
        var set: VkDescriptorSet? = set.handle
        device.functions.cmdBindDescriptorSets(
            handle, pipeline.bindPoint, pipeline.layout.handle, UInt32(index), 1, &set, 0, nil)
    }

    package func bindVertices(_ buffers: [Buffer]) {
        let handles = buffers.map { Optional($0.handle) }
        let offsets = [VkDeviceSize](repeating: 0, count: buffers.count)
        device.functions.cmdBindVertexBuffers(handle, 0, UInt32(handles.count), handles, offsets)
    }

    /// 32-bit indices.
    package func bindIndices(_ buffer: Buffer) {
        device.functions.cmdBindIndexBuffer(handle, buffer.handle, 0, VK_INDEX_TYPE_UINT32)
    }

    /// - Parameter isMirrored: fronts are clockwise in the picture.
    package func setSides(_ culled: CullMode, isMirrored: Bool) {
        let mode =
            switch culled {
            case .none: VK_CULL_MODE_NONE
            case .front: VK_CULL_MODE_FRONT_BIT
            case .back: VK_CULL_MODE_BACK_BIT
            }
        device.functions.cmdSetCullMode(handle, mode.rawValue)
        device.functions.cmdSetFrontFace(
            handle, isMirrored ? VK_FRONT_FACE_CLOCKWISE : VK_FRONT_FACE_COUNTER_CLOCKWISE)
    }

    package func draw(vertexCount: Int) {
        device.functions.cmdDraw(handle, UInt32(vertexCount), 1, 0, 0)
    }

    package func draw(_ draw: IndirectDraw) {
        device.functions.cmdDrawIndexed(
            handle, draw.indexCount, draw.instanceCount, draw.firstIndex, draw.vertexOffset, draw.firstInstance)
    }

    /// Draws what a buffer says, `count` times from the draw number `first` on.
    package func drawIndirect(_ buffer: Buffer, first: Int, count: Int) {
        let stride = MemoryLayout<IndirectDraw>.stride
        device.functions.cmdDrawIndexedIndirect(
            handle, buffer.handle, VkDeviceSize(first * stride), UInt32(count), UInt32(stride))
    }

    package func push<Value: BitwiseCopyable>(_ values: [Value], to pipeline: Pipeline) {
        values.withUnsafeBytes {
            device.functions.cmdPushConstants(
                handle, pipeline.layout.handle, VK_SHADER_STAGE_COMPUTE_BIT.rawValue, 0, UInt32($0.count),
                $0.baseAddress)
        }
    }

    package func dispatch(_ x: Int, _ y: Int) {
        device.functions.cmdDispatch(handle, UInt32(x), UInt32(y), 1)
    }
}
