// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import Rendering
import StreamCore

extension FrameRequest {
    /// What the scheduler orders.
    ///
    /// - Parameter usesPlanes: the device converts what moves to the planes of a JPEG with halved chroma.
    init(_ order: FrameOrder, background: Background, usesPlanes: Bool) {
        self.init(view: order.view)
        viewer = order.viewer
        thresholdPixels = Double(order.thresholdPixels)
        targetMilliseconds = order.targetMilliseconds
        sampleCount = order.sampleCount
        accumulation = order.accumulation
        passes = order.passes
        self.background = background
        needsIdentities = order.needsIdentities
        needsPlanes = usesPlanes && order.purpose == .moving && order.chroma == .half
        if order.depthColumns > 0 { depthGrid = GridSize(columns: order.depthColumns, rows: order.depthRows) }
    }

    /// A single picture, as good as it can be.
    ///
    /// - Parameter isCPU: the device is the processor: smooth edges have to do.
    init(_ request: PictureRequest, view: ViewState, viewer: Int, isCPU: Bool) {
        self.init(view: view)
        self.viewer = viewer
        isSecondary = true
        thresholdPixels = request.thresholdPixels
        sampleCount = 4
        accumulation = isCPU ? 1 : 8
        switch request.background {
        case .light: background = .light
        case .dark: background = .dark
        case .transparent: background = .transparent
        }
    }
}

extension Background {
    /// The viewer's own, so that it can paint what lies outside a frame.
    init(_ hello: FrameHello) { self = .gradient(top: hello.backgroundTop, bottom: hello.backgroundBottom) }
}
