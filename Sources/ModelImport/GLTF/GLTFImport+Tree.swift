// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// The node tree, resolved once: who is whose parent, and where each node stands in the file's axes and units.
struct GLTFTree {
    /// nil for a root.
    var parents: [Int?]
    var worldTransforms: [AffineTransform]
    /// The nodes of the scene, parents first, in the file's order.
    var sceneNodes: [Int]
}

/// - Source: glTF 2.0 specification, section 3.5 "Scenes".
extension GLTFImport {
    /// Everything here is iterative: trees 10^5 nodes deep are fine.
    ///
    /// - Throws: `malformed` for cycles, nodes with two parents, and references to nothing.
    func tree() throws(ImportError) -> GLTFTree {
        let parents = try parents()
        let roots = parents.indices.filter { parents[$0] == nil }
        let order = preorder(from: roots)
        guard order.count == document.nodes.count else {
            var isReached = [Bool](repeating: false, count: document.nodes.count)
            for node in order { isReached[node] = true }
            throw malformed(
                "the node is its own ancestor", "nodes[\(isReached.firstIndex(of: false) ?? 0)]")
        }
        var transforms = [AffineTransform](repeating: .identity, count: order.count)
        for node in order {
            let local = try localTransform(of: node)
            transforms[node] = parents[node].map { transforms[$0] * local } ?? local
            guard transforms[node].isFinite else {
                throw malformed("the transform overflows", "nodes[\(node)]")
            }
        }
        return GLTFTree(
            parents: parents, worldTransforms: transforms,
            sceneNodes: preorder(from: try sceneRoots(roots, parents)))
    }

    private func parents() throws(ImportError) -> [Int?] {
        var parents = [Int?](repeating: nil, count: document.nodes.count)
        for (node, entry) in document.nodes.enumerated() {
            guard let children = entry.children else { continue }
            for (position, child) in children.enumerated() {
                let place = "nodes[\(node)].children[\(position)]"
                _ = try element(document.nodes, child, "nodes", place)
                guard parents[child] == nil else {
                    throw malformed("nodes[\(child)] has two parents", place)
                }
                parents[child] = node
            }
        }
        return parents
    }

    /// The trees under `roots`, which no node can reach twice because each has one parent at most.
    private func preorder(from roots: [Int]) -> [Int] {
        var order: [Int] = []
        order.reserveCapacity(document.nodes.count)
        var stack = Array(roots.reversed())
        while let node = stack.popLast() {
            order.append(node)
            if let children = document.nodes[node].children {
                stack.append(contentsOf: children.reversed())
            }
        }
        return order
    }

    /// The default scene's roots, else those of scene 0, else all there are.
    private func sceneRoots(_ roots: [Int], _ parents: [Int?]) throws(ImportError) -> [Int] {
        guard document.scene != nil || !document.scenes.isEmpty else { return roots }
        let index = document.scene ?? 0
        let scene = try element(document.scenes, index, "scenes", "scene")
        if document.scenes.count > 1 {
            warnings.add("only scene \(index) of the file's \(document.scenes.count) is shown")
        }
        var isListed = [Bool](repeating: false, count: parents.count)
        for (position, node) in (scene.nodes ?? []).enumerated() {
            let place = "scenes[\(index)].nodes[\(position)]"
            _ = try element(document.nodes, node, "nodes", place)
            guard parents[node] == nil else { throw malformed("nodes[\(node)] is not a root", place) }
            guard !isListed[node] else { throw malformed("nodes[\(node)] is listed twice", place) }
            isListed[node] = true
        }
        return scene.nodes ?? []
    }

    private func localTransform(of index: Int) throws(ImportError) -> AffineTransform {
        let node = document.nodes[index]
        if let m = node.matrix {
            guard m.count == 16 else {
                throw malformed("a matrix has 16 numbers", "nodes[\(index)].matrix")
            }
            guard m[3] == 0, m[7] == 0, m[11] == 0, m[15] == 1 else {
                throw malformed("the last row is not 0 0 0 1", "nodes[\(index)].matrix")
            }
            return AffineTransform(columns: m[...])
        }
        let translation = try vector(node.translation, count: 3, "nodes[\(index)].translation")
        let rotation = try vector(node.rotation, count: 4, "nodes[\(index)].rotation")
        let scale = try vector(node.scale, count: 3, "nodes[\(index)].scale")
        return AffineTransform(translation: translation, rotation: rotation, scale: scale)
    }

    private func vector(_ numbers: [Double]?, count: Int, _ place: @autoclosure () -> String)
        throws(ImportError) -> [Double]?
    {
        guard let numbers else { return nil }
        guard numbers.count == count else {
            throw malformed("\(numbers.count) numbers instead of \(count)", place())
        }
        return numbers
    }

    /// The transforms of EXT_mesh_gpu_instancing, local to the node; one identity for a node without.
    func instanceTransforms(of node: Int) throws(ImportError) -> [AffineTransform] {
        guard let attributes = document.nodes[node].extensions?.instancing?.attributes else {
            return [.identity]
        }
        let place = "nodes[\(node)].extensions.EXT_mesh_gpu_instancing.attributes"
        let widths = ["TRANSLATION": 3, "ROTATION": 4, "SCALE": 3]
        var values: [String: [Double]] = [:]
        var count: Int?
        for name in ["TRANSLATION", "ROTATION", "SCALE"] {
            guard let index = attributes[name], let width = widths[name] else { continue }
            let accessor = try accessor(index, "\(place).\(name)")
            guard accessor.componentCount == width, count == nil || count == accessor.count else {
                throw malformed(
                    "the type or count does not go with the other attributes", "\(place).\(name)")
            }
            count = accessor.count
            values[name] = try numbers(accessor)
        }
        try charge(count ?? 0, stride: MemoryLayout<SourceInstance>.stride, place)
        return (0..<(count ?? 0)).map { index in
            func part(_ name: String, _ width: Int) -> [Double]? {
                values[name].map { Array($0[width * index..<width * (index + 1)]) }
            }
            return AffineTransform(
                translation: part("TRANSLATION", 3), rotation: part("ROTATION", 4), scale: part("SCALE", 3))
        }
    }
}

extension AffineTransform {
    /// The first three rows of a column-major 4 × 4 matrix.
    fileprivate init(columns m: ArraySlice<Double>) {
        let s = m.startIndex
        self.init(
            x: Double3(m[s], m[s + 1], m[s + 2]), y: Double3(m[s + 4], m[s + 5], m[s + 6]),
            z: Double3(m[s + 8], m[s + 9], m[s + 10]),
            translation: Double3(m[s + 12], m[s + 13], m[s + 14]))
    }

    /// Translation after rotation after scale, each of the stated length or nil for none.
    fileprivate init(translation: [Double]?, rotation: [Double]?, scale: [Double]?) {
        var result = AffineTransform.identity
        if let r = rotation { result = .rotation(Double4(r[0], r[1], r[2], r[3])) }
        if let s = scale { result = result * .scale(Double3(s[0], s[1], s[2])) }
        if let t = translation { result.translation = Double3(t[0], t[1], t[2]) }
        self = result
    }
}

/// The matrices of a skin at rest: from each joint's bind space to world space.
///
/// - Source: glTF 2.0 specification, section 3.7.3 "Skins".
extension GLTFImport {
    func skinMatrices(_ index: Int, _ tree: GLTFTree, _ place: String) throws(ImportError)
        -> [AffineTransform]
    {
        if let known = skins[index] { return known }
        let skin = try element(document.skins, index, "skins", place)
        let own = "skins[\(index)]"
        var inverses: [Double] = []
        if let matrices = skin.inverseBindMatrices {
            let accessor = try accessor(matrices, "\(own).inverseBindMatrices")
            guard accessor.componentCount == 16, accessor.scalar == .float32,
                accessor.count >= skin.joints.count
            else {
                throw malformed("one 4 × 4 float matrix per joint is needed", "\(own).inverseBindMatrices")
            }
            inverses = try numbers(accessor)
        }
        var result: [AffineTransform] = []
        for (position, joint) in skin.joints.enumerated() {
            _ = try element(document.nodes, joint, "nodes", "\(own).joints[\(position)]")
            let world = tree.worldTransforms[joint]
            result.append(
                inverses.isEmpty ? world : world * AffineTransform(columns: inverses[(16 * position)...]))
        }
        guard !result.isEmpty else { throw malformed("the skin has no joints", "\(own).joints") }
        skins[index] = result
        return result
    }
}
