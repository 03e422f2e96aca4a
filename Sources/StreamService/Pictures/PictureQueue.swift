// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Pictures that wait to be drawn, one after the other: callers take turns, each with the one it has asked for longest.
///
/// The queue is bounded. When it is full, whoever has most in it loses its newest, so that a caller who floods it
/// takes nobody's place but its own. Pure; O(pictures) a call.
struct PictureQueue<Element> {
    private struct Entry {
        var number: Int
        var caller: String
        var element: Element
    }

    /// Elements that may wait.
    let limit: Int
    /// Oldest first.
    private var entries: [Entry] = []
    /// The caller that was served last is the last one. Callers without entries are forgotten.
    private var turns: [String] = []
    /// Seconds that one takes, from its turn until it is drawn.
    private var secondsEach = 1.0

    /// Weight of the latest picture in what one is thought to take.
    private static var share: Double { 0.3 }
    private static var retryRange: ClosedRange<Double> { 1...600 }

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// Seconds after which it makes sense to ask again when the queue is full: until about half of it is drawn.
    var retrySeconds: Int {
        let seconds = secondsEach * Double(max(count, 1)) / 2
        let range = PictureQueue.retryRange
        return Int(min(max(seconds.rounded(.up), range.lowerBound), range.upperBound))
    }

    /// - Returns: the element that there is no room for: this one or another; nil: there is room.
    mutating func add(_ element: Element, number: Int, of caller: String) -> Element? {
        if !turns.contains(caller) { turns.append(caller) }
        entries.append(Entry(number: number, caller: caller, element: element))
        guard entries.count > limit else { return nil }
        var counts: [String: Int] = [:]
        for entry in entries { counts[entry.caller, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        // Of callers with equally many, the one who asked last.
        let place = entries.lastIndex { counts[$0.caller] == most } ?? entries.count - 1
        return remove(at: place)
    }

    /// Takes the next one.
    mutating func next() -> Element? {
        for caller in turns {
            guard let place = entries.firstIndex(where: { $0.caller == caller }) else { continue }
            turns.removeAll { $0 == caller }
            turns.append(caller)
            return remove(at: place)
        }
        return nil
    }

    /// Takes out one that nobody waits for any more; nil: it is not in the queue.
    mutating func remove(number: Int) -> Element? {
        entries.firstIndex { $0.number == number }.map { remove(at: $0) }
    }

    mutating func removeAll() -> [Element] {
        defer { (entries, turns) = ([], []) }
        return entries.map(\.element)
    }

    /// One was drawn.
    mutating func took(seconds: Double) {
        guard seconds.isFinite, seconds >= 0 else { return }
        secondsEach += (seconds - secondsEach) * PictureQueue.share
    }

    private mutating func remove(at place: Int) -> Element {
        let entry = entries.remove(at: place)
        // Whoever comes back begins at the end, which is where it belongs after its turn.
        if !entries.contains(where: { $0.caller == entry.caller }) { turns.removeAll { $0 == entry.caller } }
        return entry.element
    }
}
