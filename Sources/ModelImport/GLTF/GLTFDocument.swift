// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The JSON of a glTF 2.0 file, as far as we read it; unknown members are skipped, index references are unchecked.
///
/// - Source: glTF 2.0 specification, section 5 "Properties Reference".
struct GLTFDocument: Decodable {
    var asset: Asset
    var scene: Int?
    var scenes: [Scene]
    var nodes: [Node]
    var meshes: [Mesh]
    var skins: [Skin]
    var accessors: [Accessor]
    var bufferViews: [BufferView]
    var buffers: [Buffer]
    var materials: [MaterialEntry]
    var textures: [Texture]
    var images: [Image]
    var samplers: [Sampler]
    var animations: [Animation]
    var extensionsUsed: [String]
    var extensionsRequired: [String]

    enum CodingKeys: CodingKey {
        case asset, scene, scenes, nodes, meshes, skins, accessors, bufferViews, buffers, materials,
            textures, images
        case samplers, animations, extensionsUsed, extensionsRequired
    }

    /// By node index: what GLTFExtrasReader found.
    var nodeProperties: [Int: [GLTFExtrasReader.Property]] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func list<Element: Decodable>(_ key: CodingKeys) throws -> [Element] {
            try container.decodeIfPresent([Element].self, forKey: key) ?? []
        }
        asset = try container.decode(Asset.self, forKey: .asset)
        scene = try container.decodeIfPresent(Int.self, forKey: .scene)
        scenes = try list(.scenes)
        nodes = try list(.nodes)
        meshes = try list(.meshes)
        skins = try list(.skins)
        accessors = try list(.accessors)
        bufferViews = try list(.bufferViews)
        buffers = try list(.buffers)
        materials = try list(.materials)
        textures = try list(.textures)
        images = try list(.images)
        samplers = try list(.samplers)
        animations = try list(.animations)
        extensionsUsed = try list(.extensionsUsed)
        extensionsRequired = try list(.extensionsRequired)
    }

    /// For a library of meshes without any node: the same with a root node for each mesh.
    var placingEveryMesh: GLTFDocument {
        var result = self
        result.nodes = meshes.indices.map { Node(mesh: $0) }
        result.scenes = []
        result.scene = nil
        return result
    }

    struct Asset: Decodable {
        var version: String
        var minVersion: String?
    }

    struct Scene: Decodable {
        var name: String?
        var nodes: [Int]?
    }

    struct Node: Decodable {
        var name: String?
        var children: [Int]?
        var mesh: Int?
        var skin: Int?
        var matrix: [Double]?
        var translation: [Double]?
        var rotation: [Double]?
        var scale: [Double]?
        var weights: [Float]?
        var extensions: Extensions?

        struct Extensions: Decodable {
            var instancing: Instancing?
            enum CodingKeys: String, CodingKey { case instancing = "EXT_mesh_gpu_instancing" }
        }

        struct Instancing: Decodable {
            var attributes: [String: Int]
        }
    }

    struct Mesh: Decodable {
        var name: String?
        var primitives: [Primitive]
        var weights: [Float]?
    }

    struct Primitive: Decodable {
        var attributes: [String: Int]
        var indices: Int?
        var material: Int?
        var mode: Int?
        var targets: [[String: Int]]?
        var extensions: Extensions?

        struct Extensions: Decodable {
            var draco: Draco?
            enum CodingKeys: String, CodingKey { case draco = "KHR_draco_mesh_compression" }
        }

        struct Draco: Decodable {
            var bufferView: Int
            /// Attribute name to Draco's unique id.
            var attributes: [String: UInt32]
        }
    }

    struct Skin: Decodable {
        var inverseBindMatrices: Int?
        var joints: [Int]
    }

    struct Accessor: Decodable {
        var bufferView: Int?
        var byteOffset: Int?
        var componentType: Int
        var normalized: Bool?
        var count: Int
        var type: String
        var sparse: Sparse?

        struct Sparse: Decodable {
            var count: Int
            var indices: Indices
            var values: Values
        }

        struct Indices: Decodable {
            var bufferView: Int
            var byteOffset: Int?
            var componentType: Int
        }

        struct Values: Decodable {
            var bufferView: Int
            var byteOffset: Int?
        }
    }

    struct BufferView: Decodable {
        var buffer: Int
        var byteOffset: Int?
        var byteLength: Int
        var byteStride: Int?
        var extensions: Extensions?

        struct Extensions: Decodable {
            var meshopt: Meshopt?
            enum CodingKeys: String, CodingKey { case meshopt = "EXT_meshopt_compression" }
        }

        struct Meshopt: Decodable {
            var buffer: Int
            var byteOffset: Int?
            var byteLength: Int
            var byteStride: Int
            var count: Int
            var mode: String
            var filter: String?
        }
    }

    struct Buffer: Decodable {
        var uri: String?
        var byteLength: Int
    }

    struct Image: Decodable {
        var name: String?
        var uri: String?
        var bufferView: Int?
    }

    struct Texture: Decodable {
        var name: String?
        var source: Int?
        var sampler: Int?
    }

    struct Sampler: Decodable {
        var magFilter: Int?
        var wrapS: Int?
        var wrapT: Int?
    }

    /// Only counted.
    struct Animation: Decodable {}
}
