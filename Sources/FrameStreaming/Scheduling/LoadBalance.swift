// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What the device is asked for, and how much of it must be given up when that is too much.
///
/// The heaviest viewer gives way first: rate 20, rate 15, size 0.75, size 0.5; when there is room again, whoever gave
/// up most gets back first.
struct LoadBalance {
    /// Frames that moved × their cost, over the last seconds; 1: all of the device.
    var utilization = 0.0
    /// Viewers that have interacted in the last seconds.
    var activeCount = 0
    /// How much each viewer gives up, by id: a number of `steps`.
    var levels: [Int: Int] = [:]
    private var checkedAt = -Double.infinity
    var roomSince: Double?

    static let interval = 0.5
    static let most = 0.8
    static let room = 0.6
    /// Nobody can give up more, and the device does nothing else: viewers are asked to draw for themselves.
    static let full = 0.95
    static let patience = 2.0
    static let steps: [(rate: Double, scale: Double)] = [(.infinity, 1), (20, 1), (15, 1), (15, 0.75), (15, 0.5)]

    func nextAt(hasViewers: Bool) -> Double {
        hasViewers && !levels.isEmpty ? checkedAt + LoadBalance.interval : .infinity
    }

    mutating func isDue(at now: Double) -> Bool {
        guard now - checkedAt >= LoadBalance.interval else { return false }
        checkedAt = now
        return true
    }
}

extension FrameScheduler {
    /// Lowers or raises what viewers may ask for. Of a single viewer nothing is taken: nobody else would have it.
    mutating func balance(at now: Double, _ actions: inout [FrameAction]) {
        guard load.isDue(at: now) else { return }
        let demands = viewers.map { viewer in
            viewer.movingOrders.perSecond(at: now, since: viewer.enteredAt) * (viewer.deviceCost.value ?? 0)
        }
        load.utilization = demands.reduce(0, +)
        load.activeCount = demands.count { $0 > 0 }
        load.levels = load.levels.filter { entry in viewers.contains { $0.id == entry.key } }
        if load.utilization > LoadBalance.most, load.activeCount > 1 {
            load.roomSince = nil
            lowerHeaviest(demands, at: now, &actions)
        } else if load.utilization < LoadBalance.room || load.activeCount <= 1 {
            let since = load.roomSince ?? now
            load.roomSince = since
            if now - since >= LoadBalance.patience || load.activeCount <= 1 { raiseLowest(at: now) }
        } else {
            load.roomSince = nil
        }
    }

    private mutating func lowerHeaviest(_ demands: [Double], at now: Double, _ actions: inout [FrameAction]) {
        let last = LoadBalance.steps.count - 1
        let open = viewers.indices.filter { demands[$0] > 0 && load.levels[viewers[$0].id, default: 0] < last }
        // Equally heavy ones give way in turn.
        let heaviest = open.max { a, b in
            let levels = (load.levels[viewers[a].id, default: 0], load.levels[viewers[b].id, default: 0])
            let isClose = abs(demands[a] - demands[b]) <= 0.1 * max(demands[a], demands[b])
            return isClose ? levels.0 > levels.1 : demands[a] < demands[b]
        }
        if let heaviest { return setLevel(load.levels[viewers[heaviest].id, default: 0] + 1, of: heaviest) }
        guard load.utilization > LoadBalance.full, let index = demands.indices.max(by: { demands[$0] < demands[$1] })
        else { return }
        viewers[index].advise(.renderer, at: now, &actions)
    }

    private mutating func raiseLowest(at now: Double) {
        let held = viewers.indices.filter { load.levels[viewers[$0].id, default: 0] > 0 }
        guard
            let index = held.max(by: {
                load.levels[viewers[$0].id, default: 0] < load.levels[viewers[$1].id, default: 0]
            })
        else { return }
        load.roomSince = now
        setLevel(load.levels[viewers[index].id, default: 0] - 1, of: index)
    }

    private mutating func setLevel(_ level: Int, of index: Int) {
        load.levels[viewers[index].id] = level > 0 ? level : nil
        viewers[index].ladder.rateBound = LoadBalance.steps[level].rate
        viewers[index].ladder.scaleBound = LoadBalance.steps[level].scale
        viewers[index].followLadder()
    }
}
