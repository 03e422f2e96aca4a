// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkCoding
import MeshProcessing
import StreamCore

/// Makes one proxy: gather the coarsest versions of all parts that matter at this size, drop what nobody sees from
/// outside (most of a machine's triangles), simplify, and if that stalls on thousands of loose pieces, merge vertices
/// into cells. Proxies replace whole sectors, so their borders need not match anything.
struct ProxyBuilder {
    enum Source {
        case proxy(ProxyMesh)
        case part(BuiltGeometry, PlacedInstance)
    }

    let bounds: Bounds
    let materials: [Material]
    let samplers: [RasterizerTexture?]
    let threads: Int
    /// Of the proxy.
    let triangleCount: Int

    /// Parts smaller than this share of the sector are not gathered; they are below a pixel when the proxy is shown.
    private static let smallestPartShare = 1.0 / 400
    /// Triangles to gather at most before looking for what is visible.
    private static let gatheredTriangleCount = 1 << 20

    private struct Soup {
        /// xyz relative to the sector's smallest corner.
        var positions: [Float] = []
        /// RGB, sRGB-encoded, per vertex.
        var colors: [UInt32] = []
        var indices: [UInt32] = []
        var error = 0.0
        /// The longest edge of a gathered triangle.
        var longestEdge = 0.0
    }

    /// - Returns: nil when the sector has nothing to show or the proxy would be no smaller than its parts.
    func build(_ sources: [Source]) -> ProxyMesh? {
        guard !bounds.isEmpty, bounds.diagonal > 0 else { return nil }
        var soup = gather(sources)
        guard !soup.indices.isEmpty else { return nil }
        if soup.indices.count > 3 * triangleCount {
            soup.indices = VisibleSurface.select(
                positions: soup.positions, indices: soup.indices, bounds: bounds.size, threads: threads)
        }
        let gathered = soup
        simplify(&soup)
        guard !soup.indices.isEmpty else { return nil }
        soup.error = max(soup.error, measure(gathered, soup))
        // What stands for the parts without being simpler is only shown until they have come: it lacks their materials.
        if soup.indices.count >= gathered.indices.count { soup.error = max(soup.error, soup.longestEdge) }
        return quantize(soup)
    }

    // MARK: Gathering

    private func gather(_ sources: [Source]) -> Soup {
        var soup = Soup()
        let smallest = bounds.diagonal * ProxyBuilder.smallestPartShare
        // Largest first, so that a limit drops what is least seen.
        let ordered = sources.enumerated().sorted {
            let (a, b) = (size($0.element), size($1.element))
            return a != b ? a > b : $0.offset < $1.offset
        }
        for (_, source) in ordered {
            switch source {
            case .proxy(let proxy): add(proxy, to: &soup)
            case .part(let geometry, let instance):
                let diameter = instance.bounds.diagonal
                if diameter < smallest || soup.indices.count > 3 * ProxyBuilder.gatheredTriangleCount {
                    soup.error = max(soup.error, diameter)
                } else {
                    add(geometry, instance, to: &soup)
                }
            }
        }
        return soup
    }

    private func size(_ source: Source) -> Double {
        switch source {
        case .proxy: .infinity
        case .part(_, let instance): instance.bounds.diagonal
        }
    }

    private func add(_ proxy: ProxyMesh, to soup: inout Soup) {
        let first = UInt32(soup.colors.count)
        let offset = proxy.origin - bounds.minimum
        for vertex in 0..<UInt32(proxy.mesh.vertexCount) {
            append(proxy.grid.position(proxy.mesh.point(vertex)) + offset, proxy.mesh.words[Int(vertex)], to: &soup)
        }
        soup.indices.append(contentsOf: proxy.mesh.triangles.map { first + $0 })
        soup.error = max(soup.error, proxy.error)
    }

    private func add(_ geometry: BuiltGeometry, _ instance: PlacedInstance, to soup: inout Soup) {
        let transform = AffineTransform.translation(-bounds.minimum) * instance.transform
        let isMirrored = transform.determinant < 0
        for root in geometry.roots {
            let colors = vertexColors(geometry, root)
            let first = UInt32(soup.colors.count)
            for vertex in 0..<root.mesh.vertexCount {
                let q = Int3(
                    root.mesh.positions[3 * vertex], root.mesh.positions[3 * vertex + 1],
                    root.mesh.positions[3 * vertex + 2])
                append(transform.apply(to: geometry.grid.position(q)), colors[vertex], to: &soup)
            }
            for corner in stride(from: 0, to: root.mesh.indices.count, by: 3) {
                let (b, c) = isMirrored ? (2, 1) : (1, 2)
                soup.indices.append(first + root.mesh.indices[corner])
                soup.indices.append(first + root.mesh.indices[corner + b])
                soup.indices.append(first + root.mesh.indices[corner + c])
            }
            measureEdges(geometry, root, first, &soup)
            soup.error = max(soup.error, Double(root.error) * transform.largestScale)
        }
    }

    /// Between its corners a triangle's colour is only guessed: what a texture or its alpha shows there is wrong by as
    /// much as the triangle is long.
    private func measureEdges(
        _ geometry: BuiltGeometry, _ root: BuiltGeometry.Root, _ first: UInt32, _ soup: inout Soup
    ) {
        func place(_ corner: Int) -> Float3 {
            let index = 3 * Int(first + root.mesh.indices[corner])
            return Float3(soup.positions[index], soup.positions[index + 1], soup.positions[index + 2])
        }
        var corner = 0
        for (range, count) in root.mesh.rangeTriangleCounts.enumerated() {
            let material = materials[geometry.materials[Int(root.materials[range])]]
            var longest = 0.0
            for _ in 0..<count {
                let (a, b, c) = (place(corner), place(corner + 1), place(corner + 2))
                longest = max(longest, Double(max(length(b - a), length(c - b), length(a - c))))
                corner += 3
            }
            soup.longestEdge = max(soup.longestEdge, longest)
            if material.baseColorTexture != nil || material.alphaMode != .opaque {
                soup.error = max(soup.error, longest)
            }
        }
    }

    private func append(_ point: Double3, _ color: UInt32, to soup: inout Soup) {
        let p = Float3(point)
        soup.positions.append(p.x)
        soup.positions.append(p.y)
        soup.positions.append(p.z)
        soup.colors.append(color)
    }

    /// Base colour of each vertex: its material's, times the texture's there, times its own.
    private func vertexColors(_ geometry: BuiltGeometry, _ root: BuiltGeometry.Root) -> [UInt32] {
        let mesh = root.mesh
        var colors = [UInt32](repeating: 0, count: mesh.vertexCount)
        var triangle = 0
        for (range, count) in mesh.rangeTriangleCounts.enumerated() {
            let material = materials[geometry.materials[Int(root.materials[range])]]
            for corner in 3 * triangle..<3 * (triangle + count) {
                let vertex = Int(mesh.indices[corner])
                var color = Float3(
                    material.baseColorFactor[0], material.baseColorFactor[1], material.baseColorFactor[2])
                color *= textureColor(material, mesh, vertex, step: geometry.coordinateStep)
                let components = mesh.layout.colorComponentCount
                if components >= 3 {
                    for channel in 0..<3 {
                        color[channel] *= SRGB.linear[Int(mesh.colors[components * vertex + channel])]
                    }
                }
                var word: UInt32 = 0
                for channel in 0..<3 {
                    word |= UInt32(SRGB.encoded[SRGB.index(color[channel])]) << UInt32(8 * channel)
                }
                colors[vertex] = word
            }
            triangle += count
        }
        return colors
    }

    private func textureColor(_ material: Material, _ mesh: NodeMesh, _ vertex: Int, step: Double) -> Float3 {
        guard let reference = material.baseColorTexture, reference.texture < samplers.count,
            let sampler = samplers[reference.texture], reference.coordinateSet < mesh.coordinates.count
        else { return Float3(1, 1, 1) }
        let set = mesh.coordinates[reference.coordinateSet]
        let u = Float(Double(set[2 * vertex]) * step)
        let v = Float(Double(set[2 * vertex + 1]) * step)
        let place = reference.transformed(u, v)
        let sample = sampler.sample(place.x, place.y)
        return Float3(sample.x, sample.y, sample.z)
    }

    // MARK: Simplifying

    private func simplify(_ soup: inout Soup) {
        let target = 3 * triangleCount
        if soup.indices.count <= target { return }
        let step = Double(bounds.longestSide) / 1024
        weld(&soup, step: powerOfTwo(atMost: step / 16))
        let careful = Simplification.simplify(
            indices: soup.indices, positions: soup.positions, locked: [], targetIndexCount: target)
        soup.indices = careful.indices
        if soup.indices.count > target * 5 / 4 {
            let sloppy = Simplification.simplifySloppy(
                indices: soup.indices, positions: soup.positions, targetIndexCount: target)
            if !sloppy.indices.isEmpty { soup.indices = sloppy.indices }
        }
    }

    /// Joins vertices of one place and colour, so that the simplifier sees surfaces instead of loose triangles.
    private func weld(_ soup: inout Soup, step: Double) {
        var welder = VertexWelder(wordCount: 1, expectedCount: soup.colors.count)
        var number: [UInt32] = []
        var joined = Soup()
        for vertex in soup.colors.indices {
            let q = gridPosition(
                Double3(
                    Float3(soup.positions[3 * vertex], soup.positions[3 * vertex + 1], soup.positions[3 * vertex + 2]))
                    / step)
            let word = [soup.colors[vertex]]
            let known = welder.count
            let merged = welder.insert(x: q.x, y: q.y, z: q.z, words: word.span)
            if welder.count > known {
                joined.positions.append(contentsOf: soup.positions[3 * vertex..<3 * vertex + 3])
                joined.colors.append(soup.colors[vertex])
            }
            number.append(merged)
        }
        joined.indices = soup.indices.map { number[Int($0)] }
        joined.error = soup.error + step
        soup = joined
    }

    /// Largest distance from what was gathered and can be seen to what is left, in metres.
    private func measure(_ gathered: Soup, _ result: Soup) -> Double {
        if gathered.indices == result.indices { return 0 }
        let surface = SurfaceDistance(positions: result.positions, indices: result.indices)
        let stepping = max(1, gathered.indices.count / 6_000)
        var largest: Float = 0
        for corner in stride(from: 0, to: gathered.indices.count, by: stepping) {
            let first = 3 * Int(gathered.indices[corner])
            largest = max(
                largest,
                surface.distance(
                    to: Float3(
                        gathered.positions[first], gathered.positions[first + 1], gathered.positions[first + 2])))
        }
        return Double(largest)
    }

    private func quantize(_ soup: Soup) -> ProxyMesh? {
        let step = powerOfTwo(atMost: bounds.longestSide / 4096)
        var welder = VertexWelder(wordCount: 1, expectedCount: soup.colors.count)
        var mesh = LevelMesh(format: VertexWords(layout: VertexLayout(colorComponentCount: 3)))
        for first in stride(from: 0, to: soup.indices.count, by: 3) {
            let corners = (0..<3).map { corner -> UInt32 in
                let vertex = Int(soup.indices[first + corner])
                let point = Double3(
                    Float3(soup.positions[3 * vertex], soup.positions[3 * vertex + 1], soup.positions[3 * vertex + 2]))
                let q = gridPosition(point / step)
                let word = [soup.colors[vertex]]
                return welder.insert(x: q.x, y: q.y, z: q.z, words: word.span)
            }
            let isFlat =
                welder.samePosition(corners[0], corners[1]) || welder.samePosition(corners[1], corners[2])
                || welder.samePosition(corners[2], corners[0])
            if !isFlat { mesh.triangles.append(contentsOf: corners) }
        }
        (mesh.positions, mesh.words) = welder.take()
        mesh.dropUnusedVertices()
        guard mesh.triangleCount > 0 else { return nil }
        mesh.places = Welding.places(mesh.positions)
        return ProxyMesh(mesh: mesh, grid: Grid(step: step), origin: bounds.minimum, error: soup.error + step)
    }
}
