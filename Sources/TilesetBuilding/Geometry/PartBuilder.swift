// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore

/// One source part on its way to a geometry: which attributes it keeps, its grid, its normals, its hierarchy.
struct PartBuilder {
    /// What the model knows that the part does not.
    struct Context: Sendable {
        var options: BuildOptions
        var materials: [Material]
        /// Stands for "no material".
        var defaultMaterial: Int
        /// Per texture: the longer side in texels.
        var textureSizes: [Int]
        /// A level of at most this many triangles is a root.
        var rootTriangleCount: Int
    }

    struct Result: Sendable {
        var geometry: BuiltGeometry
        /// From the geometry's space to the part's local space.
        var offset: Double3
        var dropped: Welding.Dropped
    }

    let context: Context

    /// The finest level that is built in memory, and what has been done before it.
    struct Finest {
        var mesh: LevelMesh
        var level = 0
        /// Triangles processed in finer levels.
        var done = 0
        /// Of the source, after welding.
        var triangleCount: Int
        var dropped: Welding.Dropped

        /// Hands the mesh over, so that its arrays have one owner and change in place.
        mutating func takeMesh() -> LevelMesh {
            defer { mesh = LevelMesh(format: mesh.format) }
            return mesh
        }
    }

    /// - Parameter part: its arrays are empty afterwards.
    /// - Returns: nil for a part without a triangle that has an area.
    func build(
        _ part: SourcePart, store: @escaping ([UInt8]) throws(BuildError) -> Range<Int>,
        progress: (Int) -> Void
    ) throws(BuildError) -> Result? {
        guard let quantization = Quantization(part) else { return nil }
        try checkRange(part, quantization)
        let materials = usedMaterials(part)
        let isOutOfCore = isOutOfCore(part, materials)
        let plan = NormalPlan(part, quantization, isOutOfCore: isOutOfCore)
        let format = VertexWords(
            layout: VertexLayout(
                normals: plan.normals, coordinateSetCount: coordinateSetCount(part, materials),
                colorComponentCount: colorComponentCount(part)),
            hasCreases: plan.hasCreases, hasMaterials: materials.count > 1)
        let coordinateStep = coordinateStep(materials)
        let slotOfMaterial = Dictionary(uniqueKeysWithValues: zip(materials, materials.indices))
        let slots = part.materialRanges.map { range in
            UInt16(slotOfMaterial[range.material ?? context.defaultMaterial] ?? 0)
        }
        let welding = Welding(
            part: part, quantization: quantization, format: format, coordinateStep: coordinateStep,
            materialSlots: slots, normalWords: plan.words)
        var builder = GeometryBuilder(
            options: context.options, precision: LevelPrecision(edge: quantization.edge),
            rootTriangleCount: rootTriangleCount(format.layout), store: store)
        var finest =
            isOutOfCore
            ? try buildOutOfCore(welding, &builder, progress: progress) : welding.inMemory()
        part.removeStorage()
        guard finest.triangleCount > 0 else { return nil }
        let built = try builder.build(
            finest.takeMesh(), grid: quantization.grid, firstLevel: finest.level, done: finest.done, progress: progress)
        let geometry = BuiltGeometry(
            nodes: built.nodes, grid: quantization.grid, format: format, coordinateStep: coordinateStep,
            triangleCount: finest.triangleCount, materials: materials,
            border: built.border, roots: built.roots)
        return Result(
            geometry: geometry, offset: quantization.offset, dropped: finest.dropped)
    }

    private func checkRange(_ part: SourcePart, _ quantization: Quantization) throws(BuildError) {
        let far = quantization.offset + quantization.grid.position(quantization.largest)
        guard WorldRange.holds(Bounds(minimum: quantization.offset, maximum: far)) else {
            throw .outOfRange(
                "the part \"\(part.name.prefix(80))\" reaches farther than 10^15 of its units from its origin; "
                    + WorldRange.remedy)
        }
    }

    /// Whether building the part in memory would exceed the limit, whatever normals it turns out to need.
    private func isOutOfCore(_ part: SourcePart, _ materials: [Int]) -> Bool {
        let mostWords = VertexWords(
            layout: VertexLayout(
                normals: .stored, coordinateSetCount: coordinateSetCount(part, materials),
                colorComponentCount: part.colors == nil ? 0 : 4),
            hasMaterials: materials.count > 1)
        let hasNormalWord = part.normals != nil
        let capacity = GeometryBuilder.capacity(
            memoryLimit: context.options.spill.memoryLimit, wordCount: mostWords.count - (hasNormalWord ? 0 : 1))
        return capacity.map { part.triangleCount > $0 } ?? false
    }

    /// The levels that do not fit in memory, from disk.
    private func buildOutOfCore(
        _ welding: Welding, _ builder: inout GeometryBuilder, progress: (Int) -> Void
    ) throws(BuildError) -> Finest {
        let capacity = GeometryBuilder.capacity(
            memoryLimit: context.options.spill.memoryLimit, wordCount: welding.format.count)
        var dropped = Welding.Dropped()
        var count = 0
        let result = try builder.buildSlabs(
            format: welding.format, grid: welding.quantization.grid, box: (.zero, welding.quantization.largest),
            capacity: capacity ?? .max, progress: progress,
            source: { step, body throws(BuildError) in
                count = 0
                dropped = try welding.forEachRecord(step: step) { record throws(BuildError) in
                    count += 1
                    try body(record)
                }
            })
        return Finest(
            mesh: result.mesh, level: result.level, done: result.done, triangleCount: count, dropped: dropped)
    }

    /// Fewer triangles where vertices carry more: the first picture's 40 KB are also for the textures' tails.
    private func rootTriangleCount(_ layout: VertexLayout) -> Int {
        // What a triangle takes in the plain codec, by measurement: indices and positions, then each attribute.
        let byteCount =
            7 + (layout.normals == .stored ? 6 : 0) + 6 * layout.coordinateSetCount
            + (layout.colorComponentCount > 0 ? 3 : 0)
        return min(context.rootTriangleCount, PartBuilder.rootByteCount / byteCount)
    }

    private static let rootByteCount = 18_000

    private func usedMaterials(_ part: SourcePart) -> [Int] {
        var materials: [Int] = []
        var known: Set<Int> = []
        for range in part.materialRanges where range.triangleCount > 0 {
            let material = range.material ?? context.defaultMaterial
            // 2^16 slots fit a range; a part with more keeps the first ones' looks.
            if materials.count < 65_535, known.insert(material).inserted { materials.append(material) }
        }
        return materials.isEmpty ? [context.defaultMaterial] : materials
    }

    private func coordinateSetCount(_ part: SourcePart, _ materials: [Int]) -> Int {
        var needed = 0
        for material in materials {
            for reference in context.materials[material].textureReferences {
                needed = max(needed, reference.coordinateSet + 1)
            }
        }
        return min(needed, part.textureCoordinates.count, 2)
    }

    private func colorComponentCount(_ part: SourcePart) -> Int {
        guard let colors = part.colors else { return 0 }
        var isWhite = true
        for index in 0..<colors.count {
            if index % 4 == 3 {
                if colors[index] != 255 { return 4 }
            } else if colors[index] != 255 {
                isWhite = false
            }
        }
        return isWhite ? 0 : 3
    }

    /// A quarter texel of the largest texture in use, between 2^-12 and 2^-15.
    private func coordinateStep(_ materials: [Int]) -> Double {
        var size = 1024
        for material in materials {
            for reference in context.materials[material].textureReferences
            where reference.texture < context.textureSizes.count {
                size = max(size, context.textureSizes[reference.texture])
            }
        }
        return powerOfTwo(atMost: 1 / Double(4 * min(size, 8192)))
    }
}

extension Welding {
    func inMemory() -> PartBuilder.Finest {
        let result = weld()
        return PartBuilder.Finest(
            mesh: result.mesh, triangleCount: result.mesh.triangleCount, dropped: result.dropped)
    }
}
