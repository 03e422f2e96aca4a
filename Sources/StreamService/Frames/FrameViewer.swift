// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import FrameStreaming
import JSONCoding
import Logging
import StreamCore

/// The part of a viewer that the server draws for: checks what it says and passes it on to the `FrameService`, which
/// sends the frames.
struct FrameViewer {
    let number: Int
    let services: ViewerServices
    private var delivery = FrameDelivery.all
    private var threshold: Float?

    /// Frames come from now on.
    init(_ member: FrameMember, view: ViewUpdate, services: ViewerServices) {
        number = member.viewer
        self.services = services
        services.frames.enter(member, view: view)
    }

    func end() { services.frames.leave(number) }

    mutating func set(_ delivery: FrameDelivery) {
        guard delivery != self.delivery else { return }
        self.delivery = delivery
        services.frames.post(.event(.delivery(delivery)), of: number)
    }

    /// The largest error of frames, pixels; nil: what each view says.
    mutating func set(threshold: Float?) {
        guard threshold != self.threshold else { return }
        self.threshold = threshold
        services.frames.post(.event(.threshold(threshold)), of: number)
    }

    /// - Throws: `malformed` for pictures larger than this server draws.
    func take(_ view: ViewUpdate) throws(ServiceError) {
        try FrameViewer.checkSize(view.view, services.frames.configuration)
        services.frames.post(.view(view), of: number)
    }

    func take(_ hello: JSONValue) { services.frames.post(.hello(FrameHello(hello)), of: number) }

    func take(_ event: FrameEvent) { services.frames.post(.event(event), of: number) }

    func take(_ pick: Wire.Pick) { services.frames.post(.pick(pick), of: number) }

    func inspect(_ answer: @escaping @Sendable (JSONValue) -> Void) { services.frames.inspect(number, answer) }

    private static func checkSize(
        _ view: ViewState, _ configuration: RendererConfiguration
    ) throws(ServiceError) {
        let limit = configuration.pixelLimit
        guard Int(view.width) * Int(view.height) <= limit else {
            throw ServiceError(
                .malformed,
                "View.width, height: \(Int(view.width)) × \(Int(view.height)) pixels are more than this server draws "
                    + "(\(limit), renderer.pixelLimit)")
        }
    }
}
