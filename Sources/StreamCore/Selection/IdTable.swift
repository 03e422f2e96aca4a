// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Finds slots by id. A hash table of our own, because the standard library's would make the browser's build import
/// random numbers; its order never shows, so results are equal natively and in the browser.
///
/// Open addressing with linear probing, at most half full.
struct IdTable {
    private struct Entry {
        var id: UInt32 = 0
        /// -1: free.
        var slot: Int32 = -1
    }
    private var entries: [Entry] = Array(repeating: Entry(), count: 16)
    private(set) var count = 0

    /// The slot of `id`, or -1.
    func slot(of id: UInt32) -> Int32 { entries[place(of: id)].slot }

    /// - Parameter slot: 0 or more.
    mutating func set(_ id: UInt32, to slot: Int32) {
        var place = place(of: id)
        if entries[place].slot < 0 {
            count += 1
            if count * 2 > entries.count {
                grow()
                place = self.place(of: id)
            }
        }
        entries[place] = Entry(id: id, slot: slot)
    }

    mutating func remove(_ id: UInt32) {
        var hole = place(of: id)
        guard entries[hole].slot >= 0 else { return }
        count -= 1
        entries[hole].slot = -1
        // Entries behind the hole that a search would no longer reach move into it.
        let mask = entries.count - 1
        var next = (hole + 1) & mask
        while entries[next].slot >= 0 {
            let home = home(of: entries[next].id)
            if (next - home) & mask >= (next - hole) & mask {
                entries[hole] = entries[next]
                entries[next].slot = -1
                hole = next
            }
            next = (next + 1) & mask
        }
    }

    private func home(of id: UInt32) -> Int {
        let hash = id &* 0x9E37_79B1
        return Int((hash ^ hash >> 15) & UInt32(entries.count - 1))
    }

    /// Where `id` is, or the free place where it belongs.
    private func place(of id: UInt32) -> Int {
        var place = home(of: id)
        while entries[place].slot >= 0, entries[place].id != id { place = (place + 1) & (entries.count - 1) }
        return place
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: old.count * 2)
        for entry in old where entry.slot >= 0 { entries[place(of: entry.id)] = entry }
    }
}
