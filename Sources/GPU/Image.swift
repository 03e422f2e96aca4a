// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// What an image is used for.
package struct ImageUsage: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let target = ImageUsage(rawValue: 1)
    package static let sampled = ImageUsage(rawValue: 2)
    package static let storage = ImageUsage(rawValue: 4)
    package static let copySource = ImageUsage(rawValue: 8)
    package static let copyDestination = ImageUsage(rawValue: 16)

    func vulkan(_ format: PixelFormat) -> UInt32 {
        let target =
            format == .depth32
            ? VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT : VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT
        let bits: [(ImageUsage, VkImageUsageFlagBits)] = [
            (.target, target), (.sampled, VK_IMAGE_USAGE_SAMPLED_BIT), (.storage, VK_IMAGE_USAGE_STORAGE_BIT),
            (.copySource, VK_IMAGE_USAGE_TRANSFER_SRC_BIT), (.copyDestination, VK_IMAGE_USAGE_TRANSFER_DST_BIT),
        ]
        return bits.reduce(0) { contains($1.0) ? $0 | $1.1.rawValue : $0 }
    }
}

/// What the device does with an image at a point of its commands.
package enum ImageState: Sendable {
    /// Its contents are lost.
    case undefined
    /// Drawn into.
    case target
    /// Read by shaders through a sampler.
    case sampled
    /// Read and written by compute shaders.
    case storage
    case copySource, copyDestination
}

/// Pixels on the device, with as many levels as asked for. Let go of it at any time: it is destroyed when the device is
/// done with it. Its state follows the commands in the order they are recorded, which is the order they are submitted
/// in.
package final class Image {
    package let format: PixelFormat
    package let width: Int
    package let height: Int
    package let levelCount: Int
    package let sampleCount: Int
    package let byteCount: Int
    let device: Device
    let handle: VkImage
    let view: VkImageView
    private let memory: MemoryRange
    var state = ImageState.undefined

    /// - Throws: `.outOfMemory`, also when the device's budget would be exceeded; `.deviceLost`.
    package init(
        _ device: Device, format: PixelFormat, width: Int, height: Int, levelCount: Int = 1, sampleCount: Int = 1,
        usage: ImageUsage
    ) throws(GPUError) {
        self.device = device
        self.format = format
        self.width = width
        self.height = height
        self.levelCount = levelCount
        self.sampleCount = sampleCount
        var info = VkImageCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO
        info.imageType = VK_IMAGE_TYPE_2D
        info.format = format.vulkan
        info.extent = VkExtent3D(width: UInt32(width), height: UInt32(height), depth: 1)
        info.mipLevels = UInt32(levelCount)
        info.arrayLayers = 1
        info.samples = VkSampleCountFlagBits(rawValue: UInt32(sampleCount))
        info.tiling = VK_IMAGE_TILING_OPTIMAL
        info.usage = usage.vulkan(format)
        let image = try device.make("vkCreateImage") { device.functions.createImage(device.handle, &info, nil, &$0) }
        var requirements = VkMemoryRequirements()
        device.functions.getImageMemoryRequirements(device.handle, image, &requirements)
        byteCount = Int(requirements.size)
        var piece: MemoryRange?
        do throws(GPUError) {
            let allocated = try device.allocate(requirements, .device, isForImages: true)
            piece = allocated
            try check(
                "vkBindImageMemory",
                device.functions.bindImageMemory(
                    device.handle, image, allocated.block.handle, VkDeviceSize(allocated.range.lowerBound)))
            var viewInfo = VkImageViewCreateInfo()
            viewInfo.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO
            viewInfo.image = image
            viewInfo.viewType = VK_IMAGE_VIEW_TYPE_2D
            viewInfo.format = format.vulkan
            viewInfo.subresourceRange = VkImageSubresourceRange(
                aspectMask: format.aspect, baseMipLevel: 0, levelCount: UInt32(levelCount), baseArrayLayer: 0,
                layerCount: 1)
            view = try device.make("vkCreateImageView") {
                device.functions.createImageView(device.handle, &viewInfo, nil, &$0)
            }
        } catch {
            device.retire(.image(image, views: [], piece))
            throw error
        }
        handle = image
        memory = piece!
    }

    deinit { device.retire(.image(handle, views: [view], memory)) }

    /// Width and height of a level.
    package func size(ofLevel level: Int) -> (width: Int, height: Int) {
        (max(1, width >> level), max(1, height >> level))
    }
}

extension ImageState {
    /// How the device must see the image: layout, stages and accesses.
    func vulkan(_ format: PixelFormat) -> (layout: VkImageLayout, stages: UInt64, accesses: UInt64) {
        let color = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT
        let colorAccess = VK_ACCESS_2_COLOR_ATTACHMENT_READ_BIT | VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT
        let depth = VK_PIPELINE_STAGE_2_EARLY_FRAGMENT_TESTS_BIT | VK_PIPELINE_STAGE_2_LATE_FRAGMENT_TESTS_BIT
        let depthAccess =
            VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_READ_BIT | VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT
        switch self {
        case .undefined: return (VK_IMAGE_LAYOUT_UNDEFINED, VK_PIPELINE_STAGE_2_NONE, VK_ACCESS_2_NONE)
        // Depth is resolved in the stage and with the accesses of colours.
        case .target where format == .depth32:
            return (VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL, depth | color, depthAccess | colorAccess)
        case .target: return (VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL, color, colorAccess)
        case .sampled:
            return (
                VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL,
                VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT | VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT,
                VK_ACCESS_2_SHADER_SAMPLED_READ_BIT
            )
        case .storage:
            return (
                VK_IMAGE_LAYOUT_GENERAL, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT,
                VK_ACCESS_2_SHADER_STORAGE_READ_BIT | VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT
            )
        case .copySource:
            return (
                VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_READ_BIT
            )
        case .copyDestination:
            return (
                VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT
            )
        }
    }
}
