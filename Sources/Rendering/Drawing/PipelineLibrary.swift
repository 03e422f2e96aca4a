// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU

/// The pipelines, made when they are first wanted and kept. A new one takes a CPU device some ten milliseconds.
final class PipelineLibrary {
    private struct MeshKey: Hashable {
        var features: MaterialFeatures
        var vertexClass: VertexClass
        var sampleCount: Int
        var writesIdentity: Bool
        var isClipped: Bool
    }

    let device: Device
    let cache: PipelineCache
    /// Set 0 of draws: the frame, placements, materials.
    let frameLayout: BindingLayout
    /// Set 1 of draws: the material's textures.
    let textureLayout: BindingLayout
    let accumulationLayout: BindingLayout
    let summaryLayout: BindingLayout
    let planesLayout: BindingLayout
    let accumulate: Pipeline
    let summary: Pipeline
    let planes: Pipeline
    private let shaders: ShaderFiles
    private let drawLayout: PipelineLayout
    private var sampler: Sampler?
    private var meshes: [MeshKey: Pipeline] = [:]
    private var backgrounds: [Int: Pipeline] = [:]

    init(_ device: Device, _ shaders: ShaderFiles, cacheBytes: [UInt8]) throws(GPUError) {
        self.device = device
        self.shaders = shaders
        let cache = try PipelineCache(device, bytes: cacheBytes)
        self.cache = cache
        frameLayout = try BindingLayout(device, [.uniforms, .storage, .storage])
        textureLayout = try BindingLayout(device, [.textures(MaterialSlot.all.count)])
        accumulationLayout = try BindingLayout(device, [.storageImage, .storageImage])
        summaryLayout = try BindingLayout(device, [.storageImage, .textures(1), .storage])
        planesLayout = try BindingLayout(device, [.storageImage, .storage])
        drawLayout = try PipelineLayout(device, sets: [frameLayout, textureLayout])
        func compute(_ shader: Shader, _ layout: BindingLayout, pushByteCount: Int) throws(GPUError) -> Pipeline {
            try Pipeline(
                device, compute: shader,
                layout: try PipelineLayout(device, sets: [layout], pushByteCount: pushByteCount), cache: cache)
        }
        accumulate = try compute(shaders.accumulate, accumulationLayout, pushByteCount: 16)
        summary = try compute(shaders.summary, summaryLayout, pushByteCount: 16)
        planes = try compute(shaders.planes, planesLayout, pushByteCount: 8)
    }

    /// Draws meshes of a class in the look of a material.
    ///
    /// - Parameter isClipped: by the frame's planes.
    func mesh(
        _ features: MaterialFeatures, _ vertexClass: VertexClass, sampleCount: Int, isClipped: Bool
    ) throws(GPUError) -> Pipeline {
        try mesh(
            MeshKey(
                features: features, vertexClass: vertexClass, sampleCount: sampleCount, writesIdentity: false,
                isClipped: isClipped))
    }

    /// Writes tree nodes instead of colours.
    func identity(_ vertexClass: VertexClass, isClipped: Bool) throws(GPUError) -> Pipeline {
        try mesh(
            MeshKey(
                features: [], vertexClass: vertexClass, sampleCount: 1, writesIdentity: true, isClipped: isClipped))
    }

    /// For images that shaders read texel by texel.
    func plainSampler() throws(GPUError) -> Sampler {
        if let sampler { return sampler }
        let made = try Sampler(
            device,
            Sampler.Options(
                wrapU: .clampToEdge, wrapV: .clampToEdge, isNearest: true, blendsLevels: false, anisotropy: 1))
        sampler = made
        return made
    }

    func background(sampleCount: Int) throws(GPUError) -> Pipeline {
        if let made = backgrounds[sampleCount] { return made }
        var options = Pipeline.GraphicsOptions()
        options.sampleCount = sampleCount
        options.depthTest = .greaterOrEqual
        options.writesDepth = false
        let pipeline = try Pipeline(
            device, vertex: shaders.backgroundVertex, fragment: shaders.backgroundFragment, layout: drawLayout,
            options: options, cache: cache)
        backgrounds[sampleCount] = pipeline
        return pipeline
    }

    private func mesh(_ key: MeshKey) throws(GPUError) -> Pipeline {
        if let made = meshes[key] { return made }
        var options = Pipeline.GraphicsOptions()
        options.strides = [key.vertexClass.stride, 0]
        options.attributes = PipelineLibrary.attributes(key.vertexClass)
        options.sampleCount = key.sampleCount
        options.colorFormat = key.writesIdentity ? .r32UInt : .rgba8
        options.blends = key.features.contains(.blend)
        options.writesDepth = !options.blends
        var fragment = key.writesIdentity ? shaders.identityFragment : shaders.meshFragment
        if !key.writesIdentity { fragment.constants = key.features.constants }
        let pipeline = try Pipeline(
            device, vertex: key.isClipped ? shaders.clippedMeshVertex : shaders.meshVertex, fragment: fragment,
            layout: drawLayout, options: options,
            cache: cache)
        meshes[key] = pipeline
        return pipeline
    }

    /// What a class lacks comes from the second buffer, which has it once for all vertices.
    private static func attributes(_ vertexClass: VertexClass) -> [Pipeline.Attribute] {
        func own(_ location: Int, _ format: Pipeline.VertexFormat, _ offset: Int) -> Pipeline.Attribute {
            Pipeline.Attribute(location: location, binding: 0, format: format, offset: offset)
        }
        func constant(_ location: Int, _ format: Pipeline.VertexFormat, _ offset: Int) -> Pipeline.Attribute {
            Pipeline.Attribute(location: location, binding: 1, format: format, offset: offset)
        }
        let coordinates = vertexClass.coordinatesOffset
        return [
            own(0, vertexClass.isWide ? .uint3 : .ushort4, 0),
            own(1, .short2Normalized, vertexClass.normalOffset),
            vertexClass.setCount > 0 ? own(2, .float2, coordinates) : constant(2, .float2, 0),
            vertexClass.setCount > 1 ? own(3, .float2, coordinates + 8) : constant(3, .float2, 0),
            vertexClass.hasColors
                ? own(4, .byte4Normalized, vertexClass.colorOffset) : constant(4, .byte4Normalized, 8),
        ]
    }
}
