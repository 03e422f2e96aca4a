// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

// The C interface of core.wasm; not a SwiftPM target. Compiled by tools/build-core-wasm together with StreamCore.

/// Memory for bytes that the caller hands over, 16 bytes aligned; released by `core_release`.
@_expose(wasm, "core_allocate") @_cdecl("core_allocate")
public func coreAllocate(byteCount: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 16)
}

@_expose(wasm, "core_release") @_cdecl("core_release")
public func coreRelease(pointer: UnsafeMutableRawPointer) { unsafe pointer.deallocate() }
