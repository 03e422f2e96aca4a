// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import GPU
import ModelStorage
import StreamCore

/// An archive that is drawn: what is loaded of it, shared by all its viewers, and what of that is on the device.
/// Belongs to the renderer that opened it and to its thread.
package final class RenderScene {
    let archive: Archive
    let loader: SceneLoader
    /// Nil until the first picture, and after everything on the device was lost or given up.
    var objects: SceneObjects?
    /// Newest first, one for each viewer.
    private(set) var views: [SceneView] = []
    private(set) var budgetByteCount: Int
    var list = DrawList()
    /// Memory ran out for the latest picture, and what is loaded was kept all the same.
    private var isShort = false
    private var hasShrunk = false
    let levelCounts: [Int]
    /// What the last update said.
    package internal(set) var status = Status()

    /// What there is still to load.
    package struct Status: Sendable, Equatable {
        /// Another picture of the same view could show more than the last.
        package var isChanged = false
        /// Nothing is on its way, and the views want nothing more that can be had.
        package var isSettled = false
        /// Chunks that cannot be used, for people; each is told once.
        package var damages: [String] = []
    }

    init(archive: Archive, plan: StreamPlan, decoders: DecodePool, budgetByteCount: Int) {
        self.archive = archive
        self.budgetByteCount = budgetByteCount
        loader = SceneLoader(archive: archive, plan: plan, decoders: decoders, budgetByteCount: budgetByteCount)
        levelCounts = archive.index.textures.map(\.levelChunks.count)
    }

    /// Bytes of meshes and textures that are loaded.
    package var byteCount: Int { loader.gpuByteCount }

    /// Says what a viewer looks at, for loading; `FrameRenderer.begin` does it too.
    package func look(_ view: SceneView) {
        if views.first == view { return }
        views.removeAll { $0.viewer == view.viewer }
        views.insert(view, at: 0)
    }

    /// Forgets a viewer.
    package func remove(viewer: Int) {
        views.removeAll { $0.viewer == viewer }
        loader.remove(viewer: viewer)
    }

    /// Lets go of everything on the device; it is loaded again, coarse first.
    func reset() {
        objects = nil
        loader.forgetGPU()
    }

    /// It may use more memory, unless it had to shrink.
    func grow(toByteCount byteCount: Int) {
        guard !hasShrunk, byteCount > budgetByteCount else { return }
        budgetByteCount = byteCount
        loader.setBudget(byteCount: byteCount)
    }

    /// Memory ran out for a picture of it: it uses less from now on. If that was not enough for the next picture, it begins
    /// anew, because pieces that are let go of one by one may leave no room.
    func shrink() {
        hasShrunk = true
        budgetByteCount = max(1 << 20, budgetByteCount / 4 * 3)
        loader.setBudget(byteCount: budgetByteCount)
        if isShort { reset() }
        isShort.toggle()
    }

    /// A picture of it was begun.
    func sufficed() { isShort = false }
}
