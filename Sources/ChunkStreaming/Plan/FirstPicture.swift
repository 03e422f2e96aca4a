// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamCore

/// Chooses what a viewer gets before it has said what it looks at: a coarse picture of everything.
struct FirstPicture {
    let index: TilesetIndex
    let sectors: [PlanSector]
    let instances: [PlanInstance]
    let roots: CompactLists
    let uses: [TextureUse]
    let geometryTextures: CompactLists

    /// The root sector and its proxy, or the roots of the largest instances; then the smallest levels of the textures
    /// that these show.
    func chunks(byteLimit: Int) -> [Int] {
        guard let sector = sectors.first else { return [] }
        var result = [Int(sector.chunk)]
        var bytes = size(sector.chunk)
        func add(_ chunk: UInt32, isRequired: Bool = false) {
            guard !result.contains(Int(chunk)), isRequired || bytes + size(chunk) <= byteLimit else { return }
            result.append(Int(chunk))
            bytes += size(chunk)
        }
        if sector.hasProxy {
            add(sector.proxyChunk, isRequired: true)
            return result
        }
        let shown = sector.instances.prefix(256).map { Int(instances[$0].geometry) }
        for geometry in shown { for root in roots[geometry] { add(index.nodes[Int(root)].chunk) } }
        let used = shown.flatMap { geometryTextures[$0].map { uses[Int($0)] } }.sorted { $0.weight > $1.weight }
        for use in used { if let tail = index.textures[Int(use.texture)].levelChunks.last { add(tail) } }
        return result
    }

    private func size(_ chunk: UInt32) -> Int { Int(index.chunks[Int(chunk)].byteCount) }
}
