// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Where what is read back lies in the slot's buffer, in bytes; nil: not read back.
struct ReadbackLayout {
    var colorOffset: Int?
    var depthOffset: Int?
    var identityOffset: Int?
    var summaryOffset: Int?
    var planesOffset: Int?
    private(set) var byteCount = 0

    /// Nothing is read back.
    init() {}

    /// - Parameter hasSummary: rectangle and depth grid are found by the device, else from the pixels here.
    init(_ request: FrameRequest, width: Int, height: Int, hasSummary: Bool) {
        let pixelByteCount = 4 * width * height
        func reserve(_ count: Int) -> Int {
            let offset = byteCount
            byteCount = (offset + count + 255) & ~255
            return offset
        }
        // Without a summary the rectangle comes from the pixels.
        if !request.needsPlanes || !hasSummary { colorOffset = reserve(pixelByteCount) }
        if request.depthGrid != nil, !hasSummary { depthOffset = reserve(pixelByteCount) }
        if request.needsIdentities { identityOffset = reserve(pixelByteCount) }
        if hasSummary { summaryOffset = reserve(ReadbackLayout.summaryByteCount(request.depthGrid)) }
        if request.needsPlanes {
            planesOffset = reserve(PlaneSizes(width: width, height: height).byteCount)
        }
    }

    static func summaryByteCount(_ grid: GridSize?) -> Int { 16 + 4 * (grid.map { $0.columns * $0.rows } ?? 0) }
}

/// How planes.comp lays out the planes of a picture: one after the other, chroma at half the size.
struct PlaneSizes {
    var lumaStride: Int
    var chromaStride: Int
    var lumaByteCount: Int
    var chromaByteCount: Int

    init(width: Int, height: Int) {
        lumaStride = (width + 7) / 8 * 8
        chromaStride = lumaStride / 2
        lumaByteCount = lumaStride * height
        chromaByteCount = chromaStride * ((height + 1) / 2)
    }

    var byteCount: Int { lumaByteCount + 2 * chromaByteCount }
}
