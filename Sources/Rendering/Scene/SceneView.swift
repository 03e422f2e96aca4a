// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import StreamCore

/// What a viewer of a scene looks at.
package struct SceneView: Equatable, Sendable {
    /// The caller's number for the viewer.
    package var viewer: Int
    package var view: ViewState
    /// Errors up to this are fine; nothing finer is loaded.
    package var thresholdPixels: Double
    /// What it wants is loaded after what others want, and takes nobody's place: a single picture, which nobody sees move.
    package var isSecondary: Bool

    package init(viewer: Int, view: ViewState, thresholdPixels: Double, isSecondary: Bool = false) {
        self.viewer = viewer
        self.view = view
        self.thresholdPixels = thresholdPixels
        self.isSecondary = isSecondary
    }
}

/// What changes on the GPU before the next picture of a scene.
package struct SceneChanges: Sendable {
    /// A level of a texture; only the finest of the present levels is ever dropped.
    package struct TextureLevel: Hashable, Sendable {
        package var texture: Int
        package var level: Int
    }

    /// To be uploaded before the next selection is drawn.
    package var meshes: [PackedMesh] = []
    /// Coarser levels of a texture come before finer ones.
    package var textures: [PackedTexture] = []
    /// Not in selections any more; drawn pictures may still use them.
    package var droppedNodes: [UInt32] = []
    package var droppedTextures: [TextureLevel] = []
    /// Chunks that cannot be used, for people; each is told once.
    package var damages: [String] = []
    /// Whether another selection of the same view could find more than the last.
    package var isSceneChanged = false
    /// Nothing is on its way, and the views want nothing more that can be had.
    package var isSettled = false

    package init() {}
}
