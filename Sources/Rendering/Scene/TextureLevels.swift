// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// The texture levels on the GPU and what they take.
struct TextureLevels {
    struct Entry {
        var texture: Int
        var level: Int
        var chunk: Int
        var byteCount: Int
    }

    /// By texture, finest first.
    private var levels: [Int: [Entry]] = [:]
    private(set) var byteCount = 0

    mutating func add(_ entry: Entry) {
        var entries = levels[entry.texture] ?? []
        let place = entries.firstIndex { $0.level > entry.level } ?? entries.count
        entries.insert(entry, at: place)
        levels[entry.texture] = entries
        byteCount += entry.byteCount
    }

    /// Gives up the finest level that is worth least, the largest of equals; the coarsest of a texture always stays.
    ///
    /// - Parameter worth: of a chunk.
    /// - Returns: nil if only coarsest levels are left, or everything is worth more than `limit`.
    mutating func takeFinest(worthAtMost limit: Float, _ worth: (Int) -> Float) -> Entry? {
        var best: (entry: Entry, worth: Float)?
        for entries in levels.values where entries.count > 1 {
            let (entry, worth) = (entries[0], worth(entries[0].chunk))
            guard worth <= limit else { continue }
            if let best,
                (best.worth, -best.entry.byteCount, best.entry.texture) <= (worth, -entry.byteCount, entry.texture)
            {
                continue
            }
            best = (entry, worth)
        }
        guard let entry = best?.entry else { return nil }
        levels[entry.texture]?.removeFirst()
        byteCount -= entry.byteCount
        return entry
    }

    mutating func removeAll() {
        levels = [:]
        byteCount = 0
    }
}
