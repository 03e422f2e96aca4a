// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Formats of images that we use.
package enum PixelFormat: Sendable, Hashable {
    /// Four bytes, 0 … 1, as they are.
    case rgba8
    /// Four bytes; colours are decoded from sRGB when sampled.
    case rgba8Srgb
    case rgba32Float
    case r32UInt
    /// Floating-point depth.
    case depth32

    package var byteCount: Int { self == .rgba32Float ? 16 : 4 }

    var vulkan: VkFormat {
        switch self {
        case .rgba8: VK_FORMAT_R8G8B8A8_UNORM
        case .rgba8Srgb: VK_FORMAT_R8G8B8A8_SRGB
        case .rgba32Float: VK_FORMAT_R32G32B32A32_SFLOAT
        case .r32UInt: VK_FORMAT_R32_UINT
        case .depth32: VK_FORMAT_D32_SFLOAT
        }
    }

    var aspect: UInt32 {
        self == .depth32 ? VK_IMAGE_ASPECT_DEPTH_BIT.rawValue : VK_IMAGE_ASPECT_COLOR_BIT.rawValue
    }
}
