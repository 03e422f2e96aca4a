// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// What FORMAT.md says of the description: the lengths of lists, the ranges of numbers, and that what it names exists.
extension ModelDescription {
    /// The first rule that is broken, in words; nil: none is.
    func problem(with index: TilesetIndex) -> String? {
        let counts = [sourceByteCount, partCount, instanceCount, triangleCount]
        if counts.contains(where: { !(0...TilesetLimits.largestCount).contains($0) }) {
            return "a count is negative or too large"
        }
        if ModelDescription.isTooLong(name) || ModelDescription.isTooLong(sourceFormat)
            || warnings.contains(where: ModelDescription.isTooLong)
        {
            return "a text is too long"
        }
        if textures.count != index.textures.count { return "it has another number of textures than the index" }
        if textures.contains(where: { ModelDescription.isTooLong($0.name) }) { return "a texture's name is too long" }
        for geometry in index.geometries where geometry.materials.contains(where: { $0 >= materials.count }) {
            return "a geometry uses a material that does not exist"
        }
        for (number, material) in materials.enumerated() where !isSound(material) {
            return
                "material \(number) has a list of a wrong length, a number out of range or a texture that does not exist"
        }
        return tree.problem
    }

    static func isTooLong(_ text: String) -> Bool { text.utf8.count > TilesetLimits.longestTextByteCount }

    private func isSound(_ material: Material) -> Bool {
        let lists: [([Float]?, Int)] = [
            (material.baseColorFactor, 4), (material.emissiveFactor, 3), (material.sheen?.colorFactor, 3),
            (material.specular?.colorFactor, 3),
        ]
        let numbers: [Float?] = [
            material.metallicFactor, material.roughnessFactor, material.emissiveStrength, material.normalScale,
            material.occlusionStrength, material.alphaCutoff, material.transmissionFactor, material.indexOfRefraction,
            material.sheen?.roughnessFactor, material.clearcoat?.factor, material.clearcoat?.roughnessFactor,
            material.clearcoat?.normalScale, material.specular?.factor,
        ]
        return !ModelDescription.isTooLong(material.name)
            && lists.allSatisfy { list, count in list.map { $0.count == count && $0.allSatisfy(isFactor) } ?? true }
            && numbers.allSatisfy { $0.map(isFactor) ?? true }
            && material.textureReferences.allSatisfy(isSound)
    }

    private func isSound(_ reference: TextureReference) -> Bool {
        textures.indices.contains(reference.texture) && (0...1).contains(reference.coordinateSet)
            && reference.offset.count == 2 && reference.scale.count == 2 && isFactor(reference.rotation)
            && (reference.offset + reference.scale).allSatisfy(isFactor)
    }

    private func isFactor(_ number: Float) -> Bool { abs(number) <= TilesetLimits.largestFactor }
}

extension ModelDescription.Tree {
    fileprivate var problem: String? {
        if names.count != parents.count { return "its tree has not as many names as parents" }
        // Readers keep the tree's numbers in 32 bits.
        if names.count > Int32.max { return "its tree has too many nodes" }
        for (node, parent) in parents.enumerated() where parent < -1 || parent >= node {
            return "node \(node) of its tree does not follow its parent"
        }
        if names.contains(where: ModelDescription.isTooLong) { return "a name in its tree is too long" }
        for (node, pairs) in properties {
            guard names.indices.contains(node) else { return "it has properties of a node that its tree has not" }
            guard pairs.allSatisfy({ $0.count == 2 && !$0.contains(where: ModelDescription.isTooLong) }) else {
                return "a property of node \(node) is not a name and a value, or too long"
            }
        }
        return nil
    }
}
