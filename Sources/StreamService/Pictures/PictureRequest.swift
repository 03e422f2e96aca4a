// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import StreamCore

/// One picture of a model: `GET /api/v1/render?model=…`, and `vantage render`.
package struct PictureRequest: Equatable, Sendable {
    package enum Format: String, CaseIterable, Sendable {
        case jpeg, png

        package var mediaType: String { "image/\(rawValue)" }
    }

    package enum Background: String, CaseIterable, Sendable { case light, dark, transparent }

    package static let sizes = 1...16384

    package var camera = PictureCamera.side(.home)
    /// Pixels.
    package var width = 1280
    package var height = 720
    package var format = Format.jpeg
    /// Of a JPEG, 1 … 100.
    package var quality = 90
    /// Screen-space error to leave, in pixels.
    package var thresholdPixels = 1.0
    package var background = Background.light

    package init() {}

    /// Reads `camera`, `width`, `height`, `format`, `quality`, `error` and `background`; what is missing has its default.
    ///
    /// - Parameter query: nil for a name that is not there.
    /// - Throws: `badRequest`, naming the parameter and what it takes.
    package init(_ query: (String) -> String?) throws(ServiceError) {
        if let text = query("camera") { camera = try PictureCamera(text) }
        width = try PictureRequest.integer("width", query, PictureRequest.sizes) ?? width
        height = try PictureRequest.integer("height", query, PictureRequest.sizes) ?? height
        quality = try PictureRequest.integer("quality", query, 1...100) ?? quality
        format = try PictureRequest.choice("format", query) ?? format
        background = try PictureRequest.choice("background", query) ?? background
        if let text = query("error") {
            guard let number = Double(text), number > 0, number <= 65536 else {
                throw ServiceError(.badRequest, "error needs a number of pixels above 0")
            }
            thresholdPixels = number
        }
        if background == .transparent, format == .jpeg {
            throw ServiceError(.badRequest, "a transparent background needs format=png")
        }
    }

    /// - Throws: `badRequest` when there are more pixels than the server draws.
    package func check(pixelLimit: Int) throws(ServiceError) {
        guard width * height <= pixelLimit else {
            throw ServiceError(
                .badRequest,
                "\(width) × \(height) pixels are more than this server draws (\(pixelLimit), renderer.pixelLimit)")
        }
    }

    /// A name for the picture that this makes of a model: equal for equal pictures.
    package func tag(of contentHash: String) -> String {
        let text = "\(contentHash) \(camera) \(width)x\(height) \(format) \(quality) \(thresholdPixels) \(background)"
        let bytes = Array(text.utf8)
        return String(SHA256.hash(bytes.rawSpan).hexadecimal.prefix(32))
    }

    private static func integer(_ name: String, _ query: (String) -> String?, _ range: ClosedRange<Int>)
        throws(ServiceError) -> Int?
    {
        guard let text = query(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ServiceError(.badRequest, "\(name) needs a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ query: (String) -> String?
    ) throws(ServiceError) -> Choice? {
        guard let text = query(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServiceError(.badRequest, "\(name) is one of: \(names)")
        }
        return choice
    }
}

/// A picture as bytes.
package struct Picture: Sendable {
    package var bytes: [UInt8]
    package var triangleCount: Int
    package var thresholdPixels: Float
    /// False: some data did not load in time.
    package var isComplete: Bool
}

/// A picture that somebody waits for.
struct PictureTask: Sendable {
    /// The service's own, for taking it back.
    let number: Int
    /// Callers with the same text share one place.
    let caller: String
    let request: PictureRequest
    let model: ServedModel
    /// Called once, on any thread.
    let answer: @Sendable (Result<Picture, ServiceError>) -> Void

    /// There will be none.
    func fail(_ reason: String) {
        answer(.failure(ServiceError(.noRenderer, "this server cannot draw now: \(reason)")))
    }
}
