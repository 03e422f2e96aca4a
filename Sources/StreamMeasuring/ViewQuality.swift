// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import MeshProcessing
package import ModelStorage
package import StreamCore

/// How right a picture is that a viewer could draw from some chunks: which share of the pixels that the model covers
/// shows a surface whose error, seen on the screen, is small enough.
package struct ViewQuality {
    private let archive: Archive
    private let view: ViewState
    private let frustum: ViewFrustum
    private var meshes = MeshCache()
    private let sectorInstances: InstanceCache
    /// The pixels that the finest data covers.
    private let covered: [Bool]
    package let coveredCount: Int
    /// What the finest data needed for this view draws; its errors are at most a quarter of a pixel.
    package let reference: ViewPicture
    package let referenceInstances: [DrawnInstance]

    /// - Throws: `ChunkError` or `NodeCodingError` when a chunk is damaged.
    package init(_ archive: Archive, view: ViewState) throws {
        self.archive = archive
        self.view = view
        frustum = ViewFrustum(view, nearestDistance: archive.bounds.diagonal * 1e-5)
        let cache = InstanceCache(archive)
        sectorInstances = cache
        let cut = try HeldCut(archive, view: view, threshold: 0.25, isHeld: { _ in true }) {
            sector throws(ChunkError) in
            try cache.instances(sector)
        }
        var picture = ViewPicture(archive, view: view)
        for (number, drawn) in cut.drawn.enumerated() { try picture.draw(drawn, number: number, meshes: &meshes) }
        covered = picture.rasterizer.ids.map { $0 != .max }
        coveredCount = covered.count { $0 }
        reference = picture
        referenceInstances = cut.drawn
    }

    /// The share of covered pixels, 0 ... 1, that are at most `threshold` pixels wrong with the chunks held.
    ///
    /// - Throws: `ChunkError` or `NodeCodingError` when a chunk is damaged.
    package mutating func shareRight(threshold: Double, isHeld: @escaping (UInt32) -> Bool) throws -> Double {
        let cache = sectorInstances
        let cut = try HeldCut(archive, view: view, threshold: threshold * 0.5, isHeld: isHeld) {
            sector throws(ChunkError) in try cache.instances(sector)
        }
        var picture = ViewPicture(archive, view: view)
        for (number, drawn) in cut.drawn.enumerated() { try picture.draw(drawn, number: number, meshes: &meshes) }
        var right = 0
        for pixel in covered.indices where covered[pixel] {
            let id = picture.rasterizer.ids[pixel]
            guard id != .max else { continue }
            let error = picture.source(of: id).error
            let pixels =
                frustum.isPerspective
                ? error * frustum.pixelScale / picture.distance(atPixel: pixel) : error * frustum.pixelScale
            if pixels <= threshold { right += 1 }
        }
        return Double(right) / Double(max(1, coveredCount))
    }

    /// How many chunks of an order must have arrived until `share` of the covered pixels are at most `threshold` pixels
    /// wrong; nil if all of them do not suffice.
    ///
    /// - Complexity: one picture for each doubling of the order's length.
    /// - Throws: `ChunkError` or `NodeCodingError` when a chunk is damaged.
    package mutating func chunksNeeded(of order: [UInt32], share: Double, threshold: Double) throws -> Int? {
        var rank: [UInt32: Int] = [:]
        for (position, chunk) in order.enumerated() where rank[chunk] == nil { rank[chunk] = position }
        func reaches(_ count: Int) throws -> Bool {
            try shareRight(threshold: threshold, isHeld: { (rank[$0] ?? .max) < count }) >= share
        }
        guard try reaches(order.count) else { return nil }
        var (low, high) = (0, order.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if try reaches(middle) { high = middle } else { low = middle }
        }
        return high
    }
}

/// A sector's instances, decoded once.
final class InstanceCache {
    private let archive: Archive
    private var known: [Int: [Instance]] = [:]

    init(_ archive: Archive) { self.archive = archive }

    func instances(_ sector: Int) throws(ChunkError) -> [Instance] {
        if let result = known[sector] { return result }
        let result = try archive.instances(inSector: sector)
        known[sector] = result
        return result
    }
}
