// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import ModelStorage
import StreamCore

/// What to load next.
extension SceneLoader {
    /// Decoded bytes that may be on their way.
    private static let openByteLimit = 64 << 20
    /// Share of the budget from which on gains are compared before anything is loaded.
    private static let fullShare = 0.9

    /// Ranks for all views, and asks for the best of what is missing.
    func requestMore(_ changes: inout SceneChanges) {
        isRankingDue = false
        var held = heldChunks
        var worth: [Float] = []
        var lists = wantedLists(held)
        let wantedByteCount = lists.joined().reduce(0) { $0 + contents.gpuByteCounts[$1] }
        if Double(gpuByteCount + wantedByteCount) > Double(budgetByteCount) * SceneLoader.fullShare {
            worth = measure(held)
            let kept = keep(worth)
            evict(sparing: kept, &changes)
            held = heldChunks
            for chunk in worth.indices where worth[chunk] > 0 && !kept.contains(chunk) { held.insert(chunk) }
            // What there is no room for now may be wanted again.
            wanted = [:]
            lists = views.map { ranked($0, held).chunks }
        }
        let textureByteCount = lists.joined().reduce(0) { $0 + (isTexture($1) ? contents.gpuByteCounts[$1] : 0) }
        if textureByteCount > textureRoom {
            if worth.isEmpty { worth = measure(held) }
            fitTextures(adding: textureByteCount, worth: { worth[$0] }, &changes)
        }
        let requests = merged(lists)
        pool.replaceRequests(of: client, by: requests)
        isSettled = requests.isEmpty && pool.openCount(of: client) == 0 && !pool.hasResults(of: client)
    }

    /// What is there, and what must not be asked for.
    var heldChunks: BitSet {
        var held = resident
        for (chunk, count) in departures where count > 1 { held.insert(chunk) }
        held.formUnion(damaged)
        return held
    }

    private func isTexture(_ chunk: Int) -> Bool {
        if case .textureLevel = contents[chunk] { return true }
        return false
    }

    /// What each view wants, best first; no more than can be on its way at once. Ranking a view walks over all of the
    /// model: only views that have changed are ranked again, and those of whose lists nothing is left. Otherwise many
    /// viewers who move would each cost a ranking of all with every frame.
    private func wantedLists(_ held: BitSet) -> [[Int]] {
        views.map { view in
            if let known = wanted[view.viewer], known.view == view {
                let rest = known.chunks.filter { !held.contains($0) }
                let least = known.isCut ? 4 * pool.threadCount : 1
                if rest.count >= least || known.chunks.isEmpty { return rest }
            }
            let list = ranked(view, held)
            wanted[view.viewer] = list
            return list.chunks
        }
    }

    private func ranked(_ view: SceneView, _ held: BitSet) -> WantedList {
        let countLimit = 16 * pool.threadCount
        var list = WantedList(view: view, chunks: [], isCut: false)
        var bytes = 0
        _ = order.rank(
            view.view, thresholdPixels: Float(view.thresholdPixels), held: held, using: &scratch
        ) { chunk in
            list.chunks.append(chunk)
            bytes += contents.gpuByteCounts[chunk]
            list.isCut = list.chunks.count >= countLimit || bytes >= SceneLoader.openByteLimit
            return !list.isCut
        }
        return list
    }

    /// What each chunk is worth to all views together; secondary ones decide only between what is worth nothing to others.
    private func measure(_ held: BitSet) -> [Float] {
        var worth = [Float](repeating: 0, count: resident.count)
        for view in views {
            let weight: Float = view.isSecondary ? 1e-6 : 1
            order.measure(
                view.view, thresholdPixels: Float(view.thresholdPixels), held: held, using: &scratch
            ) { chunk, gain in worth[chunk] += weight * gain }
        }
        return worth
    }

    /// The chunks that are worth most and fit the budget, with all that they depend on: anything else would drive out
    /// something better.
    private func keep(_ worth: [Float]) -> BitSet {
        var kept = BitSet(count: worth.count)
        var chunks = worth.indices.filter { worth[$0] > 0 }
        chunks.sort { (worth[$0], $1) > (worth[$1], $0) }
        var room = Int(Double(budgetByteCount) * SceneLoader.fullShare)
        for chunk in chunks where !kept.contains(chunk) {
            let closure = closure(of: chunk, without: kept)
            let size = closure.reduce(0) { $0 + contents.gpuByteCounts[$1] }
            guard size <= room || size == 0 || isIndispensable(chunk) else { continue }
            room -= size
            for member in closure { kept.insert(member) }
        }
        return kept
    }

    /// A chunk and what it depends on, but for what is in a closed set.
    private func closure(of chunk: Int, without kept: BitSet) -> [Int] {
        var result = [chunk]
        var next = 0
        while next < result.count {
            for parent in order.parents(ofChunk: result[next]) {
                if !kept.contains(Int(parent)), !result.contains(Int(parent)) { result.append(Int(parent)) }
            }
            next += 1
        }
        return result
    }

    /// Roots, proxies and the coarsest levels of textures are loaded whatever the budget is.
    private func isIndispensable(_ chunk: Int) -> Bool {
        switch contents[chunk] {
        case .nodes(let nodes): nodes.contains { archive.index.nodes[Int($0)].parents.isEmpty }
        case .sector: true
        case .textureLevel(let texture, let position):
            position == archive.index.textures[texture].levelChunks.count - 1
        case .nothing: false
        }
    }

    /// One list of all views' lists: they take turns, so that everyone's best comes first, and secondary ones follow. What
    /// there is no room for is left out.
    private func merged(_ lists: [[Int]]) -> [Int] {
        let places = lists.map(\.count).max() ?? 0
        let turns = [false, true].flatMap { isSecondary in
            let members = lists.indices.filter { views[$0].isSecondary == isSecondary }
            return (0..<places).flatMap { place in
                members.compactMap { place < lists[$0].count ? lists[$0][place] : nil }
            }
        }
        var result: [Int] = []
        var seen: Set<Int> = []
        var bytes = 0
        var textureBytes = 0
        let room = budgetByteCount - gpuByteCount
        for chunk in turns where seen.insert(chunk).inserted {
            let size = contents.gpuByteCounts[chunk]
            if !isIndispensable(chunk) {
                if bytes + size > room { continue }
                if isTexture(chunk) {
                    if textureBytes + size > textureRoom { continue }
                    textureBytes += size
                }
            }
            bytes += size
            result.append(chunk)
            if bytes >= SceneLoader.openByteLimit { return result }
        }
        return result
    }
}
