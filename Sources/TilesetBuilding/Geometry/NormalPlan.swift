// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import MeshProcessing
import ModelImport
import StreamCore

/// How a geometry's normals travel, decided from what the source says and what its surface looks like.
///
/// - Authored normals that equal the surface's own (most scans) are dropped: decoders compute them faster than they
///   decode them. Others are stored, with those of one place that differ by less than 20° made one, so that faceted
///   exports of smooth shapes can be simplified.
/// - Without authored normals, machines get hard edges at 40°; scans, whose noise is full of steep edges, get none.
struct NormalPlan {
    var normals: VertexLayout.Normals
    var hasCreases = false
    var words: NormalWords?

    private static let mergeCosine: Float = 0.94  // 20°
    private static let creaseCosine: Float = 0.77  // 40°
    private static let nearlyEqualCosine: Float = 0.985  // 10°
    /// Hard edges need every corner around a place at once; larger parts than this are scans.
    private static let maximumCreaseTriangleCount = 8_000_000

    /// - Parameter isOutOfCore: the part does not fit in memory, so nothing may be kept per vertex: stored normals are
    ///   not merged and there are no hard edges.
    init(_ part: SourcePart, _ quantization: Quantization, isOutOfCore: Bool) {
        if let normals = part.normals {
            if part.triangleCount > 20_000, part.textureCoordinates.isEmpty,
                NormalPlan.followSurface(part, normals, quantization)
            {
                self.normals = .computed
            } else {
                self.normals = .stored
                if !isOutOfCore { words = NormalPlan.mergedNormals(part, normals, quantization) }
            }
            return
        }
        normals = .computed
        if !isOutOfCore, part.triangleCount <= NormalPlan.maximumCreaseTriangleCount,
            EdgeSurvey(part, quantization).looksMachined
        {
            hasCreases = true
            words = NormalPlan.creaseGroups(part, quantization)
        }
    }

    /// Whether nearly all authored normals are within 10° of the area-weighted ones, judged by a sample of vertices
    /// with most of their triangles in it.
    private static func followSurface(
        _ part: SourcePart, _ normals: LargeArray<Float>, _ quantization: Quantization
    ) -> Bool {
        var sample = SurfaceSample(part, quantization)
        var fans: [(sum: Float3, count: Int, vertex: Int)] = []
        sample.forEachTriangle { corners, places in
            let normal = part.areaNormal(corners)
            for (vertex, place) in zip([corners.0, corners.1, corners.2], [places.0, places.1, places.2]) {
                if Int(place) == fans.count { fans.append((.zero, 0, vertex)) }
                fans[Int(place)].sum += normal
                fans[Int(place)].count += 1
            }
        }
        let whole = fans.filter { $0.count >= 5 && lengthSquared($0.sum) > 0 }
        let different = whole.count { dot(normalized($0.sum), part.normal(normals, $0.vertex)) < nearlyEqualCosine }
        return !whole.isEmpty && different * 50 < whole.count
    }

    /// Octahedral codes per vertex; similar normals at one place all get the code of the first.
    private static func mergedNormals(
        _ part: SourcePart, _ normals: LargeArray<Float>, _ quantization: Quantization
    ) -> NormalWords {
        let places = part.places(quantization)
        // Chains of the distinct normals at each place.
        var heads = [Int32](repeating: -1, count: places.count)
        var chain: [(normal: Float3, code: UInt32, next: Int32)] = []
        var values = [UInt32](repeating: 0, count: part.vertexCount)
        for vertex in 0..<part.vertexCount {
            let normal = part.normal(normals, vertex)
            let place = Int(places.ofVertex[vertex])
            var entry = heads[place]
            while entry >= 0, dot(chain[Int(entry)].normal, normal) < mergeCosine { entry = chain[Int(entry)].next }
            if entry < 0 {
                entry = Int32(chain.count)
                chain.append((normal, OctahedralNormal.encode(normal), heads[place]))
                heads[place] = entry
            }
            values[vertex] = chain[Int(entry)].code
        }
        return NormalWords(isPerCorner: false, values: values)
    }

    /// A number per corner that is equal for the corners of one smooth fan around a place.
    private static func creaseGroups(_ part: SourcePart, _ quantization: Quantization) -> NormalWords {
        let places = part.places(quantization)
        var heads = [Int32](repeating: -1, count: places.count)
        var chain: [(normal: Float3, group: UInt32, next: Int32)] = []
        var values = [UInt32](repeating: 0, count: 3 * part.triangleCount)
        for triangle in 0..<part.triangleCount {
            let corners = part.corners(of: triangle)
            let normal = normalized(part.areaNormal(corners), fallback: .zero)
            for (corner, vertex) in [corners.0, corners.1, corners.2].enumerated() {
                let place = Int(places.ofVertex[vertex])
                var entry = heads[place]
                // Triangles without an area are alike; as strangers to each other they would make chains without end.
                while entry >= 0, case let other = chain[Int(entry)].normal, dot(other, normal) < creaseCosine,
                    normal != .zero || other != .zero
                {
                    entry = chain[Int(entry)].next
                }
                if entry < 0 {
                    let group = heads[place] < 0 ? 0 : chain[Int(heads[place])].group + 1
                    entry = Int32(chain.count)
                    chain.append((normal, group, heads[place]))
                    heads[place] = entry
                }
                values[3 * triangle + corner] = chain[Int(entry)].group
            }
        }
        return NormalWords(isPerCorner: true, values: values)
    }
}

/// What a sample of a part's edges says about its making.
struct EdgeSurvey {
    /// True for shapes of flat and smooth faces that meet at hard edges; false for measured, noisy surfaces.
    let looksMachined: Bool

    init(_ part: SourcePart, _ quantization: Quantization) {
        var sample = SurfaceSample(part, quantization)
        var firstNormal: [SIMD2<UInt32>: Float3] = [:]
        var coplanar = 0
        var middling = 0
        var sharp = 0
        var total = 0
        sample.forEachTriangle { corners, places in
            let normal = normalized(part.areaNormal(corners), fallback: .zero)
            if normal == .zero { return }
            for (a, b) in [(places.0, places.1), (places.1, places.2), (places.2, places.0)] {
                let edge = SIMD2(min(a, b), max(a, b))
                guard let other = firstNormal.removeValue(forKey: edge) else {
                    firstNormal[edge] = normal
                    continue
                }
                let cosine = dot(normal, other)
                total += 1
                if cosine > 0.99996 {  // 0.5°
                    coplanar += 1
                } else if cosine < 0.77 {  // 40°
                    sharp += 1
                } else if cosine < 0.985 {  // 10°
                    middling += 1
                }
            }
        }
        let curved = max(1, total - coplanar)
        looksMachined =
            total > 0 && sharp * 500 > total && (coplanar * 7 > total || middling * 5 < curved)
            && middling * 10 < curved * 4
    }
}

/// A few long runs of a part's triangles: neighbours are near each other in files, so runs share plenty of edges.
private struct SurfaceSample {
    private let part: SourcePart
    private let quantization: Quantization
    private var welder: VertexWelder
    private static let runCount = 8
    private static let runLength = 20_000

    init(_ part: SourcePart, _ quantization: Quantization) {
        self.part = part
        self.quantization = quantization
        welder = VertexWelder(
            wordCount: 0, expectedCount: min(part.vertexCount, SurfaceSample.runCount * SurfaceSample.runLength))
    }

    /// Calls `body` with each triangle's vertices and the numbers of their places, which count up from 0.
    mutating func forEachTriangle(
        _ body: (_ corners: (Int, Int, Int), _ places: (UInt32, UInt32, UInt32)) -> Void
    ) {
        let spacing = part.triangleCount / SurfaceSample.runCount
        if spacing <= SurfaceSample.runLength {
            run(0..<part.triangleCount, body)
        } else {
            for number in 0..<SurfaceSample.runCount {
                run(number * spacing..<number * spacing + SurfaceSample.runLength, body)
            }
        }
    }

    private mutating func run(
        _ triangles: Range<Int>, _ body: ((Int, Int, Int), (UInt32, UInt32, UInt32)) -> Void
    ) {
        for triangle in triangles {
            let corners = part.corners(of: triangle)
            body(corners, (place(corners.0), place(corners.1), place(corners.2)))
        }
    }

    private mutating func place(_ vertex: Int) -> UInt32 {
        let q = quantization.quantize(
            part.positions[3 * vertex], part.positions[3 * vertex + 1], part.positions[3 * vertex + 2],
            origin: part.origin)
        let none: [UInt32] = []
        return welder.insert(x: q.x, y: q.y, z: q.z, words: none.span)
    }
}

extension SourcePart {
    /// The distinct grid positions of a part's vertices.
    struct Places {
        let ofVertex: [UInt32]
        let count: Int
    }

    func places(_ quantization: Quantization) -> Places {
        var welder = VertexWelder(wordCount: 0, expectedCount: vertexCount / (indices == nil ? 5 : 1))
        let none: [UInt32] = []
        var ofVertex: [UInt32] = []
        ofVertex.reserveCapacity(vertexCount)
        for vertex in 0..<vertexCount {
            let q = quantization.quantize(
                positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2], origin: origin)
            ofVertex.append(welder.insert(x: q.x, y: q.y, z: q.z, words: none.span))
        }
        return Places(ofVertex: ofVertex, count: welder.count)
    }

    /// Normal of a triangle, as long as twice its area.
    func areaNormal(_ corners: (Int, Int, Int)) -> Float3 {
        let a = point(corners.0)
        return cross(point(corners.1) - a, point(corners.2) - a)
    }

    func point(_ vertex: Int) -> Float3 {
        Float3(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2])
    }

    func normal(_ normals: LargeArray<Float>, _ vertex: Int) -> Float3 {
        normalized(Float3(normals[3 * vertex], normals[3 * vertex + 1], normals[3 * vertex + 2]))
    }
}
