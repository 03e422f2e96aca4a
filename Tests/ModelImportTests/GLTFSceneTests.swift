// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FileMapping
import ModelImport
import StreamCore
import Testing

@Suite struct GLTFSceneTests {
    @Test("transforms multiply down the tree and a shared mesh is one part")
    func hierarchy() throws {
        var draft = triangleDraft(node: ["name": "child", "translation": [1, 2, 3]])
        draft.add("nodes", ["children": [0, 2], "scale": [2, 2, 2], "name": "root"])
        draft.add("nodes", ["mesh": 0, "matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1]])
        draft.add("nodes", ["mesh": 0, "name": "not in the scene"])
        draft.json["scenes"] = [["nodes": [3]], ["nodes": [1]]]
        draft.json["scene"] = 1
        let model = try readGLTF(draft)
        #expect(model.parts.count == 1 && model.instances.count == 2)
        #expect(model.nodes.map(\.name) == ["root", "child", "node 2"])
        #expect(model.nodes.map(\.parent) == [nil, 0, 0])
        #expect(model.instances.map(\.node) == [1, 2])
        #expect(model.instances.map(\.transform.translation) == [Double3(2, 4, 6), Double3(10, 12, 14)])
    }

    @Test("a rotation by quaternion turns counter-clockwise")
    func rotation() throws {
        let half = 0.5.squareRoot()
        let model = try readGLTF(triangleDraft(node: ["rotation": [0, 0, half, half]]))
        let turned = model.instances[0].transform.apply(to: Double3(1, 0, 0))
        #expect(length(turned - Double3(0, 1, 0)) < 1e-12)
    }

    @Test("units and axes apply on the left")
    func units() throws {
        let options = ImportOptions(up: .z, metresPerUnit: 0.001)
        let model = try readGLTF(triangleDraft(node: ["translation": [0, 0, 1000]]), options)
        #expect(length(model.instances[0].transform.translation - Double3(0, 1, 0)) < 1e-12)
    }

    @Test("scalar extras of nodes become properties")
    func extras() throws {
        let extras: [String: Any] = ["b": "text", "a": 12, "c": true, "d": 0.5, "e": [1, 2], "f": ["x": 1]]
        let properties = try readGLTF(triangleDraft(node: ["extras": extras])).nodes[0].properties
        #expect(properties.map { "\($0.name)=\($0.value)" } == ["a=12", "b=text", "c=true", "d=0.5"])
        #expect(try readGLTF(triangleDraft(node: ["extras": "text"])).nodes[0].properties.isEmpty)
    }

    @Test("extras keep the file's order")
    func extrasOrder() throws {
        var text = String(decoding: triangleDraft(node: ["extras": ["k": 1]]).text(uri: nil), as: UTF8.self)
        text.replace(#"{"k":1}"#, with: #"{"zeta":1,"al\u0070ha":"{","zeta2":[{"zz":1}],"mid":false}"#)
        let draft = triangleDraft()
        text.replace("\"buffers\":[{", with: "\"buffers\":[{\"uri\":\"\(draft.dataURI)\",")
        let properties = try readGLTF(Array(text.utf8)).nodes[0].properties
        #expect(properties.map { "\($0.name)=\($0.value)" } == ["zeta=1", "alpha={", "mid=false"])
    }

    @Test("cycles, double parents and references to nothing are refused with their place")
    func brokenTrees() {
        var cycle = triangleDraft()
        cycle.add("nodes", ["children": [2]])
        cycle.add("nodes", ["children": [1]])
        #expect(gltfError(cycle)?.place == "nodes[1]")
        var double = triangleDraft()
        double.add("nodes", ["children": [0]])
        double.add("nodes", ["children": [0]])
        #expect(gltfError(double)?.place == "nodes[2].children[0]")
        #expect(gltfError(triangleDraft(node: ["children": [0]]))?.code == .malformed)
        #expect(gltfError(triangleDraft(node: ["children": [7]]))?.place == "nodes[0].children[0]")
        #expect(gltfError(triangleDraft(node: ["children": [-1]]))?.place == "nodes[0].children[0]")
        var mesh = triangleDraft()
        mesh.change("nodes", 0) { $0["mesh"] = 1 }
        #expect(gltfError(mesh)?.place == "nodes[0].mesh")
    }

    @Test("trees 100,000 nodes deep and wide are read", arguments: [true, false])
    func largeTrees(isDeep: Bool) throws {
        var draft = triangleDraft()
        let count = 100_000
        var nodes: [[String: Any]] = [["mesh": 0]]
        if isDeep {
            for index in 1..<count { nodes.append(["children": [index - 1], "translation": [1, 0, 0]]) }
            draft.json["scenes"] = [["nodes": [count - 1]]]
        } else {
            for _ in 1..<count { nodes.append(["mesh": 0]) }
            nodes.append(["children": Array(0..<count)])
            draft.json["scenes"] = [["nodes": [count]]]
        }
        draft.json["nodes"] = nodes
        let model = try readGLTF(draft)
        #expect(model.nodes.count == (isDeep ? count : count + 1))
        #expect(model.instances.count == (isDeep ? 1 : count))
        if isDeep { #expect(model.instances[0].transform.translation.x == Double(count - 1)) }
    }

    @Test("without a scene all roots are shown, without nodes all meshes")
    func noScene() throws {
        var draft = triangleDraft(node: ["translation": [1, 0, 0]])
        draft.json["scenes"] = nil
        #expect(try readGLTF(draft).instances.count == 1)
        draft.json["nodes"] = nil
        let model = try readGLTF(draft)
        #expect(model.instances.map(\.transform) == [.identity] && model.warnings.count == 1)
    }

    @Test("EXT_mesh_gpu_instancing makes instances, with normalized rotations")
    func instancing() throws {
        var draft = GLTFDraft()
        let translation = draft.accessor([1, 0, 0, 2, 0, 0] as [Float], "VEC3")
        let rotation = draft.accessor([0, 0, 0, 127, 0, 0, 90, 90] as [Int8], "VEC4", normalized: true)
        let scale = draft.accessor([1, 1, 1, 3, 3, 3] as [Float], "VEC3")
        let position = draft.accessor(triangleCorners, "VEC3")
        let attributes = ["TRANSLATION": translation, "ROTATION": rotation, "SCALE": scale]
        draft.show(
            ["attributes": ["POSITION": position]],
            node: [
                "translation": [0, 0, 10], "extensions": ["EXT_mesh_gpu_instancing": ["attributes": attributes]],
            ])
        draft.json["extensionsRequired"] = ["EXT_mesh_gpu_instancing"]
        let model = try readGLTF(draft)
        #expect(model.instances.map(\.transform.translation) == [Double3(1, 0, 10), Double3(2, 0, 10)])
        #expect(length(model.instances[1].transform.apply(toDirection: Double3(1, 0, 0)) - Double3(0, 3, 0)) < 1e-9)
    }

    @Test("a skinned mesh stands as its joints place it, whatever its node's transform")
    func skin() throws {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let normal = draft.accessor([0, 0, 1, 0, 0, 1, 0, 0, 1] as [Float], "VEC3")
        let joints = draft.accessor([0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0] as [UInt8], "VEC4")
        let weights = draft.accessor([1, 0, 0, 0, 0.5, 0.5, 0, 0, 1, 0, 0, 0] as [Float], "VEC4")
        let identity: [Float] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
        var raised = identity
        raised[14] = 1
        let matrices = draft.accessor(identity + raised, "MAT4")
        draft.show(
            ["attributes": ["POSITION": position, "NORMAL": normal, "JOINTS_0": joints, "WEIGHTS_0": weights]],
            node: ["skin": 0, "translation": [100, 0, 0]])
        draft.add("nodes", ["translation": [10, 0, 0], "children": [2]])
        draft.add("nodes", ["translation": [0, 4, 0]])
        draft.add("skins", ["joints": [1, 2], "inverseBindMatrices": matrices])
        let model = try readGLTF(draft)
        #expect(floats(model.parts[0].positions) == [10, 0, 0, 11, 2, 0.5, 10, 5, 1])
        #expect(model.instances[0].transform == .identity)
        #expect(model.warnings == ["nodes[0]: skinned: shown in bind pose"])
        draft.change("skins", 0) { $0["joints"] = [1] }
        #expect(gltfError(draft)?.message.contains("names a joint") == true)
    }

    @Test("morph targets are applied with the node's or the mesh's weights")
    func morphing() throws {
        var draft = GLTFDraft()
        let position = draft.accessor(triangleCorners, "VEC3")
        let offsets = draft.accessor([0, 0, 1, 0, 0, 1, 0, 0, 1] as [Float], "VEC3")
        draft.show(
            primitives: [["attributes": ["POSITION": position], "targets": [["POSITION": offsets]]]],
            mesh: ["weights": [0.5]])
        draft.add("nodes", ["mesh": 0, "weights": [2]])
        draft.json["scenes"] = [["nodes": [0, 1]]]
        let model = try readGLTF(draft)
        #expect(model.parts.map { $0.positions[2] } == [0.5, 2])
    }
}
