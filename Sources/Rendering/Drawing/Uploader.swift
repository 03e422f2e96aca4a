// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import GPU

/// Brings bytes to the device: written at once where its memory is mapped, else through staging memory that the next
/// commands copy from.
final class Uploader {
    let device: Device
    private var copies: [Copy] = []
    private var staging: Buffer?
    private var stagingUsed = 0
    private static let stagingByteCount = 4 << 20

    private struct Copy {
        enum Destination {
            case buffer(Buffer, offset: Int)
            case level(Image, CopyRegion)
            /// Another image's level.
            case image(Image, level: Int, to: Image, toLevel: Int)
        }
        var source = Staged()
        var destination: Destination
    }

    /// Bytes in staging memory.
    private struct Staged {
        var buffer: Buffer?
        var offset = 0
        var byteCount = 0
    }

    init(_ device: Device) { self.device = device }

    var isEmpty: Bool { copies.isEmpty }

    /// Writes to bytes that no submitted commands use.
    func write<Value: BitwiseCopyable>(_ values: [Value], to buffer: Buffer, at offset: Int) throws(GPUError) {
        if values.isEmpty { return }
        if buffer.isMapped {
            buffer.write(values, at: offset)
            return
        }
        copies.append(Copy(source: try stage(values), destination: .buffer(buffer, offset: offset)))
    }

    /// Writes a level of an image: RGBA8, row by row.
    func write(_ pixels: [UInt8], to image: Image, level: Int) throws(GPUError) {
        let size = image.size(ofLevel: level)
        let region = CopyRegion(level: level, width: size.width, height: size.height)
        copies.append(Copy(source: try stage(pixels), destination: .level(image, region)))
    }

    /// Copies a level from an image to another one, where it has the same size.
    func copy(_ source: Image, level: Int, to image: Image, level destination: Int) {
        copies.append(Copy(destination: .image(source, level: level, to: image, toLevel: destination)))
    }

    /// Records all copies, in the order they were asked for, and makes the results visible to draws. They are recorded
    /// again if the commands come to nothing: `submitted` says that they have not.
    func record(_ commands: Commands) {
        if copies.isEmpty { return }
        var written: [ObjectIdentifier: Image] = [:]
        func prepare(_ image: Image) {
            guard written.updateValue(image, forKey: ObjectIdentifier(image)) == nil else { return }
            commands.transition(image, to: .copyDestination, keepsContents: false)
        }
        for copy in copies {
            switch copy.destination {
            case .buffer(let buffer, let offset):
                guard let source = copy.source.buffer else { continue }
                commands.copy(
                    source, at: copy.source.offset, to: buffer, at: offset, byteCount: copy.source.byteCount)
            case .level(let image, let region):
                guard let source = copy.source.buffer else { continue }
                prepare(image)
                commands.copy(source, at: copy.source.offset, to: image, region)
            case .image(let old, let level, let image, let destination):
                // The old image may itself have been written just now.
                commands.transition(old, to: .copySource)
                written[ObjectIdentifier(old)] = nil
                prepare(image)
                commands.copy(old, level: level, to: image, level: destination)
            }
        }
        for image in written.values { commands.transition(image, to: .sampled) }
        commands.barrier(from: .copyWrite, to: [.drawRead, .shaderRead])
    }

    /// What was recorded is with the device.
    func submitted() {
        copies = []
        staging = nil
    }

    private func stage<Value: BitwiseCopyable>(_ values: [Value]) throws(GPUError) -> Staged {
        let byteCount = values.count * MemoryLayout<Value>.stride
        // Images want offsets that are multiples of four; sixteen suits everything.
        let start = (stagingUsed + 15) & ~15
        if let staging, start + byteCount <= staging.byteCount {
            staging.write(values, at: start)
            stagingUsed = start + byteCount
            return Staged(buffer: staging, offset: start, byteCount: byteCount)
        }
        let buffer = try Buffer(
            device, byteCount: max(byteCount, Uploader.stagingByteCount), usage: .copySource, memory: .upload)
        buffer.write(values)
        staging = buffer
        stagingUsed = byteCount
        return Staged(buffer: buffer, byteCount: byteCount)
    }
}
