// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// How a texture is read between and outside its texels.
package final class Sampler {
    package enum Wrap: Sendable, Hashable { case `repeat`, mirroredRepeat, clampToEdge }

    package struct Options: Sendable, Hashable {
        package var wrapU: Wrap
        package var wrapV: Wrap
        package var isNearest: Bool
        /// Whether neighbouring levels are mixed.
        package var blendsLevels: Bool
        /// 1 for none; no more than the device can.
        package var anisotropy: Float

        package init(wrapU: Wrap, wrapV: Wrap, isNearest: Bool, blendsLevels: Bool = true, anisotropy: Float) {
            self.wrapU = wrapU
            self.wrapV = wrapV
            self.isNearest = isNearest
            self.blendsLevels = blendsLevels
            self.anisotropy = anisotropy
        }
    }

    let device: Device
    let handle: VkSampler

    package init(_ device: Device, _ options: Options) throws(GPUError) {
        self.device = device
        let filter = options.isNearest ? VK_FILTER_NEAREST : VK_FILTER_LINEAR
        let anisotropy = min(options.anisotropy, device.maximumAnisotropy)
        var info = VkSamplerCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO
        info.magFilter = filter
        info.minFilter = filter
        info.mipmapMode = options.blendsLevels ? VK_SAMPLER_MIPMAP_MODE_LINEAR : VK_SAMPLER_MIPMAP_MODE_NEAREST
        info.addressModeU = Sampler.mode(options.wrapU)
        info.addressModeV = Sampler.mode(options.wrapV)
        info.addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE
        info.anisotropyEnable = anisotropy > 1 && !options.isNearest ? 1 : 0
        info.maxAnisotropy = anisotropy
        info.maxLod = VK_LOD_CLAMP_NONE
        handle = try device.make("vkCreateSampler") {
            device.functions.createSampler(device.handle, &info, nil, &$0)
        }
    }

    deinit { device.retire(.sampler(handle)) }

    private static func mode(_ wrap: Wrap) -> VkSamplerAddressMode {
        switch wrap {
        case .repeat: VK_SAMPLER_ADDRESS_MODE_REPEAT
        case .mirroredRepeat: VK_SAMPLER_ADDRESS_MODE_MIRRORED_REPEAT
        case .clampToEdge: VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE
        }
    }
}
