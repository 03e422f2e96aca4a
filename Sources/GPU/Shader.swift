// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

internal import CVulkan

/// SPIR-V with its specialization: numbers (also flags: 0 or 1) for the constants that have an id.
package struct Shader: Sendable {
    package var words: [UInt32]
    package var constants: [UInt32: UInt32]

    package init(words: [UInt32], constants: [UInt32: UInt32] = [:]) {
        self.words = words
        self.constants = constants
    }

    /// - Returns: nil if the bytes are no SPIR-V.
    package init?(bytes: [UInt8], constants: [UInt32: UInt32] = [:]) {
        guard bytes.count >= 20, bytes.count % 4 == 0 else { return nil }
        var words = [UInt32](repeating: 0, count: bytes.count / 4)
        for (index, byte) in bytes.enumerated() { words[index / 4] |= UInt32(byte) << (8 * UInt32(index % 4)) }
        guard words[0] == 0x0723_0203 else { return nil }
        self.init(words: words, constants: constants)
    }

    /// Fills a pipeline's stage and lends it; the module goes afterwards, the pipeline does not need it.
    func withStage<Result>(
        _ stage: VkShaderStageFlagBits, on device: Device,
        _ body: (VkPipelineShaderStageCreateInfo) throws(GPUError) -> Result
    ) throws(GPUError) -> Result {
        var arena = Arena()
        var info = VkShaderModuleCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO
        info.codeSize = words.count * 4
        info.pCode = arena.place(words)
        let module = try device.make("vkCreateShaderModule") {
            device.functions.createShaderModule(device.handle, &info, nil, &$0)
        }
        defer {
            device.functions.destroyShaderModule(device.handle, module, nil)
            device.instance.objects.remove()
        }
        let ids = constants.keys.sorted()
        var specialization = VkSpecializationInfo()
        specialization.mapEntryCount = UInt32(ids.count)
        specialization.pMapEntries = arena.place(
            ids.enumerated().map { VkSpecializationMapEntry(constantID: $1, offset: UInt32(4 * $0), size: 4) })
        specialization.dataSize = 4 * ids.count
        specialization.pData = UnsafeRawPointer(arena.place(ids.map { constants[$0] ?? 0 }))
        var result = VkPipelineShaderStageCreateInfo()
        result.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO
        result.stage = stage
        result.module = module
        result.pName = arena.place(Array("main\0".utf8).map { CChar(bitPattern: $0) })
        result.pSpecializationInfo = ids.isEmpty ? nil : arena.place(specialization)
        return try body(result)
    }
}
