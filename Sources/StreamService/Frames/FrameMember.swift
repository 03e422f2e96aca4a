// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import FrameStreaming
import JSONCoding
import Logging
import StreamCore

/// A viewer that wants frames, as the render thread knows it.
struct FrameMember: Sendable {
    let viewer: Int
    let model: ServedModel
    /// Who may only look gets coarse depths and picks, and no parts.
    let rights: Set<Right>
    let connection: any ViewerConnection
    let log: Logger
    /// As far as it is known when it enters.
    let hello: FrameHello
    /// Somebody has to choose another path, should this one not do; nobody else will.
    let takesAdvice: Bool
}

/// What a viewer of the server path says.
enum FrameInput: Sendable {
    case hello(FrameHello)
    case view(ViewUpdate)
    case pick(Wire.Pick)
    /// What only the scheduler needs to know.
    case event(FrameEvent)
}

/// What the server needs of a viewer's Hello. What is missing or nonsense has its default.
struct FrameHello: Equatable, Sendable {
    /// sRGB, 0 … 1.
    var backgroundTop = ViewerBackground.light.top
    var backgroundBottom = ViewerBackground.light.bottom

    init() {}

    init(_ json: JSONValue) {
        if case .array(let colors)? = json["background"], colors.count == 2 {
            backgroundTop = colors[0].text.flatMap(FrameHello.color) ?? backgroundTop
            backgroundBottom = colors[1].text.flatMap(FrameHello.color) ?? backgroundBottom
        }
    }

    /// "rrggbb,rrggbb", as in addresses: top and bottom.
    static func background(_ text: String) -> (top: SIMD3<Float>, bottom: SIMD3<Float>)? {
        let colors = text.split(separator: ",").map { color("#" + $0) }
        guard colors.count == 2, let top = colors[0], let bottom = colors[1] else { return nil }
        return (top, bottom)
    }

    /// `#rrggbb`.
    static func color(_ text: String) -> SIMD3<Float>? {
        guard text.utf8.count == 7, text.first == "#", let value = UInt32(text.dropFirst(), radix: 16) else {
            return nil
        }
        return SIMD3(Float(value >> 16), Float(value >> 8 & 255), Float(value & 255)) / 255
    }
}
