// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import StreamCore

/// The second pass: one part per group, its triangles sorted by material, its corners joined into vertices.
struct OBJModelBuilder {
    private let content: OBJContent
    private let file: MappedFile
    private let options: ImportOptions
    private let expectedTotalBytes: Int
    private var model = SourceModel()
    /// For each name of usemtl the model's material, or nil.
    private var materials: [Int?] = []
    private var joiner: VertexJoiner<SIMD2<UInt32>>
    private var droppedTriangles = 0
    private var spillableParts = 0

    init(_ content: OBJContent, file: MappedFile, options: ImportOptions) {
        self.content = content
        self.file = file
        self.options = options
        let (bytes, overflow) = content.triangleCount.multipliedReportingOverflow(by: 48)
        expectedTotalBytes = overflow ? .max / 2 : bytes
        joiner = VertexJoiner(vertexCount: content.positions.count / 3)
    }

    mutating func build() throws(ImportError) -> SourceModel {
        model.name = ModelImporter.name(ofPath: file.path)
        model.format = "OBJ"
        model.warnings = content.warnings
        model.nodes = [SourceNode(name: model.name, parent: nil)]
        loadMaterials()
        let world = options.worldFromFile(habitualUp: .y, habitualMetresPerUnit: 1)
        var objects: [String: Int] = [:]
        for (number, segments) in segmentsByPart().enumerated() {
            if options.isCancelled() {
                throw ImportError(.cancelled, "reading was cancelled", file: file.path)
            }
            let group = content.groups[number]
            guard let part = try makePart(group, segments) else { continue }
            let node = node(for: group, &objects)
            model.instances.append(SourceInstance(part: model.parts.count, node: node, transform: world))
            model.parts.append(part)
        }
        if droppedTriangles > 0 {
            model.warnings.append(
                "\(droppedTriangles) triangles with corners that are not finite numbers were left out")
        }
        guard !model.parts.isEmpty else {
            throw ImportError(.empty, "it has no triangles to show", file: file.path)
        }
        return model
    }

    private mutating func loadMaterials() {
        guard !content.materialNames.isEmpty else { return }
        var library = MTLLibrary()
        for name in content.libraries { library.read(name, besideFile: file.path, &model) }
        var missing = 0
        for name in content.materialNames {
            let material = library.numbers[name]
            if material == nil, !name.isEmpty { missing += 1 }
            materials.append(material)
        }
        if missing > 0 {
            model.warnings.append(
                "\(missing) materials are used but not defined; the default stands in for them")
        }
    }

    /// For each part its segments with triangle ranges, stably sorted by material.
    private func segmentsByPart() -> [[(triangles: Range<Int>, material: Int)]] {
        var result = [[(triangles: Range<Int>, material: Int)]](
            repeating: [], count: content.groups.count)
        for (index, segment) in content.segments.enumerated() {
            let end =
                index + 1 < content.segments.count
                ? content.segments[index + 1].firstTriangle : content.triangleCount
            if end > segment.firstTriangle {
                result[segment.part].append((segment.firstTriangle..<end, segment.material))
            }
        }
        for part in result.indices {
            let sorted = result[part].enumerated().sorted {
                ($0.element.material, $0.offset) < ($1.element.material, $1.offset)
            }
            result[part] = sorted.map(\.element)
        }
        return result
    }

    /// The tree node of a group: below its object where it has one. Without any name it is the root.
    private mutating func node(for group: OBJContent.Group, _ objects: inout [String: Int]) -> Int {
        var parent = 0
        if !group.object.isEmpty {
            parent = objects[group.object] ?? addNode(group.object, parent: 0)
            objects[group.object] = parent
        }
        return group.group.isEmpty ? parent : addNode(group.group, parent: parent)
    }

    private mutating func addNode(_ name: String, parent: Int) -> Int {
        model.nodes.append(SourceNode(name: name, parent: parent))
        return model.nodes.count - 1
    }

    private mutating func makePart(
        _ group: OBJContent.Group, _ segments: [(triangles: Range<Int>, material: Int)]
    ) throws(ImportError) -> SourcePart? {
        let triangleCount = segments.reduce(0) { $0 + $1.triangles.count }
        guard triangleCount > 0 else { return nil }
        // Each spilled array keeps a file open, of which a process has about a thousand: small parts stay in memory.
        let maySpill = triangleCount > 1 << 16 && spillableParts < 100
        if maySpill { spillableParts += 1 }
        let spillBytes = maySpill ? expectedTotalBytes : 0
        var assembler = try OBJPartAssembler(
            content, segments, options: options, expectedTotalBytes: spillBytes, file: file.path)
        var ranges: [SourcePart.MaterialRange] = []
        for segment in segments {
            let first = assembler.triangleCount
            for start in stride(
                from: segment.triangles.lowerBound, to: segment.triangles.upperBound, by: 1 << 19)
            {
                if options.isCancelled() {
                    throw ImportError(.cancelled, "reading was cancelled", file: file.path)
                }
                try assembler.add(
                    start..<min(start + 1 << 19, segment.triangles.upperBound), content, &joiner)
                if options.spill.memoryLimit != nil, segment.triangles.count > 1 << 18 {
                    content.releaseResidentPages()
                }
            }
            let added = assembler.triangleCount - first
            let material = segment.material < 0 ? nil : materials[segment.material]
            if added == 0 { continue }
            if let last = ranges.indices.last, ranges[last].material == material {
                ranges[last].triangleCount += added
            } else {
                ranges.append(
                    SourcePart.MaterialRange(firstTriangle: first, triangleCount: added, material: material))
            }
        }
        droppedTriangles += assembler.droppedTriangles
        let name =
            !group.group.isEmpty ? group.group : !group.object.isEmpty ? group.object : model.name
        var part = try assembler.finish(name: name, content, &joiner)
        part.materialRanges = ranges
        return part.triangleCount > 0 ? part : nil
    }
}
