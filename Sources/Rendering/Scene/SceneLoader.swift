// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

package import ChunkStreaming
package import ModelStorage
import StreamCore

/// What is loaded of one archive, for all viewers of it: the counterpart of a browser's stream engine, but that it reads
/// the archive itself.
///
/// - What is loaded and what of it is drawn is `ResidentScene`'s business, as in the browser; what is loaded next is
///   decided by the ranking that decides what viewers are sent. Viewers take turns, each with what it gains most from
///   for the bytes, so what is coarse comes first for all.
/// - Several viewers share meshes, textures and the budget; what selection remembers, it remembers for each.
/// - Views of single pictures are secondary: what they want comes after what viewers want.
/// - When the budget is nearly full, only what gains more than what would have to leave is loaded.
///
/// Not for several threads at once: whoever draws owns it. Decoding runs on the pool's threads.
package final class SceneLoader {
    /// What belongs to one viewer.
    struct Viewer {
        /// In `scene`.
        var number: Int
        var triangleLimit = 0
        var thresholdPixels = 0.0
        /// What the last selection was asked, and what it lacked.
        var checked: (view: ViewState, thresholdPixels: Float, version: Int, isComplete: Bool)?
    }

    /// What a view lacked when it was ranked, best first.
    struct WantedList {
        var view: SceneView
        var chunks: [Int]
        /// There were more than can be on their way.
        var isCut: Bool
    }

    let archive: Archive
    let order: LoadOrder
    let pool: DecodePool
    let client: Int
    let decoder: ChunkDecoder
    let contents: ChunkContents
    let places: NodePlaces

    var scene = ResidentScene()
    var textures = TextureLevels()
    /// Chunks whose content is in the scene or on the GPU.
    var resident: BitSet
    /// Damaged chunks: never asked for again.
    var damaged: BitSet
    /// How often a chunk has left since the views last changed: what leaves twice is not asked for again.
    var departures: [Int: Int] = [:]
    var viewers: [Int: Viewer] = [:]
    var views: [SceneView] = []
    /// By viewer; none after something has left.
    var wanted: [Int: WantedList] = [:]
    var budgetByteCount: Int
    /// Grows with every change of what is resident.
    var version = 0
    var isFirstPictureLoaded = false
    var isRankingDue = true
    var isSettled = false
    var scratch = RankingScratch()
    /// An assembly that moves as a coarse stand-in is worse than one that takes all the time between two pictures.
    private static let triangleReserve = 1.8

    /// O(nodes + sectors + chunks); decodes nothing.
    ///
    /// - Parameters:
    ///   - plan: of `archive`.
    ///   - decoders: shared by all scenes.
    ///   - budgetByteCount: that meshes and textures may take on the GPU; roots, proxies and the coarsest levels of
    ///     textures are loaded whatever it is.
    package init(archive: Archive, plan: StreamPlan, decoders: DecodePool, budgetByteCount: Int) {
        self.archive = archive
        order = LoadOrder(plan: plan)
        pool = decoders
        contents = ChunkContents(archive.index)
        decoder = ChunkDecoder(archive: archive, contents: contents)
        client = decoders.addClient(decoder)
        places = NodePlaces(archive)
        resident = BitSet(count: archive.index.chunks.count)
        damaged = resident
        self.budgetByteCount = budgetByteCount
        for geometry in places.geometries {
            // The index was validated: nothing that it says is refused.
            try? scene.addGeometry(geometry)
        }
        applyLimits(triangleCount: Int.max)
        scene.setTriangleReserve(SceneLoader.triangleReserve)
    }

    deinit { pool.removeClient(client) }

    /// Bytes of meshes and textures that were handed out and not dropped.
    package var gpuByteCount: Int { Int(scene.residentGPUByteCount) + textures.byteCount }

    /// Takes in what has been decoded and decides what to load for these views; never waits.
    ///
    /// The first call decodes the first picture itself, at most `StreamPlan.firstPictureByteCount` bytes of chunks: a
    /// few milliseconds.
    ///
    /// - Parameter views: of the viewers that draw, newest first; invalid ones are ignored.
    package func update(views: [SceneView]) -> SceneChanges {
        var changes = SceneChanges()
        if !isFirstPictureLoaded { loadFirstPicture(&changes) }
        setViews(views.filter { $0.view.isValid && $0.thresholdPixels > 0 && $0.thresholdPixels.isFinite })
        for result in pool.takeResults(of: client, byteLimit: uploadByteLimit) { take(result, &changes) }
        if isRankingDue || pool.openCount(of: client) <= pool.threadCount * 2 && !isSettled { requestMore(&changes) }
        changes.isSettled = isSettled
        return changes
    }

    /// Forgets a viewer: what only it looked at leaves first.
    package func remove(viewer: Int) {
        guard let removed = viewers.removeValue(forKey: viewer) else { return }
        scene.removeViewer(removed.number)
        wanted[viewer] = nil
        setViews(views.filter { $0.viewer != viewer })
    }

    /// Changes what meshes and textures may take on the GPU; takes effect with the next updates.
    package func setBudget(byteCount: Int) {
        budgetByteCount = byteCount
        departures = [:]
        wanted = [:]
        isRankingDue = true
        applyLimits(triangleCount: Int.max)
    }

    /// Forgets all meshes and textures, as after the loss of the device; they are loaded again, coarse first.
    package func forgetGPU() {
        for chunk in 0..<resident.count where resident.contains(chunk) {
            if case .sector = contents[chunk] { continue }
            scene.removeChunk(UInt32(chunk))
            resident.remove(chunk)
        }
        textures.removeAll()
        departures = [:]
        wanted = [:]
        version += 1
        isRankingDue = true
        isFirstPictureLoaded = false
    }

    /// Meshes handed out by one update: little enough that eviction keeps up.
    private var uploadByteLimit: Int {
        // What nobody waits for comes in little by little.
        let most = views.allSatisfy(\.isSecondary) ? 8 << 20 : 64 << 20
        return min(most, max(budgetByteCount / 16, 1 << 20))
    }

    /// Whose view is newest decides who comes first, but asks for nothing new.
    private func setViews(_ new: [SceneView]) {
        let isSame = new.count == views.count && new.allSatisfy { views.contains($0) }
        views = new
        if isSame { return }
        // What has left may be asked for again.
        if !departures.isEmpty { wanted = [:] }
        pool.setSecondary(new.allSatisfy(\.isSecondary), client: client)
        departures = [:]
        isRankingDue = true
    }

    /// The number that the scene knows a viewer by.
    func number(ofViewer viewer: Int) -> Int {
        if let known = viewers[viewer] { return known.number }
        // The scene's own first viewer is the first one's.
        let isFirst = !viewers.values.contains { $0.number == 0 } && scene.isPresent(viewer: 0)
        let number = isFirst ? 0 : scene.addViewer()
        viewers[viewer] = Viewer(number: number)
        return number
    }

    func applyLimits(triangleCount: Int) {
        scene.setLimits(
            gpuByteCount: Int64(max(0, budgetByteCount - textures.byteCount)), triangleCount: Int64(triangleCount))
    }
}
