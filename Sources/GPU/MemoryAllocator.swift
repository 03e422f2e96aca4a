// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Where memory is and who reads it.
package enum MemoryUse: Sendable {
    /// Read and written by the device; mapped too where the device is the CPU or shares its memory.
    case device
    /// Written by the CPU, read by the device.
    case upload
    /// Written by the device, read by the CPU from its cache.
    case readback
}

/// A piece of a block of device memory.
struct MemoryRange {
    let block: MemoryBlock
    let range: Range<Int>

    /// The piece's first byte, if the block is mapped.
    var address: UnsafeMutableRawPointer? { block.address.map { $0 + range.lowerBound } }
}

/// One allocation of the driver, shared by many buffers or images.
final class MemoryBlock {
    let handle: VkDeviceMemory
    let byteCount: Int
    let address: UnsafeMutableRawPointer?
    let isCoherent: Bool
    let key: MemoryAllocator.Key
    var ranges: RangeAllocator

    init(
        handle: VkDeviceMemory, byteCount: Int, address: UnsafeMutableRawPointer?, isCoherent: Bool,
        key: MemoryAllocator.Key
    ) {
        self.handle = handle
        self.byteCount = byteCount
        self.address = address
        self.isCoherent = isCoherent
        self.key = key
        ranges = RangeAllocator(capacity: byteCount)
    }
}

/// Cuts blocks of device memory into pieces and keeps within a budget.
struct MemoryAllocator {
    /// Blocks of different keys are never mixed: images and buffers must keep a distance from each other.
    struct Key: Hashable {
        var type: UInt32
        var isForImages: Bool
    }

    /// Most bytes that blocks may have together.
    let budgetByteCount: Int
    private(set) var allocatedByteCount = 0
    private(set) var usedByteCount = 0
    /// Smaller where there is little, because blocks of different kinds are never shared.
    private let blockByteCount: Int
    private let types: [VkMemoryType]
    private let prefersMapped: Bool
    private var blocks: [MemoryBlock] = []

    /// - Parameter prefersMapped: device memory is mapped where there is such memory, so that nothing needs staging.
    init(_ properties: VkPhysicalDeviceMemoryProperties, budgetByteCount: Int, prefersMapped: Bool) {
        self.budgetByteCount = budgetByteCount
        self.prefersMapped = prefersMapped
        blockByteCount = min(32 << 20, max(1 << 20, budgetByteCount / 32))
        let count = Int(properties.memoryTypeCount)
        types = withUnsafeBytes(of: properties.memoryTypes) {
            Array($0.bindMemory(to: VkMemoryType.self).prefix(count))
        }
    }

    mutating func allocate(
        _ requirements: VkMemoryRequirements, _ use: MemoryUse, isForImages: Bool, device: DeviceFunctions,
        handle: VkDevice, objects: ObjectCounter
    ) throws(GPUError) -> MemoryRange {
        guard let type = memoryType(requirements.memoryTypeBits, use, isForImages: isForImages) else {
            throw .failed(call: "choosing a memory type", code: 0)
        }
        let key = Key(type: type, isForImages: isForImages)
        let byteCount = Int(requirements.size)
        let alignment = Int(requirements.alignment)
        for block in blocks where block.key == key {
            guard let range = block.ranges.allocate(byteCount, alignment: alignment) else { continue }
            usedByteCount += byteCount
            return MemoryRange(block: block, range: range)
        }
        let room = budgetByteCount - allocatedByteCount
        // What is large has a block of its own; near the budget blocks are no larger than they must be.
        let wanted = byteCount > blockByteCount / 2 ? byteCount : max(byteCount, min(blockByteCount, room))
        guard wanted <= room else { throw .outOfMemory(call: "the budget of \(budgetByteCount) bytes") }
        let block = try makeBlock(key, byteCount: wanted, device: device, handle: handle, objects: objects)
        guard let range = block.ranges.allocate(byteCount, alignment: alignment) else {
            preconditionFailure("an empty block has room")
        }
        usedByteCount += byteCount
        return MemoryRange(block: block, range: range)
    }

    /// Gives a piece back; an empty block goes back to the driver.
    mutating func release(_ piece: MemoryRange, device: DeviceFunctions, handle: VkDevice, objects: ObjectCounter) {
        piece.block.ranges.release(piece.range)
        usedByteCount -= piece.range.count
        guard piece.block.ranges.isEmpty else { return }
        blocks.removeAll { $0 === piece.block }
        allocatedByteCount -= piece.block.byteCount
        device.freeMemory(handle, piece.block.handle, nil)
        objects.remove()
    }

    private mutating func makeBlock(
        _ key: Key, byteCount: Int, device: DeviceFunctions, handle: VkDevice, objects: ObjectCounter
    ) throws(GPUError) -> MemoryBlock {
        var info = VkMemoryAllocateInfo()
        info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
        info.allocationSize = VkDeviceSize(byteCount)
        info.memoryTypeIndex = key.type
        var memory: VkDeviceMemory?
        try check("vkAllocateMemory", device.allocateMemory(handle, &info, nil, &memory))
        var address: UnsafeMutableRawPointer?
        let flags = types[Int(key.type)].propertyFlags
        if flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue != 0, !key.isForImages {
            let result = device.mapMemory(handle, memory, 0, VkDeviceSize(byteCount), 0, &address)
            if result != VK_SUCCESS {
                device.freeMemory(handle, memory, nil)
                try check("vkMapMemory", result)
            }
        }
        objects.add()
        allocatedByteCount += byteCount
        let block = MemoryBlock(
            handle: memory!, byteCount: byteCount, address: address,
            isCoherent: flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue != 0, key: key)
        blocks.append(block)
        return block
    }

    /// The type with the most of the wished properties among those with the needed ones; earlier ones are faster.
    private func memoryType(_ allowed: UInt32, _ use: MemoryUse, isForImages: Bool) -> UInt32? {
        let local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT.rawValue
        let visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue
        let coherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue
        let cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT.rawValue
        let wishes: [UInt32] =
            switch use {
            case .device:
                prefersMapped && !isForImages ? [local | visible | coherent, local, 0] : [local, 0]
            case .upload: [visible | coherent]
            // Never memory without a cache: reading it is ten times slower.
            case .readback: [visible | cached | coherent, visible | cached, visible | coherent]
            }
        for wish in wishes {
            for (index, type) in types.enumerated()
            where allowed & (1 << UInt32(index)) != 0 && type.propertyFlags & wish == wish {
                return UInt32(index)
            }
        }
        return nil
    }
}
