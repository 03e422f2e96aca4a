// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import Foundation
import ImageCoding
import ModelStorage
import StreamCore

/// Where surfaces of masked materials have holes: the alpha of their textures in full resolution, read when a ray first
/// meets such a surface.
struct PickMasks {
    private let archive: Archive
    private let byteLimit: Int
    private var planes: [Int: AlphaPlane] = [:]
    private var byteCount = 0

    init(archive: Archive, byteLimit: Int) { (self.archive, self.byteLimit) = (archive, byteLimit) }

    /// Whether a place of a surface is not there, because its alpha is below the material's cutoff.
    ///
    /// - Parameters:
    ///   - material: of the model, and masked.
    /// - Throws: `damaged`.
    mutating func isHole(
        _ material: UInt32, _ place: PickSurface.Place
    ) throws(PickingError) -> Bool {
        let material = archive.description.materials[Int(material)]
        var alpha = material.baseColorFactor[3] * place.alpha
        if let reference = material.baseColorTexture, archive.index.textures.indices.contains(reference.texture) {
            let plane = try plane(ofTexture: reference.texture)
            let sampler = archive.description.textures[reference.texture].sampler
            alpha *= plane.alpha(at: reference.applied(to: place.coordinates[reference.coordinateSet & 1]), sampler)
        }
        return alpha < material.alphaCutoff
    }

    private mutating func plane(ofTexture texture: Int) throws(PickingError) -> AlphaPlane {
        if let known = planes[texture] { return known }
        guard !archive.index.textures[texture].levelChunks.isEmpty else { return .opaque }
        let plane = try decode(texture)
        if byteCount + plane.byteCount > byteLimit { (planes, byteCount) = ([:], 0) }
        planes[texture] = plane
        byteCount += plane.byteCount
        return plane
    }

    private func decode(_ texture: Int) throws(PickingError) -> AlphaPlane {
        do {
            let (header, chunk) = try archive.textureLevel(texture, at: 0)
            let bytes = chunk.rawSpan.extracting(droppingFirst: TextureLevelHeader.byteCount)
            guard try ImageDecoding.readHeader(bytes).hasAlpha else { return .opaque }
            return AlphaPlane(try ImageDecoding.decode(bytes, maximumPixels: header.pixelCount, channelCount: 4))
        } catch {
            throw .damaged("texture \(texture): \(error)")
        }
    }
}

/// What vertices of masked triangles have beside their positions.
struct PickSurface {
    /// A place of a triangle.
    struct Place {
        /// Of both sets; zero where the model has none.
        var coordinates: [SIMD2<Double>]
        /// Of the vertices' colours, 0 … 1.
        var alpha: Float
    }

    /// In steps, two a vertex, by set.
    private let coordinates: [[Int32]]
    private let coordinateStep: Double
    /// One a vertex; empty: opaque.
    private let alphas: [UInt8]

    init(_ mesh: NodeMesh, coordinateStep: Double) {
        coordinates = mesh.coordinates
        self.coordinateStep = coordinateStep
        let hasAlpha = mesh.layout.colorComponentCount == 4
        alphas = hasAlpha ? stride(from: 3, to: mesh.colors.count, by: 4).map { mesh.colors[$0] } : []
    }

    var byteCount: Int { coordinates.reduce(alphas.count) { $0 + 4 * $1.count } }

    /// Between three vertices; `weights` are their shares.
    func place(_ a: Int, _ b: Int, _ c: Int, _ weights: Double3) -> Place {
        func mean(_ value: (Int) -> Double) -> Double {
            value(a) * weights.x + value(b) * weights.y + value(c) * weights.z
        }
        let places = (0..<2).map { set -> SIMD2<Double> in
            guard set < coordinates.count else { return .zero }
            let values = coordinates[set]
            return SIMD2(mean { Double(values[2 * $0]) }, mean { Double(values[2 * $0 + 1]) }) * coordinateStep
        }
        return Place(coordinates: places, alpha: alphas.isEmpty ? 1 : Float(mean { Double(alphas[$0]) }) / 255)
    }
}

/// A texture's alpha, one byte a texel, rows top first.
private struct AlphaPlane {
    static let opaque = AlphaPlane(width: 1, height: 1, values: [255])

    private let width: Int
    private let height: Int
    private let values: [UInt8]

    private init(width: Int, height: Int, values: [UInt8]) {
        (self.width, self.height, self.values) = (width, height, values)
    }

    /// - Parameter image: of four channels.
    init(_ image: Image) {
        let alpha = stride(from: 3, to: image.pixels.count, by: 4).map { image.pixels[$0] }
        self.init(width: image.width, height: image.height, values: alpha)
    }

    var byteCount: Int { values.count }

    /// Of the texel at a place, 0 … 1.
    ///
    /// - Parameter coordinates: 0 … 1 across the texture, v downwards.
    func alpha(at coordinates: SIMD2<Double>, _ sampler: TextureSampler) -> Float {
        let column = AlphaPlane.texel(coordinates.x, width, sampler.wrapU)
        let row = AlphaPlane.texel(coordinates.y, height, sampler.wrapV)
        return Float(values[row * width + column]) / 255
    }

    private static func texel(_ coordinate: Double, _ size: Int, _ wrap: TextureSampler.Wrap) -> Int {
        guard coordinate.isFinite else { return 0 }
        let wrapped: Double
        switch wrap {
        case .repeat: wrapped = coordinate - coordinate.rounded(.down)
        case .mirroredRepeat:
            let phase = coordinate - 2 * (coordinate / 2).rounded(.down)
            wrapped = min(phase, 2 - phase)
        case .clampToEdge: wrapped = min(max(coordinate, 0), 1)
        }
        return min(Int(wrapped * Double(size)), size - 1)
    }
}

extension TextureReference {
    /// Where it reads for a vertex's coordinates.
    fileprivate func applied(to place: SIMD2<Double>) -> SIMD2<Double> {
        let (sine, cosine) = (Double(sin(rotation)), Double(cos(rotation)))
        let scaled = place * SIMD2(Double(scale[0]), Double(scale[1]))
        return SIMD2(
            Double(offset[0]) + cosine * scaled.x + sine * scaled.y,
            Double(offset[1]) - sine * scaled.x + cosine * scaled.y)
    }
}
