// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Who touches buffers before or after a point of the commands.
package struct BufferAccess: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let copyWrite = BufferAccess(rawValue: 1)
    package static let copyRead = BufferAccess(rawValue: 2)
    /// Vertices, indices and indirect draws.
    package static let drawRead = BufferAccess(rawValue: 4)
    package static let shaderRead = BufferAccess(rawValue: 8)
    package static let shaderWrite = BufferAccess(rawValue: 16)
    /// By the CPU, after waiting.
    package static let hostRead = BufferAccess(rawValue: 32)

    var vulkan: (stages: UInt64, accesses: UInt64) {
        let shaders =
            VK_PIPELINE_STAGE_2_VERTEX_SHADER_BIT | VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT
            | VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT
        // All transfers: filling is one that is no copy.
        let bits: [(BufferAccess, UInt64, UInt64)] = [
            (.copyWrite, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT),
            (.copyRead, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_READ_BIT),
            (
                .drawRead, VK_PIPELINE_STAGE_2_VERTEX_INPUT_BIT | VK_PIPELINE_STAGE_2_DRAW_INDIRECT_BIT,
                VK_ACCESS_2_VERTEX_ATTRIBUTE_READ_BIT | VK_ACCESS_2_INDEX_READ_BIT
                    | VK_ACCESS_2_INDIRECT_COMMAND_READ_BIT
            ),
            (.shaderRead, shaders, VK_ACCESS_2_SHADER_STORAGE_READ_BIT | VK_ACCESS_2_UNIFORM_READ_BIT),
            (.shaderWrite, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT, VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT),
            (.hostRead, VK_PIPELINE_STAGE_2_HOST_BIT, VK_ACCESS_2_HOST_READ_BIT),
        ]
        return bits.reduce((0, 0)) { contains($1.0) ? ($0.0 | $1.1, $0.1 | $1.2) : $0 }
    }
}

/// What an image's pixels in a buffer are: rows top first without gaps.
package struct CopyRegion: Sendable {
    package var level: Int
    package var width: Int
    package var height: Int

    package init(level: Int = 0, width: Int, height: Int) {
        self.level = level
        self.width = width
        self.height = height
    }
}

extension Commands {
    /// Makes earlier accesses to buffers finish, and what they wrote visible, before later ones begin.
    package func barrier(from: BufferAccess, to: BufferAccess) {
        let (before, after) = (from.vulkan, to.vulkan)
        var barrier = VkMemoryBarrier2()
        barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2
        barrier.srcStageMask = before.stages
        barrier.srcAccessMask = before.accesses
        barrier.dstStageMask = after.stages
        barrier.dstAccessMask = after.accesses
        withUnsafePointer(to: &barrier) { barrier in
            var info = VkDependencyInfo()
            info.sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO
            info.memoryBarrierCount = 1
            info.pMemoryBarriers = barrier
            device.functions.cmdPipelineBarrier2(handle, &info)
        }
    }

    /// Readies an image for its next use, after all its earlier ones.
    ///
    /// - Parameter keepsContents: false where everything will be overwritten.
    package func transition(_ image: Image, to state: ImageState, keepsContents: Bool = true) {
        let (before, after) = (image.state.vulkan(image.format), state.vulkan(image.format))
        note(image)
        var barrier = VkImageMemoryBarrier2()
        barrier.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2
        barrier.srcStageMask = before.stages
        barrier.srcAccessMask = before.accesses
        barrier.dstStageMask = after.stages
        barrier.dstAccessMask = after.accesses
        barrier.oldLayout = keepsContents ? before.layout : VK_IMAGE_LAYOUT_UNDEFINED
        barrier.newLayout = after.layout
        barrier.srcQueueFamilyIndex = ~0
        barrier.dstQueueFamilyIndex = ~0
        barrier.image = image.handle
        barrier.subresourceRange = VkImageSubresourceRange(
            aspectMask: image.format.aspect, baseMipLevel: 0, levelCount: UInt32(image.levelCount),
            baseArrayLayer: 0, layerCount: 1)
        withUnsafePointer(to: &barrier) { barrier in
            var info = VkDependencyInfo()
            info.sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO
            info.imageMemoryBarrierCount = 1
            info.pImageMemoryBarriers = barrier
            device.functions.cmdPipelineBarrier2(handle, &info)
        }
        image.state = state
    }

    package func copy(
        _ source: Buffer, at sourceOffset: Int, to destination: Buffer, at offset: Int, byteCount: Int
    ) {
        var region = VkBufferCopy(
            srcOffset: VkDeviceSize(sourceOffset), dstOffset: VkDeviceSize(offset), size: VkDeviceSize(byteCount))
        device.functions.cmdCopyBuffer(handle, source.handle, destination.handle, 1, &region)
    }

    /// Sets bytes to a repeated word; offset and count are multiples of four.
    package func fill(_ buffer: Buffer, at offset: Int = 0, byteCount: Int, with word: UInt32) {
        device.functions.cmdFillBuffer(
            handle, buffer.handle, VkDeviceSize(offset), VkDeviceSize(byteCount), word)
    }

    /// Writes a level of an image that is `.copyDestination`.
    package func copy(_ source: Buffer, at offset: Int, to image: Image, _ region: CopyRegion) {
        var copy = bufferCopy(image, region, offset: offset)
        device.functions.cmdCopyBufferToImage(
            handle, source.handle, image.handle, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &copy)
    }

    /// Reads the upper left part of a level of an image that is `.copySource`.
    package func copy(_ image: Image, _ region: CopyRegion, to destination: Buffer, at offset: Int) {
        var copy = bufferCopy(image, region, offset: offset)
        device.functions.cmdCopyImageToBuffer(
            handle, image.handle, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, destination.handle, 1, &copy)
    }

    /// Copies a whole level to one of the same size; the images are `.copySource` and `.copyDestination`.
    package func copy(_ source: Image, level: Int, to destination: Image, level destinationLevel: Int) {
        let size = source.size(ofLevel: level)
        var copy = VkImageCopy()
        copy.srcSubresource = layers(source, level)
        copy.dstSubresource = layers(destination, destinationLevel)
        copy.extent = VkExtent3D(width: UInt32(size.width), height: UInt32(size.height), depth: 1)
        device.functions.cmdCopyImage(
            handle, source.handle, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, destination.handle,
            VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &copy)
    }

    /// Forgets the times noted before; once before `writeTimestamp`.
    package func reset(_ timestamps: TimestampPool) {
        device.functions.cmdResetQueryPool(handle, timestamps.handle, 0, UInt32(timestamps.count))
    }

    /// Notes when everything recorded before is done.
    package func writeTimestamp(_ timestamps: TimestampPool, _ index: Int) {
        device.functions.cmdWriteTimestamp2(
            handle, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, timestamps.handle, UInt32(index))
    }

    private func bufferCopy(_ image: Image, _ region: CopyRegion, offset: Int) -> VkBufferImageCopy {
        var copy = VkBufferImageCopy()
        copy.bufferOffset = VkDeviceSize(offset)
        copy.imageSubresource = layers(image, region.level)
        copy.imageExtent = VkExtent3D(width: UInt32(region.width), height: UInt32(region.height), depth: 1)
        return copy
    }

    private func layers(_ image: Image, _ level: Int) -> VkImageSubresourceLayers {
        VkImageSubresourceLayers(
            aspectMask: image.format.aspect, mipLevel: UInt32(level), baseArrayLayer: 0, layerCount: 1)
    }
}
