// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What the device is asked for, and how much of it must be given up when that is too much.
///
/// The heaviest viewer gives way first: rate 20, rate 15, size 0.75, size 0.5; where the device has no time left at all,
/// a quarter of them at once, because one after the other would take many who move half a minute. When there is room
/// again, whoever gave up most gets back first. Where a smaller picture is no cheaper (a device that is busy with triangles), size is given
/// back.
struct LoadBalance {
    /// Frames that moved × their cost, over the last seconds; 1: all of the device.
    var utilization = 0.0
    /// Viewers that have interacted in the last seconds.
    var activeCount = 0
    /// How much each viewer gives up, by id: a number of `steps`.
    var levels: [Int: Int] = [:]
    /// Viewers whose size was lowered: what a frame cost before, and when and from which level.
    var trials: [Int: (seconds: Double, at: Double, level: Int)] = [:]
    /// Viewers for whom that did not help: when it may be tried again.
    var futileUntil: [Int: Double] = [:]
    private var checkedAt = -Double.infinity
    var roomSince: Double?

    static let interval = 0.5
    static let most = 0.8
    static let room = 0.6
    /// Nobody can give up more, and the device does nothing else: viewers are asked to draw for themselves.
    static let full = 0.95
    static let patience = 2.0
    /// One of so many viewers gives way at once where nothing is left.
    static let together = 4
    /// What a smaller picture may cost of the larger one's at most, to be worth it; seconds until that is judged;
    /// seconds until it is tried again.
    static let gain = 0.92
    static let trial = 1.0
    static let futility = 20.0
    /// The last step that leaves the size as it is.
    static let lastRateStep = 2
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
        forgetViewersThatLeft()
        judgeTrials(at: now)
        if load.utilization > LoadBalance.most, load.activeCount > 1 {
            load.roomSince = nil
            lower(demands, at: now, &actions)
        } else if load.utilization < LoadBalance.room || load.activeCount <= 1 {
            let since = load.roomSince ?? now
            load.roomSince = since
            if now - since >= LoadBalance.patience || load.activeCount <= 1 { raiseLowest(at: now) }
        } else {
            load.roomSince = nil
        }
    }

    private mutating func lower(_ demands: [Double], at now: Double, _ actions: inout [FrameAction]) {
        var count = 0
        let wanted = max(load.utilization > LoadBalance.full ? load.activeCount / LoadBalance.together : 1, 1)
        var rest = demands
        while count < wanted, let index = heaviest(rest, at: now) {
            lower(index, at: now)
            rest[index] = 0
            count += 1
        }
        guard count == 0, load.utilization > LoadBalance.full,
            let index = demands.indices.max(by: { demands[$0] < demands[$1] })
        else { return }
        viewers[index].advise(.renderer, at: now, &actions)
    }

    /// Who gives way next; nil: nobody can give up more.
    private func heaviest(_ demands: [Double], at now: Double) -> Int? {
        let open = viewers.indices.filter { index in
            let level = load.levels[viewers[index].id, default: 0]
            let isFutile = now < load.futileUntil[viewers[index].id, default: 0]
            let last = isFutile ? max(level, LoadBalance.lastRateStep) : LoadBalance.steps.count - 1
            return demands[index] > 0 && level < last
        }
        // Equally heavy ones give way in turn.
        return open.max { a, b in
            let levels = (load.levels[viewers[a].id, default: 0], load.levels[viewers[b].id, default: 0])
            let isClose = abs(demands[a] - demands[b]) <= 0.1 * max(demands[a], demands[b])
            return isClose ? levels.0 > levels.1 : demands[a] < demands[b]
        }
    }

    private mutating func lower(_ index: Int, at now: Double) {
        let id = viewers[index].id
        let level = load.levels[id, default: 0]
        if level >= LoadBalance.lastRateStep, load.trials[id] == nil {
            load.trials[id] = viewers[index].deviceCost.value.map { ($0, now, level) }
        }
        setLevel(level + 1, of: index)
    }

    private mutating func forgetViewersThatLeft() {
        load.levels = load.levels.filter { position(of: $0.key) != nil }
        load.trials = load.trials.filter { position(of: $0.key) != nil }
        load.futileUntil = load.futileUntil.filter { position(of: $0.key) != nil }
    }

    private mutating func judgeTrials(at now: Double) {
        for index in viewers.indices {
            let id = viewers[index].id
            guard let trial = load.trials[id], now - trial.at >= LoadBalance.trial else { continue }
            load.trials[id] = nil
            guard load.levels[id, default: 0] > trial.level, let cost = viewers[index].deviceCost.value,
                cost > trial.seconds * LoadBalance.gain
            else { continue }
            load.futileUntil[id] = now + LoadBalance.futility
            setLevel(trial.level, of: index)
        }
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
