// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// A binary heap: what a ray enters first comes first.
struct PickQueue<Element> {
    private var entries: [(distance: Double, element: Element)] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    mutating func push(_ distance: Double, _ element: Element) {
        entries.append((distance, element))
        var place = entries.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard entries[place].distance < entries[parent].distance else { return }
            entries.swapAt(place, parent)
            place = parent
        }
    }

    mutating func pop() -> (distance: Double, element: Element)? {
        guard let best = entries.first else { return nil }
        let last = entries.removeLast()
        if entries.isEmpty { return best }
        entries[0] = last
        var place = 0
        while true {
            var smallest = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                if entries[child].distance < entries[smallest].distance { smallest = child }
            }
            if smallest == place { return best }
            entries.swapAt(place, smallest)
            place = smallest
        }
    }
}
