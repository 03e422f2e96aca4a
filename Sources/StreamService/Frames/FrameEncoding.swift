// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import ImageCoding
import Rendering
import StreamCore

/// A finished drawing, lent to an encoder: the render thread releases it when the encoder says that it is done.
struct LentFrame: @unchecked Sendable {
    let frame: RenderedFrame

    init(_ frame: RenderedFrame) { self.frame = frame }
}

/// What the encoders' threads do: pixels to bytes. No state.
enum FrameEncoding {
    /// JPEG blocks with halved chroma.
    private static let blockSize = 16
    /// The identity map has one pixel for so many of the picture in each direction.
    private static let identityStep = 2

    static func encode(_ order: FrameOrder, _ lent: LentFrame, _ drawing: Int, _ encoder: FrameEncoder?)
        -> EncodedFrame
    {
        let start = ContinuousClock.now
        let frame = lent.frame
        let rectangle = frame.contentRectangle.aligned(to: blockSize, width: frame.width, height: frame.height)
        var payload: [UInt8]? = []
        if !rectangle.isEmpty {
            payload = compress(order, FramePixels(frame).cropped(rectangle), encoder)
        }
        let content = payload.map { payload in
            EncodedFrame.Content(
                rectangle: rectangle, payload: FramePayload(payload), depthGrid: depthGrid(order, frame),
                identities: identities(order, frame),
                pixels: [.still, .refined].contains(order.purpose) ? KeptPixels(frame, rectangle) : nil,
                drawSeconds: (frame.drawMilliseconds + frame.readbackMilliseconds) / 1000,
                triangleCount: frame.triangleCount, thresholdPixels: frame.thresholdPixels)
        }
        return EncodedFrame(order: order, drawing: drawing, content: content, seconds: seconds(since: start))
    }

    /// Encodes what an earlier frame of the same view drew.
    static func encode(_ order: FrameOrder, _ kept: KeptPixels, _ encoder: FrameEncoder?) -> EncodedFrame {
        let start = ContinuousClock.now
        let (width, height) = (kept.rectangle.width, kept.rectangle.height)
        let payload: [UInt8]? =
            kept.rectangle.isEmpty
            ? []
            : unsafe kept.pixels.withUnsafeBytes { bytes in
                let pixels = unsafe FramePixels(
                    base: bytes.baseAddress!, width: width, height: height, bytesPerRow: 4 * width)
                return compress(order, pixels, encoder)
            }
        let content = payload.map { payload in
            EncodedFrame.Content(
                rectangle: kept.rectangle, payload: FramePayload(payload), depthGrid: nil, identities: nil, pixels: nil,
                drawSeconds: 0, triangleCount: kept.triangleCount, thresholdPixels: kept.thresholdPixels)
        }
        return EncodedFrame(order: order, drawing: nil, content: content, seconds: seconds(since: start))
    }

    static func encode(_ request: PictureRequest, _ lent: LentFrame, _ encoder: FrameEncoder?)
        -> Result<Picture, ServiceError>
    {
        let frame = lent.frame
        let pixels = FramePixels(frame)
        do {
            let bytes =
                switch request.format {
                case .png: try FrameEncoder.png(pixels, hasAlpha: request.background == .transparent)
                case .jpeg:
                    try (encoder ?? FrameEncoder()).jpeg(
                        pixels, quality: request.quality, subsampling: request.quality >= 85 ? .s444 : .s420)
                }
            return .success(
                Picture(
                    bytes: bytes, triangleCount: frame.triangleCount, thresholdPixels: frame.thresholdPixels,
                    isComplete: frame.isComplete))
        } catch {
            return .failure(ServiceError(.failed, "the picture was not encoded: \(error)"))
        }
    }

    private static func compress(_ order: FrameOrder, _ pixels: FramePixels, _ encoder: FrameEncoder?) -> [UInt8]? {
        if order.isLossless { return try? FrameEncoder.png(pixels) }
        return try? encoder?.jpeg(
            pixels, quality: order.quality, subsampling: order.chroma == .full ? .s444 : .s420)
    }

    private static func depthGrid(_ order: FrameOrder, _ frame: RenderedFrame) -> DepthGrid? {
        guard order.depthColumns > 0, frame.depthGrid.count == order.depthColumns * order.depthRows else { return nil }
        var isPerspective = true
        if case .orthographic = order.view.projection { isPerspective = false }
        let grid = DepthGrid(
            depths: frame.depthGrid, columns: order.depthColumns, rows: order.depthRows, isPerspective: isPerspective)
        // Without any surface there is nothing to bend.
        return grid.near > 0 ? grid : nil
    }

    private static func identities(_ order: FrameOrder, _ frame: RenderedFrame) -> IdentityRuns? {
        guard order.needsIdentities, !(unsafe frame.identities.isEmpty) else { return nil }
        // The device writes tree nodes plus one; 0 is the background.
        return unsafe frame.identities.withMemoryRebound(to: UInt32.self) { words in
            IdentityRuns(
                unsafe Span(_unsafeElements: words), width: frame.width, height: frame.height, background: 0,
                step: identityStep,
                offset: 1)
        }
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start).inSeconds
    }
}

extension FramePixels {
    /// All of a finished drawing.
    fileprivate init(_ frame: RenderedFrame) {
        unsafe self.init(
            base: frame.pixels.baseAddress!, width: frame.width, height: frame.height, bytesPerRow: 4 * frame.width)
    }

    fileprivate func cropped(_ rectangle: PixelRectangle) -> FramePixels {
        cropped(left: rectangle.left, top: rectangle.top, width: rectangle.width, height: rectangle.height)
    }
}

extension KeptPixels {
    fileprivate convenience init(_ frame: RenderedFrame, _ rectangle: PixelRectangle) {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(4 * rectangle.area)
        for row in rectangle.top..<rectangle.bottom {
            let start = 4 * (row * frame.width + rectangle.left)
            unsafe pixels.append(contentsOf: frame.pixels[start..<start + 4 * rectangle.width])
        }
        self.init(
            rectangle, pixels, triangleCount: frame.triangleCount, thresholdPixels: frame.thresholdPixels)
    }
}
