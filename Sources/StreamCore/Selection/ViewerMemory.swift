// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What the selections of one viewer leave for the next: several cameras look at one scene without disturbing each
/// other.
struct ViewerMemory {
    /// What drawing a node was worth when it was last in view, and in which of the viewer's selections that was.
    struct Gain {
        var value: Float = 0
        var time: UInt32 = 0
    }

    /// False: its number is free.
    var isPresent = true
    var control = ThresholdControl()
    /// Counts the viewer's selections.
    var time: UInt32 = 0
    /// Relative to a point near the viewer's eye.
    var rows = InstanceRows()
    /// By row: nodes that were expanded in the last selection, without roots: they stay so a little longer.
    var expanded: [[Int32]] = []
    /// By sector slot.
    var isExpanded: [Bool] = []
    /// By sector slot: where its proxy is drawn; nil: where it belongs.
    var standIns: [StandInPlacement?] = []
    /// By node slot.
    var gains: [Gain] = []

    mutating func addRow() {
        _ = rows.append()
        expanded.append([])
    }

    mutating func addSector() {
        isExpanded.append(false)
        standIns.append(nil)
    }

    mutating func addGain(_ value: Float, to node: Int) {
        if gains[node].time != time { gains[node] = Gain(value: 0, time: time) }
        gains[node].value += value
    }
}

extension ResidentScene {
    /// Makes room for another viewer, who sees what is resident like all others.
    ///
    /// - Returns: the number to select with.
    package mutating func addViewer() -> Int {
        var memory = ViewerMemory()
        memory.rows = InstanceRows(count: instances.count)
        memory.expanded = Array(repeating: [], count: instances.count)
        memory.isExpanded = Array(repeating: false, count: sectors.count)
        memory.standIns = Array(repeating: nil, count: sectors.count)
        memory.gains = Array(repeating: ViewerMemory.Gain(), count: nodes.count)
        if let number = viewers.indices.first(where: { !viewers[$0].isPresent }) {
            viewers[number] = memory
            return number
        }
        viewers.append(memory)
        return viewers.count - 1
    }

    /// Forgets a viewer: what only it looked at is worth nothing any more.
    ///
    /// - Parameter number: from `addViewer`; may be given out again.
    package mutating func removeViewer(_ number: Int) {
        viewers[number].isPresent = false
        for slot in viewers[number].gains.indices { viewers[number].gains[slot] = ViewerMemory.Gain() }
    }

    package func isPresent(viewer number: Int) -> Bool {
        viewers.indices.contains(number) && viewers[number].isPresent
    }

    /// Lets a viewer's next selection start from the threshold it asks for, as after a change of its limits.
    package mutating func resetThreshold(ofViewer number: Int) { viewers[number].control = ThresholdControl() }
}
