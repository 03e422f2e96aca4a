// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU

/// Width and height that pictures share memory at: rounded up, so that resizing a window seldom allocates.
struct SizeBucket: Hashable {
    var width: Int
    var height: Int

    init(width: Int, height: Int, limit: Int) {
        func rounded(_ size: Int) -> Int { min((size + 63) / 64 * 64, limit) }
        self.width = rounded(width)
        self.height = rounded(height)
    }
}

/// Images of a bucket that are dead once a picture is resolved, so all slots of the bucket share them.
final class SharedTargets {
    let color: Image
    let depth: Image

    init(_ device: Device, _ bucket: SizeBucket) throws(GPUError) {
        color = try Image(
            device, format: .rgba8, width: bucket.width, height: bucket.height, sampleCount: 4, usage: .target)
        depth = try Image(
            device, format: .depth32, width: bucket.width, height: bucket.height, sampleCount: 4, usage: .target)
    }
}

/// What one picture is drawn with, from its beginning to its release.
final class FrameSlot {
    let bucket: SizeBucket
    let device: Device
    /// The finished picture.
    let color: Image
    private var depthImage: Image?
    private var sumImage: Image?
    private var identityImages: (color: Image, depth: Image)?
    private var sharedTargets: SharedTargets?
    private var uniformBuffers: [Buffer] = []
    private var placementBuffer: Buffer?
    private var drawBuffer: Buffer?
    private var readbackBuffer: Buffer?
    private var deviceBuffers: [String: Buffer] = [:]
    let timestamps: TimestampPool?
    /// In pictures begun since, for letting go of slots that nobody uses.
    var lastUse = 0

    init(_ device: Device, _ bucket: SizeBucket) throws(GPUError) {
        self.device = device
        self.bucket = bucket
        color = try Image(
            device, format: .rgba8, width: bucket.width, height: bucket.height,
            usage: [.target, .storage, .copySource])
        timestamps = device.timestampPeriod > 0 ? try TimestampPool(device, count: 3) : nil
    }

    /// One sample a pixel.
    func depth() throws(GPUError) -> Image {
        if let depthImage { return depthImage }
        let image = try Image(
            device, format: .depth32, width: bucket.width, height: bucket.height,
            usage: [.target, .sampled, .copySource])
        depthImage = image
        return image
    }

    /// Light of a still's passes.
    func sum() throws(GPUError) -> Image {
        if let sumImage { return sumImage }
        let image = try Image(
            device, format: .rgba32Float, width: bucket.width, height: bucket.height, usage: .storage)
        sumImage = image
        return image
    }

    func identities() throws(GPUError) -> (color: Image, depth: Image) {
        if let identityImages { return identityImages }
        let images = (
            color: try Image(
                device, format: .r32UInt, width: bucket.width, height: bucket.height, usage: [.target, .copySource]),
            depth: try Image(
                device, format: .depth32, width: bucket.width, height: bucket.height, usage: .target)
        )
        identityImages = images
        return images
    }

    func uniforms(_ pass: Int) throws(GPUError) -> Buffer {
        while uniformBuffers.count <= pass {
            uniformBuffers.append(
                try Buffer(device, byteCount: FrameBlock.byteCount, usage: .uniforms, memory: .upload))
        }
        return uniformBuffers[pass]
    }

    func placements(byteCount: Int) throws(GPUError) -> Buffer {
        try grown(&placementBuffer, byteCount, .storage, .upload)
    }

    func draws(byteCount: Int) throws(GPUError) -> Buffer {
        try grown(&drawBuffer, byteCount, .indirect, .upload)
    }

    func readback(byteCount: Int) throws(GPUError) -> Buffer {
        try grown(&readbackBuffer, byteCount, .copyDestination, .readback)
    }

    /// Bytes that shaders write and commands copy.
    func results(_ name: String, byteCount: Int) throws(GPUError) -> Buffer {
        var buffer = deviceBuffers[name]
        let result = try grown(&buffer, byteCount, [.storage, .copySource, .copyDestination], .device)
        deviceBuffers[name] = result
        return result
    }

    private func grown(
        _ buffer: inout Buffer?, _ byteCount: Int, _ usage: BufferUsage, _ memory: MemoryUse
    ) throws(GPUError) -> Buffer {
        if let buffer, buffer.byteCount >= byteCount { return buffer }
        var capacity = 4096
        while capacity < byteCount { capacity *= 2 }
        // Doubling what is large would waste a lot.
        if capacity > 1 << 22 { capacity = (byteCount + 0xf_ffff) & ~0xf_ffff }
        buffer = nil
        let made = try Buffer(device, byteCount: capacity, usage: usage, memory: memory)
        buffer = made
        return made
    }
}
