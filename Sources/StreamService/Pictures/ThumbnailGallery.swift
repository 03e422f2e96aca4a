// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Thumbnails as the renderer draws them, so that a model looks in the list as it does in the viewer. Each is drawn once,
/// one after the other; archives bring their own for servers that do not draw.
actor ThumbnailGallery {
    private static let size = (width: 256, height: 192)
    /// Some 20 KB each.
    private static let limit = 1000

    private let frames: FrameService
    private let store: ModelStore
    /// By content hash.
    private var pictures: [String: [UInt8]] = [:]
    private var isDrawing = false

    init(frames: FrameService, store: ModelStore) {
        self.frames = frames
        self.store = store
    }

    /// The picture of a model; nil where it cannot be drawn now: there is no renderer, or somebody else needs it.
    func picture(of id: String, contentHash: String) async -> [UInt8]? {
        if let picture = pictures[contentHash] { return picture }
        guard case .ready = frames.availability, frames.viewerCount == 0, !isDrawing else { return nil }
        isDrawing = true
        defer { isDrawing = false }
        var request = PictureRequest()
        (request.width, request.height) = ThumbnailGallery.size
        guard let model = try? await store.open(id), let picture = try? await frames.picture(request, of: model),
            picture.isComplete
        else { return nil }
        if pictures.count >= ThumbnailGallery.limit { pictures = [:] }
        pictures[contentHash] = picture.bytes
        return picture.bytes
    }
}
