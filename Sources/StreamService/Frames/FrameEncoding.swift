// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import ImageCoding
import Rendering
import StreamCore
import Transport

/// A finished drawing, lent to an encoder: the render thread releases it when the encoder says that it is done.
struct LentFrame: @unchecked Sendable {
    let frame: RenderedFrame

    init(_ frame: RenderedFrame) { self.frame = frame }
}

/// The pixels of a single picture, RGBA rows without gaps, and what is said about it.
struct DrawnPicture: Sendable {
    let pixels: [UInt8]
    let width: Int
    let height: Int
    let triangleCount: Int
    let thresholdPixels: Float
    let isComplete: Bool

    init(_ picture: TiledPicture) {
        (pixels, width, height) = (picture.pixels, picture.width, picture.height)
        (triangleCount, thresholdPixels) = (picture.triangleCount, picture.thresholdPixels)
        isComplete = picture.isComplete
    }
}

/// What the encoders' threads do: pixels to bytes. No state.
enum FrameEncoding {
    /// JPEG blocks with halved chroma.
    private static let blockSize = 16
    /// The identity map has one pixel for so many of the picture in each direction.
    private static let identityStep = 2

    /// Encodes a finished drawing.
    ///
    /// - Parameter previous: what the viewer shows of the same camera; nil: something else.
    static func encode(
        _ order: FrameOrder, _ lent: LentFrame, _ drawing: Int, after previous: PreviousPicture?,
        _ encoder: FrameEncoder?
    ) -> EncodedFrame {
        let start = ContinuousClock.now
        let frame = lent.frame
        let content = frame.contentRectangle.aligned(to: blockSize, width: frame.width, height: frame.height)
        var kept: KeptPixels?
        var image = SentImage(rectangle: content, isWhole: true)
        if let kind = RestingPicture.Kind(order.purpose) {
            let prints = TilePrints(frame)
            image = SentImage(prints, kind, content: content, after: previous)
            if kind != .lossless { kept = KeptPixels(frame, content.union(image.covered), prints) }
        }
        var payload: [UInt8]? = []
        if !image.rectangle.isEmpty { payload = compress(order, frame, image.rectangle, encoder) }
        let encoded = payload.map { payload in
            EncodedFrame.Content(
                rectangle: image.rectangle, isWhole: image.isWhole, resting: image.resting,
                payload: SharedBytes(payload), depthGrid: depthGrid(order, frame),
                identities: identities(order, frame),
                drawSeconds: (frame.drawMilliseconds + frame.readbackMilliseconds) / 1000,
                triangleCount: frame.triangleCount, thresholdPixels: frame.thresholdPixels)
        }
        return EncodedFrame(
            order: order, drawing: drawing, content: image.isUnchanged ? nil : encoded,
            seconds: seconds(since: start), pixels: kept, isUnchanged: image.isUnchanged)
    }

    /// Encodes what an earlier frame of the same view drew.
    static func encode(
        _ order: FrameOrder, _ kept: KeptPixels, after previous: PreviousPicture?, _ encoder: FrameEncoder?
    ) -> EncodedFrame {
        let start = ContinuousClock.now
        var image = SentImage(kept.prints, .lossless, content: kept.rectangle, after: previous)
        // Of what lies outside no pixels were kept.
        if image.rectangle.union(kept.rectangle) != kept.rectangle {
            image = SentImage(
                kept.prints, .lossless, content: kept.rectangle,
                after: previous.map { PreviousPicture(picture: $0.picture, isShown: false) })
        }
        let rectangle = image.rectangle
        let payload: [UInt8]? =
            rectangle.isEmpty
            ? []
            : unsafe kept.pixels.withUnsafeBytes { bytes in
                let pixels = unsafe FramePixels(
                    base: bytes.baseAddress!, width: kept.rectangle.width, height: kept.rectangle.height,
                    bytesPerRow: 4 * kept.rectangle.width)
                return try? FrameEncoder.png(
                    pixels.cropped(
                        left: rectangle.left - kept.rectangle.left, top: rectangle.top - kept.rectangle.top,
                        width: rectangle.width, height: rectangle.height))
            }
        let content = payload.map { payload in
            EncodedFrame.Content(
                rectangle: rectangle, isWhole: image.isWhole, resting: image.resting, payload: SharedBytes(payload),
                depthGrid: nil, identities: nil, drawSeconds: 0, triangleCount: kept.triangleCount,
                thresholdPixels: kept.thresholdPixels)
        }
        return EncodedFrame(
            order: order, drawing: nil, content: image.isUnchanged ? nil : content, seconds: seconds(since: start),
            isUnchanged: image.isUnchanged)
    }

    /// Encodes a single picture.
    static func encode(_ request: PictureRequest, _ drawn: DrawnPicture) -> Result<Picture, ServiceError> {
        do {
            let bytes = try unsafe drawn.pixels.withUnsafeBytes { bytes in
                let pixels = unsafe FramePixels(
                    base: bytes.baseAddress!, width: drawn.width, height: drawn.height, bytesPerRow: 4 * drawn.width)
                return switch request.format {
                case .png: try FrameEncoder.png(pixels, hasAlpha: request.background == .transparent)
                case .jpeg:
                    try FrameEncoder().jpeg(
                        pixels, quality: request.quality, subsampling: request.quality >= 85 ? .s444 : .s420)
                }
            }
            return .success(
                Picture(
                    bytes: bytes, triangleCount: drawn.triangleCount, thresholdPixels: drawn.thresholdPixels,
                    isComplete: drawn.isComplete))
        } catch {
            return .failure(ServiceError(.failed, "the picture was not encoded: \(error)"))
        }
    }

    private static func compress(
        _ order: FrameOrder, _ frame: RenderedFrame, _ rectangle: PixelRectangle, _ encoder: FrameEncoder?
    ) -> [UInt8]? {
        if let planes = frame.planes {
            return try? encoder?.jpeg(FramePlanes(planes, of: frame).cropped(rectangle), quality: order.quality)
        }
        let pixels = FramePixels(frame).cropped(rectangle)
        if order.isLossless { return try? FrameEncoder.png(pixels) }
        return try? encoder?.jpeg(
            pixels, quality: order.quality, subsampling: order.chroma == .full ? .s444 : .s420)
    }

    private static func depthGrid(_ order: FrameOrder, _ frame: RenderedFrame) -> DepthGrid? {
        guard order.depthColumns > 0 else { return nil }
        let depths = frame.depthGrid
        guard depths.count == order.depthColumns * order.depthRows else { return nil }
        var isPerspective = true
        if case .orthographic = order.view.projection { isPerspective = false }
        let grid = DepthGrid(
            depths: depths, columns: order.depthColumns, rows: order.depthRows, isPerspective: isPerspective)
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

extension FramePlanes {
    fileprivate init(_ planes: PicturePlanes, of frame: RenderedFrame) {
        func bytes(_ plane: UnsafeRawBufferPointer) -> UnsafePointer<UInt8> {
            unsafe plane.baseAddress!.assumingMemoryBound(to: UInt8.self)
        }
        unsafe self.init(
            luma: bytes(planes.luma), blue: bytes(planes.blue), red: bytes(planes.red), width: frame.width,
            height: frame.height, lumaBytesPerRow: planes.lumaStride, chromaBytesPerRow: planes.chromaStride)
    }

    fileprivate func cropped(_ rectangle: PixelRectangle) -> FramePlanes {
        cropped(left: rectangle.left, top: rectangle.top, width: rectangle.width, height: rectangle.height)
    }
}

extension TilePrints {
    /// Of all of a finished drawing.
    fileprivate init(_ frame: RenderedFrame) {
        let words = unsafe frame.pixels.bindMemory(to: UInt32.self)
        unsafe self.init(Span(_unsafeElements: words), width: frame.width, height: frame.height)
    }
}

extension RestingPicture.Kind {
    /// nil: the camera moves.
    fileprivate init?(_ purpose: FramePurpose) {
        switch purpose {
        case .still: self = .still
        case .refined: self = .refined
        case .lossless: self = .lossless
        case .moving, .pick: return nil
        }
    }
}

/// Which part of a picture is sent.
private struct SentImage {
    var rectangle: PixelRectangle
    var isWhole: Bool
    var isUnchanged = false
    /// What the viewer shows afterwards; nil: not known.
    var resting: RestingPicture?
    /// What images have covered since the last whole frame.
    var covered: PixelRectangle { resting?.covered ?? rectangle }
}

extension SentImage {
    /// Only what has changed, where the viewer shows the picture before.
    init(
        _ prints: TilePrints, _ kind: RestingPicture.Kind, content: PixelRectangle, after previous: PreviousPicture?
    ) {
        let change =
            previous.map { $0.isShown ? $0.picture.change(to: prints, as: kind, content: content) : .whole } ?? .whole
        (rectangle, isWhole) = (content, true)
        switch change {
        case .nothing:
            (rectangle, isWhole, isUnchanged) = (.empty, false, true)
            resting = previous?.picture
            return
        case .rectangle(let changed): (rectangle, isWhole) = (changed, false)
        case .whole: break
        }
        resting = .after(previous?.picture, prints, as: kind, image: rectangle, isWhole: isWhole)
    }
}

extension KeptPixels {
    fileprivate convenience init(_ frame: RenderedFrame, _ rectangle: PixelRectangle, _ prints: TilePrints) {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(4 * rectangle.area)
        for row in rectangle.top..<rectangle.bottom {
            let start = 4 * (row * frame.width + rectangle.left)
            unsafe pixels.append(contentsOf: frame.pixels[start..<start + 4 * rectangle.width])
        }
        self.init(
            rectangle, pixels, prints, triangleCount: frame.triangleCount, thresholdPixels: frame.thresholdPixels)
    }
}
