// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU
import StreamCore

/// The textures of a scene on the device. Levels arrive from coarse to fine, and memory grows with them: finer levels
/// make a new image, into which the coarser ones are copied on the device.
final class TextureStore {
    struct Texture {
        let image: Image
        /// Number of the image's first level in the archive.
        let finest: Int
    }

    private let uploader: Uploader
    private let roles: TextureRoles
    private let samplers: [TextureSampler]
    private var textures: [Int: Texture] = [:]
    private var placeholders: [Placeholder: Image] = [:]
    private var madeSamplers: [Sampler.Options: Sampler] = [:]
    /// Grows with every change of a texture's image.
    private var versions: [Int: Int] = [:]
    /// Larger stored levels have no tail: a texture with one level only is not shrunk by this.
    private static let largestTail = 128

    init(_ samplers: [TextureSampler], _ roles: TextureRoles, _ uploader: Uploader) throws(GPUError) {
        self.samplers = samplers
        self.roles = roles
        self.uploader = uploader
        for placeholder in Placeholder.allCases {
            let image = try makeImage(.rgba8, width: 1, height: 1, levelCount: 1)
            try uploader.write(placeholder.bytes, to: image, level: 0)
            placeholders[placeholder] = image
        }
    }

    /// A number that changes when one of these textures does.
    func version(of textures: [Int]) -> Int { textures.reduce(0) { $0 + (versions[$1] ?? 0) } }

    /// What a slot samples.
    ///
    /// - Parameter anisotropy: 1 for none.
    func binding(
        _ texture: Int, missing: Placeholder, anisotropy: Float
    ) throws(GPUError) -> (image: Image, sampler: Sampler) {
        if let stored = textures[texture] { return (stored.image, try sampler(options(texture, anisotropy))) }
        guard let image = placeholders[missing] else { preconditionFailure("placeholders exist from the start") }
        let options = Sampler.Options(
            wrapU: .repeat, wrapV: .repeat, isNearest: true, blendsLevels: false, anisotropy: 1)
        return (image, try sampler(options))
    }

    /// Adds levels of one texture, coarser ones first; those that do not continue what is there are left out.
    func add(_ levels: [PackedTexture]) throws(GPUError) {
        guard let first = levels.first else { return }
        let texture = first.texture
        let stored = textures[texture]
        var finest = stored?.finest ?? first.levelCount
        var accepted: [PackedTexture] = []
        for level in levels where level.level == finest - 1 {
            accepted.insert(level, at: 0)
            finest -= 1
        }
        guard let largest = accepted.first, let smallest = accepted.last else { return }
        let isEncoded = roles.isEncoded(texture)
        let tail = stored == nil ? tail(of: smallest, isColor: isEncoded) : []
        let image = try makeImage(
            isEncoded ? .rgba8Srgb : .rgba8, width: largest.width, height: largest.height,
            levelCount: accepted.count + (stored?.image.levelCount ?? tail.count))
        for (number, level) in accepted.enumerated() {
            try write(level.pixels, width: level.width, height: level.height, to: image, level: number)
        }
        for (number, level) in tail.enumerated() {
            try write(
                level.pixels, width: level.width, height: level.height, to: image, level: accepted.count + number)
        }
        if let stored {
            copy(stored.image, from: 0, to: image, from: accepted.count)
        }
        replace(texture, Texture(image: image, finest: finest))
    }

    /// Lets go of the finest level, if it is this one.
    func remove(_ texture: Int, level: Int, levelCount: Int) throws(GPUError) {
        guard let stored = textures[texture], stored.finest == level else { return }
        if level == levelCount - 1 {
            textures[texture] = nil
            versions[texture, default: 0] += 1
            return
        }
        let size = stored.image.size(ofLevel: 1)
        let image = try makeImage(
            stored.image.format, width: size.width, height: size.height, levelCount: stored.image.levelCount - 1)
        copy(stored.image, from: 1, to: image, from: 0)
        replace(texture, Texture(image: image, finest: level + 1))
    }

    private func replace(_ texture: Int, _ new: Texture) {
        textures[texture] = new
        versions[texture, default: 0] += 1
    }

    private func copy(_ old: Image, from: Int, to new: Image, from destination: Int) {
        for level in from..<old.levelCount {
            let number = level - from + destination
            // Sizes that are not halved as they should be stay empty rather than break the device.
            guard number < new.levelCount, new.size(ofLevel: number) == old.size(ofLevel: level) else { continue }
            uploader.copy(old, level: level, to: new, level: number)
        }
    }

    private func write(_ pixels: [UInt8], width: Int, height: Int, to image: Image, level: Int) throws(GPUError) {
        guard image.size(ofLevel: level) == (width, height), pixels.count == 4 * width * height else { return }
        try uploader.write(pixels, to: image, level: level)
    }

    private func tail(of level: PackedTexture, isColor: Bool) -> [TextureTail.Level] {
        guard max(level.width, level.height) <= TextureStore.largestTail,
            level.pixels.count == 4 * level.width * level.height
        else { return [] }
        return TextureTail.levels(
            below: TextureTail.Level(width: level.width, height: level.height, pixels: level.pixels),
            isColor: isColor)
    }

    private func makeImage(
        _ format: PixelFormat, width: Int, height: Int, levelCount: Int
    ) throws(GPUError) -> Image {
        try Image(
            uploader.device, format: format, width: width, height: height, levelCount: levelCount,
            usage: [.sampled, .copySource, .copyDestination])
    }

    private func options(_ texture: Int, _ anisotropy: Float) -> Sampler.Options {
        let source = texture < samplers.count ? samplers[texture] : TextureSampler()
        return Sampler.Options(
            wrapU: wrap(source.wrapU), wrapV: wrap(source.wrapV), isNearest: source.isNearest,
            anisotropy: anisotropy)
    }

    private func sampler(_ options: Sampler.Options) throws(GPUError) -> Sampler {
        if let made = madeSamplers[options] { return made }
        let sampler = try Sampler(uploader.device, options)
        madeSamplers[options] = sampler
        return sampler
    }

    private func wrap(_ wrap: TextureSampler.Wrap) -> Sampler.Wrap {
        switch wrap {
        case .repeat: .repeat
        case .mirroredRepeat: .mirroredRepeat
        case .clampToEdge: .clampToEdge
        }
    }
}
