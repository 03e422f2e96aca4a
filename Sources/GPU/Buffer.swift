// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// What a buffer is used for.
package struct BufferUsage: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let vertices = BufferUsage(rawValue: 1)
    package static let indices = BufferUsage(rawValue: 2)
    package static let uniforms = BufferUsage(rawValue: 4)
    package static let storage = BufferUsage(rawValue: 8)
    package static let indirect = BufferUsage(rawValue: 16)
    package static let copySource = BufferUsage(rawValue: 32)
    package static let copyDestination = BufferUsage(rawValue: 64)

    var vulkan: UInt32 {
        let bits: [(BufferUsage, VkBufferUsageFlagBits)] = [
            (.vertices, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT), (.indices, VK_BUFFER_USAGE_INDEX_BUFFER_BIT),
            (.uniforms, VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT), (.storage, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT),
            (.indirect, VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT), (.copySource, VK_BUFFER_USAGE_TRANSFER_SRC_BIT),
            (.copyDestination, VK_BUFFER_USAGE_TRANSFER_DST_BIT),
        ]
        return bits.reduce(0) { contains($1.0) ? $0 | $1.1.rawValue : $0 }
    }
}

/// Memory that the device reads or writes. Let go of it at any time: it is destroyed when the device is done with it.
package final class Buffer {
    package let byteCount: Int
    /// Whether the CPU reaches it, so that `write` and `bytes` work.
    package var isMapped: Bool { memory.address != nil }
    let device: Device
    let handle: VkBuffer
    private let memory: MemoryRange

    /// - Throws: `.outOfMemory`, also when the device's budget would be exceeded; `.deviceLost`.
    package init(_ device: Device, byteCount: Int, usage: BufferUsage, memory use: MemoryUse) throws(GPUError) {
        precondition(byteCount > 0, "a buffer has bytes")
        self.device = device
        self.byteCount = byteCount
        var info = VkBufferCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
        info.size = VkDeviceSize(byteCount)
        info.usage = usage.vulkan
        let buffer = try device.make("vkCreateBuffer") { device.functions.createBuffer(device.handle, &info, nil, &$0) }
        var requirements = VkMemoryRequirements()
        device.functions.getBufferMemoryRequirements(device.handle, buffer, &requirements)
        // So that flushing or invalidating one buffer never touches its neighbour.
        let atom = VkDeviceSize(device.nonCoherentAtom)
        requirements.alignment = max(requirements.alignment, atom)
        requirements.size = (requirements.size + atom - 1) / atom * atom
        var piece: MemoryRange?
        do throws(GPUError) {
            let allocated = try device.allocate(requirements, use, isForImages: false)
            piece = allocated
            try check(
                "vkBindBufferMemory",
                device.functions.bindBufferMemory(
                    device.handle, buffer, allocated.block.handle, VkDeviceSize(allocated.range.lowerBound)))
        } catch {
            device.retire(.buffer(buffer, piece))
            throw error
        }
        handle = buffer
        memory = piece!
    }

    deinit { device.retire(.buffer(handle, memory)) }

    /// Writes from the CPU; the next submission sees it. The buffer is mapped, and the device does not use these bytes.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        precondition(offset >= 0 && offset + bytes.count <= byteCount, "the bytes fit")
        guard let source = bytes.baseAddress, let address = memory.address else {
            precondition(bytes.isEmpty, "a mapped buffer")
            return
        }
        (address + offset).copyMemory(from: source, byteCount: bytes.count)
        if !memory.block.isCoherent { synchronize(device.functions.flushMappedMemoryRanges) }
    }

    /// Writes an array of plain values.
    package func write<Value: BitwiseCopyable>(_ values: [Value], at offset: Int = 0) {
        values.withUnsafeBytes { write($0, at: offset) }
    }

    /// All bytes, as the device left them; valid as long as the buffer. Call after waiting for the submission.
    package func bytes() -> UnsafeRawBufferPointer {
        guard let address = memory.address else { preconditionFailure("a mapped buffer") }
        if !memory.block.isCoherent { synchronize(device.functions.invalidateMappedMemoryRanges) }
        return UnsafeRawBufferPointer(start: address, count: byteCount)
    }

    private func synchronize(_ call: (VkDevice?, UInt32, UnsafePointer<VkMappedMemoryRange>?) -> VkResult) {
        var range = VkMappedMemoryRange()
        range.sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE
        range.memory = memory.block.handle
        range.offset = VkDeviceSize(memory.range.lowerBound)
        range.size = VkDeviceSize(memory.range.count)
        _ = call(device.handle, 1, &range)
    }
}
