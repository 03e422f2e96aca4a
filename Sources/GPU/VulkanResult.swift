// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// Turns a result that is no success into an error.
func check(_ call: String, _ result: VkResult) throws(GPUError) {
    switch result {
    case VK_SUCCESS: return
    case VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_POOL_MEMORY,
        VK_ERROR_FRAGMENTED_POOL, VK_ERROR_FRAGMENTATION, VK_ERROR_MEMORY_MAP_FAILED:
        throw .outOfMemory(call: call)
    case VK_ERROR_DEVICE_LOST: throw .deviceLost(call: call)
    default: throw .failed(call: call, code: result.rawValue)
    }
}

/// What a C API's pair of calls gives: first the count, then the elements.
func list<Element>(
    of empty: Element, _ fill: (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<Element>?) -> VkResult
) -> [Element] {
    var count: UInt32 = 0
    guard fill(&count, nil) == VK_SUCCESS, count > 0 else { return [] }
    var elements = [Element](repeating: empty, count: Int(count))
    let result = elements.withUnsafeMutableBufferPointer { fill(&count, $0.baseAddress) }
    guard result == VK_SUCCESS || result == VK_INCOMPLETE else { return [] }
    return Array(elements.prefix(Int(count)))
}

/// The text in a fixed array of characters, which Swift imports as a tuple.
func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// Lends C strings for the time of `body`.
func withCStrings<Result, Failure: Error>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws(Failure) -> Result
) throws(Failure) -> Result {
    let copies = strings.map { string in
        let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: string.utf8.count + 1)
        for (index, byte) in string.utf8.enumerated() { bytes[index] = CChar(bitPattern: byte) }
        bytes[string.utf8.count] = 0
        return bytes
    }
    defer { copies.forEach { $0.deallocate() } }
    let pointers = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: max(1, copies.count))
    defer { pointers.deallocate() }
    for (index, copy) in copies.enumerated() { pointers[index] = UnsafePointer(copy) }
    return try body(UnsafePointer(pointers))
}

/// Values at stable addresses for the chains of pointers that Vulkan takes; freed together.
struct Arena: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// Copies a value; the address is good as long as the arena.
    mutating func place<Value>(_ value: Value) -> UnsafePointer<Value> { place([value]) }

    /// Copies values of a trivial type next to each other.
    mutating func place<Value>(_ values: [Value]) -> UnsafePointer<Value> {
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, values.count * MemoryLayout<Value>.stride), alignment: MemoryLayout<Value>.alignment)
        blocks.append(block)
        let typed = block.bindMemory(to: Value.self, capacity: values.count)
        for (index, value) in values.enumerated() { (typed + index).initialize(to: value) }
        return UnsafePointer(typed)
    }

    deinit {
        for block in blocks { block.deallocate() }
    }
}
