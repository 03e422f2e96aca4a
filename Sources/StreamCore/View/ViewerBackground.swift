// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What viewers show behind models unless they say otherwise, encoded sRGB, 0 … 1. The browser's own numbers are in
/// `background-colors.js`, the curve between them in `Shaders/common/background.glsl`.
package struct ViewerBackground: Sendable {
    package let top: Float3
    package let bottom: Float3

    package static let light = ViewerBackground(
        top: Float3(0xf1, 0xf4, 0xf7) / 255, bottom: Float3(0xcc, 0xd4, 0xdd) / 255)
    package static let dark = ViewerBackground(
        top: Float3(0x4a, 0x52, 0x5c) / 255, bottom: Float3(0x1f, 0x23, 0x29) / 255)
}
