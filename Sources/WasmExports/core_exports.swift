// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The C interface of core.wasm: one ResidentScene, and buffers that hold its results until the next call of the function
// that fills them. Not a SwiftPM target: tools/build-core-wasm compiles it together with StreamCore.
//
// Functions that take bytes return 0, or a negative code: -1 malformed, -2 inconsistent, -3 full (see SceneError).
// Pointers are into linear memory, whose `buffer` changes whenever memory grows: make views after each call.

/// One thread runs a WebAssembly instance, so nothing here is ever used by two.
nonisolated(unsafe) private var scene = ResidentScene()
nonisolated(unsafe) private var draws = OutputBuffer()
nonisolated(unsafe) private var visible = OutputBuffer()
nonisolated(unsafe) private var instances = OutputBuffer()
nonisolated(unsafe) private var reference = OutputBuffer()
nonisolated(unsafe) private var statistics = OutputBuffer()
nonisolated(unsafe) private var evicted = OutputBuffer()

/// Memory for bytes that the caller hands over, 16 bytes aligned; freed by `core_release`.
@_expose(wasm, "core_allocate") @_cdecl("core_allocate")
public func coreAllocate(byteCount: UInt32) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer.allocate(byteCount: max(Int(byteCount), 1), alignment: 16)
}

@_expose(wasm, "core_release") @_cdecl("core_release")
public func coreRelease(pointer: UnsafeMutableRawPointer) { unsafe pointer.deallocate() }

/// Forgets everything but the limits.
@_expose(wasm, "core_reset") @_cdecl("core_reset")
public func coreReset() { unsafe scene.removeAll() }

@_expose(wasm, "core_set_limits") @_cdecl("core_set_limits")
public func coreSetLimits(gpuByteCount: Double, triangleCount: UInt32) {
    // Above 2^53 nothing is a count; not a number becomes the smallest limit.
    let bytes = gpuByteCount > 0 ? Int64(min(gpuByteCount, 0x1p53)) : 0
    unsafe scene.setLimits(gpuByteCount: bytes, triangleCount: Int64(triangleCount))
}

/// - Parameter pointer: a whole Geometry message of the protocol, with its type byte.
@_expose(wasm, "core_add_geometry") @_cdecl("core_add_geometry")
public func coreAddGeometry(pointer: UnsafeRawPointer, byteCount: UInt32) -> Int32 {
    let bytes = unsafe RawSpan(_unsafeStart: pointer, byteCount: Int(byteCount))
    return code { () throws(SceneError) in try unsafe scene.addGeometry(message: bytes) }
}

/// - Parameters:
///   - header: a sector chunk up to its instance table.
///   - table: the inflated table.
@_expose(wasm, "core_add_sector") @_cdecl("core_add_sector")
public func coreAddSector(
    header: UnsafeRawPointer, headerByteCount: UInt32, table: UnsafeRawPointer, tableByteCount: UInt32
) -> Int32 {
    let header = unsafe RawSpan(_unsafeStart: header, byteCount: Int(headerByteCount))
    let table = unsafe RawSpan(_unsafeStart: table, byteCount: Int(tableByteCount))
    return code { () throws(SceneError) in try unsafe scene.addSector(header: header, table: table) }
}

/// - Parameters:
///   - pointer: a node's payload up to its body.
///   - gpuByteCount: what the node's mesh takes on the GPU.
@_expose(wasm, "core_add_node") @_cdecl("core_add_node")
public func coreAddNode(pointer: UnsafeRawPointer, byteCount: UInt32, chunk: UInt32, gpuByteCount: UInt32) -> Int32 {
    let bytes = unsafe RawSpan(_unsafeStart: pointer, byteCount: Int(byteCount))
    return code { () throws(SceneError) in
        try unsafe scene.addNode(payload: bytes, chunk: chunk, gpuByteCount: gpuByteCount)
    }
}

@_expose(wasm, "core_remove_chunk") @_cdecl("core_remove_chunk")
public func coreRemoveChunk(chunk: UInt32) { unsafe scene.removeChunk(chunk) }

/// Selects what to draw; the results stay until the next call.
///
/// - Parameters:
///   - projection: 0 perspective, with `scale` the tangent of half the vertical field of view; 1 orthographic, with half
///     the height shown in metres.
///   - thresholdPixels: errors up to this are fine.
/// - Returns: the number of draws; negative where the view or the threshold is none.
@_expose(wasm, "core_select") @_cdecl("core_select")
public func coreSelect(
    eyeX: Double, eyeY: Double, eyeZ: Double, qx: Double, qy: Double, qz: Double, qw: Double, projection: Int32,
    scale: Double, width: Double, height: Double, thresholdPixels: Double
) -> Int32 {
    guard projection == 0 || projection == 1 else { return -1 }
    let view = ViewState(
        eye: Double3(eyeX, eyeY, eyeZ), orientation: Double4(qx, qy, qz, qw),
        projection: projection == 0 ? .perspective(tangent: scale) : .orthographic(halfHeight: scale), width: width,
        height: height)
    guard unsafe scene.select(view, thresholdPixels: thresholdPixels) else { return -1 }
    unsafe draws.fill(scene.draws)
    unsafe visible.fill(scene.visibleRows)
    return unsafe Int32(scene.draws.count)
}

/// Six u32 a draw: node, first index, number of indices, first of the visible rows, number of instances, and the material
/// with the flags in the highest byte (bit 0: the transform mirrors).
@_expose(wasm, "core_draws") @_cdecl("core_draws")
public func coreDraws() -> UnsafeMutableRawPointer { unsafe draws.pointer }

/// One u32 a visible instance: its row.
@_expose(wasm, "core_visible") @_cdecl("core_visible")
public func coreVisible() -> UnsafeMutableRawPointer { unsafe visible.pointer }

@_expose(wasm, "core_visible_count") @_cdecl("core_visible_count")
public func coreVisibleCount() -> Int32 { unsafe Int32(scene.visibleRows.count) }

/// 1 where rows changed since the last call.
@_expose(wasm, "core_instances_changed") @_cdecl("core_instances_changed")
public func coreInstancesChanged() -> Int32 { unsafe scene.takeRowsChanged() ? 1 : 0 }

/// 16 words a row: see InstanceRows.
@_expose(wasm, "core_instances") @_cdecl("core_instances")
public func coreInstances() -> UnsafeMutableRawPointer {
    unsafe instances.fill(scene.rows.words)
    return unsafe instances.pointer
}

@_expose(wasm, "core_instance_count") @_cdecl("core_instance_count")
public func coreInstanceCount() -> Int32 { unsafe Int32(scene.rows.count) }

/// Three f64: the point that rows are relative to.
@_expose(wasm, "core_reference") @_cdecl("core_reference")
public func coreReference() -> UnsafeMutableRawPointer {
    let point = unsafe scene.rows.reference
    unsafe reference.fill([point.x, point.y, point.z])
    return unsafe reference.pointer
}

/// Twelve f64, in the order of SceneStatistics: triangles drawn, threshold used (px), largest error in view (px),
/// resident nodes, resident GPU bytes, resident triangles, visible instances, boxes drawn, 1 while the threshold still
/// moves (select again), GPU bytes needed, instance rows, draws.
@_expose(wasm, "core_statistics") @_cdecl("core_statistics")
public func coreStatistics() -> UnsafeMutableRawPointer {
    let facts = unsafe scene.statistics
    unsafe statistics.fill([
        Double(facts.triangleCount), facts.thresholdPixels, facts.largestErrorPixels,
        Double(facts.residentNodeCount), Double(facts.residentGPUByteCount), Double(facts.residentTriangleCount),
        Double(facts.visibleInstanceCount), Double(facts.boxCount), facts.isThresholdMoving ? 1 : 0,
        Double(facts.usedGPUByteCount), Double(facts.instanceCount), Double(facts.drawCount),
    ])
    return unsafe statistics.pointer
}

/// Removes the chunks worth least where memory is nearly full; call it after `core_select`.
///
/// - Returns: how many there are in `core_evicted`; drop them after the next selection.
@_expose(wasm, "core_evict") @_cdecl("core_evict")
public func coreEvict() -> Int32 {
    let chunks = unsafe scene.evict()
    unsafe evicted.fill(chunks)
    return Int32(chunks.count)
}

@_expose(wasm, "core_evicted") @_cdecl("core_evicted")
public func coreEvicted() -> UnsafeMutableRawPointer { unsafe evicted.pointer }

private func code(_ body: () throws(SceneError) -> Void) -> Int32 {
    do throws(SceneError) {
        try body()
        return 0
    } catch { return error.code }
}

/// A copy of results at an address that holds until they are replaced.
@safe private struct OutputBuffer {
    private(set) var pointer = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
    private var capacity = 16

    mutating func fill<Element: BitwiseCopyable>(_ elements: [Element]) {
        let byteCount = elements.count * MemoryLayout<Element>.stride
        if byteCount > capacity {
            unsafe pointer.deallocate()
            capacity = byteCount * 2
            unsafe pointer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        }
        unsafe elements.withUnsafeBytes {
            unsafe pointer.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(pointer), byteCount: byteCount)
        }
    }
}
