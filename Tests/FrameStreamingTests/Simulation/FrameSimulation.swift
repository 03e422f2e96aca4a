// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import FrameStreaming
import StreamCore

/// People, their links and one device in virtual time, with something that decides about frames. Everything happens at
/// discrete times in a fixed order, so runs are equal bit for bit.
struct FrameSimulation<Decider: FrameDecider> {
    private enum Happening {
        case enter(Int)
        case leave(Int)
        /// The camera of a person moved: half a round trip before the server knows.
        case input(Int, isMoving: Bool)
        case event(FrameEvent, Int)
        case drawn(FrameOrder)
        case encoded(FrameOrder)
        case arrived(Int, frame: UInt32, headerAt: Double)
        case decoded(Int, frame: UInt32)
        case refresh(Int)
        case wake
    }

    private struct Entry {
        var at: Double
        var number: Int
        var happening: Happening
    }

    private struct Viewer {
        var person: SimulatedPerson
        var record = SimulatedRecord()
        var isEntered = false
        var sequence: UInt32 = 0
        /// When each view was made; index: sequence.
        var inputAt: [Double] = [0]
        var orders: [UInt32: FrameOrder] = [:]
        var headerAt: [UInt32: Double] = [:]
        var abandoned: Set<UInt32> = []
        var decoderFreeAt = 0.0
        var waiting: [UInt32] = []
        /// Whether what is drawn for it misses nothing.
        var isComplete = true
    }

    var decider: Decider
    let device: SimulatedDevice
    private var viewers: [Viewer]
    private(set) var now = 0.0
    private var entries: [Entry] = []
    private var entryCount = 0
    private var deviceFreeAt = 0.0
    private var encodersFreeAt: [Double]
    private var random: UInt64 = 0x9E37_79B9_7F4A_7C15
    private let start = ContinuousClock.now
    private var wakeAt = Double.infinity

    init(_ decider: Decider, device: SimulatedDevice = SimulatedDevice(), people: [SimulatedPerson]) {
        self.decider = decider
        self.device = device
        viewers = people.map { Viewer(person: $0) }
        encodersFreeAt = Array(repeating: 0, count: device.encoderCount)
        for (id, person) in people.enumerated() {
            add(.enter(id), at: person.entersAt)
            if person.leavesAt.isFinite { add(.leave(id), at: person.leavesAt) }
            for drag in person.drags {
                var time = drag.lowerBound
                while time < drag.upperBound {
                    add(.input(id, isMoving: true), at: time)
                    time += person.viewInterval
                }
                add(.input(id, isMoving: false), at: drag.upperBound)
            }
        }
    }

    func record(_ viewer: Int) -> SimulatedRecord { viewers[viewer].record }
    var instant: ContinuousClock.Instant { start.advanced(by: .seconds(now)) }

    /// Something that a person or the scene says now, apart from what people do by themselves.
    mutating func say(_ event: FrameEvent, of viewer: Int) { tell(event, viewer) }

    mutating func setComplete(_ isComplete: Bool, of viewer: Int) { viewers[viewer].isComplete = isComplete }

    /// The person keeps the button pressed and moves no more.
    mutating func hold(_ viewer: Int) {
        entries.removeAll { if case .input(viewer, _) = $0.happening { true } else { false } }
    }

    // MARK: Time

    mutating func run(until end: Double) {
        while let entry = entries.last, entry.at <= end {
            entries.removeLast()
            now = max(now, entry.at)
            happen(entry.happening)
        }
        now = max(now, end)
    }

    private mutating func add(_ happening: Happening, at time: Double) {
        entryCount += 1
        let entry = Entry(at: max(time, now), number: entryCount, happening: happening)
        // Latest first, so that the next one is at the end.
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let other = entries[middle]
            if other.at > entry.at || (other.at == entry.at && other.number > entry.number) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        entries.insert(entry, at: low)
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .enter(let id):
            viewers[id].isEntered = true
            tell(.entered(viewers[id].person.limits), id)
            add(.input(id, isMoving: false), at: now)
        case .leave(let id):
            viewers[id].isEntered = false
            tell(.left, id)
        case .input(let id, let isMoving): input(id, isMoving)
        case .event(let event, let id): if viewers[id].isEntered { tell(event, id) }
        case .drawn(let order): finishDrawing(order)
        case .encoded(let order): finishEncoding(order)
        case .arrived(let id, let frame, let headerAt): arrive(id, frame, headerAt)
        case .decoded(let id, let frame): viewers[id].waiting.append(frame)
        case .refresh(let id): refresh(id)
        case .wake: if now >= wakeAt { ask() }
        }
    }

    // MARK: Deciding

    private mutating func tell(_ event: FrameEvent, _ id: Int) {
        perform(decider.handle(event, of: id, at: instant))
        ask()
    }

    private mutating func ask() {
        wakeAt = .infinity
        while true {
            let turn = decider.next(at: instant)
            perform(turn.actions)
            if let order = turn.order {
                draw(order)
                continue
            }
            if let time = turn.askAgainAt {
                // Never the same moment again: the clock has moved on when a thread wakes up.
                wakeAt = max(now + 1e-6, start.duration(to: time).seconds + 1e-9)
                add(.wake, at: wakeAt)
            }
            return
        }
    }

    private mutating func perform(_ actions: [FrameAction]) {
        for action in actions {
            switch action {
            case .send(let id, let frame, _, let byteCount, let isFirst, let isLast):
                send(id, frame, byteCount, isFirst, isLast)
            case .abandon(let id, let frame, let isAnnounced):
                viewers[id].abandoned.insert(frame)
                if isAnnounced { viewers[id].record.cancelled.append((now, frame)) }
            case .notice(let id, let notice): viewers[id].record.notices.append((now, notice))
            }
        }
    }

    // MARK: The server's machinery

    private mutating func draw(_ order: FrameOrder) {
        let person = viewers[order.viewer].person
        viewers[order.viewer].record.orders.append((now, order))
        if order.frame > 0 { viewers[order.viewer].orders[order.frame] = order }
        deviceFreeAt = max(deviceFreeAt, now) + device.seconds(order, cost: person.cost)
        add(.drawn(order), at: deviceFreeAt)
    }

    private mutating func finishDrawing(_ order: FrameOrder) {
        let id = order.viewer
        guard order.frame > 0, !viewers[id].abandoned.contains(order.frame) else {
            return tell(.failed(frame: order.frame), id)
        }
        let seconds = device.seconds(order, cost: viewers[id].person.cost)
        guard order.isLastPart || order.repeats != nil else {
            return tell(
                .drawn(frame: order.frame, drawing: .seconds(seconds), readback: .zero, isComplete: true), id)
        }
        let encoder = encodersFreeAt.indices.min { encodersFreeAt[$0] < encodersFreeAt[$1] } ?? 0
        encodersFreeAt[encoder] = max(encodersFreeAt[encoder], now) + device.encodeSeconds(order)
        add(.encoded(order), at: encodersFreeAt[encoder])
        tell(
            .drawn(frame: order.frame, drawing: .seconds(seconds), readback: .zero, isComplete: viewers[id].isComplete),
            id)
    }

    private mutating func finishEncoding(_ order: FrameOrder) {
        let id = order.viewer
        guard viewers[id].isEntered, !viewers[id].abandoned.contains(order.frame) else { return }
        tell(
            .encoded(
                frame: order.frame, byteCount: byteCount(order), encoding: .seconds(device.encodeSeconds(order))), id)
    }

    /// What measured pictures take at qualities and sizes (relative to quality 80), with noise of 6 %.
    private mutating func byteCount(_ order: FrameOrder) -> Int {
        let table: [(Double, Double)] = [
            (1, 0.3), (25, 0.5), (30, 0.56), (50, 0.7), (70, 0.85), (80, 1), (90, 1.36), (95, 1.85), (100, 6),
        ]
        let quality = Double(order.quality)
        var factor = 1.0
        for index in 1..<table.count where quality >= table[index - 1].0 && quality <= table[index].0 {
            let (low, high) = (table[index - 1], table[index])
            factor = low.1 + (high.1 - low.1) * (quality - low.0) / (high.0 - low.0)
        }
        let share = order.view.width * order.view.height / (1280 * 720)
        let size = share.squareRoot() * share.squareRoot().squareRoot()
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let noise = 1 + 0.06 * (Double(random >> 40) / Double(1 << 23) - 1)
        let chroma = order.chroma == .full ? 1.35 : 1
        return Int(viewers[order.viewer].person.byteCount * factor * size * noise * chroma)
    }

    // MARK: The link

    private mutating func send(_ id: Int, _ frame: UInt32, _ byteCount: Int, _ isFirst: Bool, _ isLast: Bool) {
        viewers[id].record.sent.append((now, frame, byteCount))
        if isFirst { viewers[id].headerAt[frame] = viewers[id].person.path.send(500, at: now) }
        let arrival = viewers[id].person.path.send(byteCount, at: now)
        if isLast, let headerAt = viewers[id].headerAt[frame] {
            add(.arrived(id, frame: frame, headerAt: headerAt), at: arrival)
        }
    }

    // MARK: The person

    private mutating func input(_ id: Int, _ isMoving: Bool) {
        guard viewers[id].isEntered else { return }
        viewers[id].sequence += 1
        viewers[id].inputAt.append(now)
        let turn = Double(viewers[id].sequence) * 0.002
        let view = ViewState(
            eye: Double3(0, 0, 5), orientation: Double4(0, turn, 0, 1) / (1 + turn * turn).squareRoot(),
            projection: .perspective(tangent: 0.3), width: 1280, height: 720)
        let update = CameraUpdate(sequence: viewers[id].sequence, view: view, isMoving: isMoving)
        later(.view(update), id)
    }

    private mutating func later(_ event: FrameEvent, _ id: Int) {
        add(.event(event, id), at: now + viewers[id].person.path.roundTrip / 2)
    }

    private mutating func arrive(_ id: Int, _ frame: UInt32, _ headerAt: Double) {
        acknowledge(id, frame, gap: now - headerAt)
        let begin = max(now, viewers[id].decoderFreeAt)
        let end = begin + viewers[id].person.decodeSeconds
        viewers[id].decoderFreeAt = end
        add(.decoded(id, frame: frame), at: end)
        let refresh = viewers[id].person.refreshSeconds
        add(.refresh(id), at: (end / refresh).rounded(.up) * refresh)
    }

    private mutating func acknowledge(_ id: Int, _ frame: UInt32, gap: Double) {
        switch viewers[id].person.manner {
        case .honest: later(.received(frame: frame, gap: .seconds(gap)), id)
        case .hasty:
            later(.received(frame: frame, gap: .seconds(gap)), id)
            later(.shown(frame: frame, isSkipped: false, decode: .milliseconds(5), latency: .zero), id)
        case .silent: break
        case .lying:
            for _ in 0..<2 {
                later(.received(frame: frame, gap: .zero), id)
                later(.received(frame: frame &+ 7, gap: .seconds(1e9)), id)
                later(.shown(frame: frame &+ 9, isSkipped: false, decode: .seconds(-5), latency: .seconds(9e9)), id)
            }
        }
    }

    /// The display takes the newest of what was decoded; what it passes over was skipped.
    private mutating func refresh(_ id: Int) {
        let waiting = viewers[id].waiting
        viewers[id].waiting = []
        for (index, frame) in waiting.enumerated() {
            guard let order = viewers[id].orders[frame] else { continue }
            let isShown = index == waiting.count - 1
            let latency = now - viewers[id].inputAt[min(Int(order.viewSequence), viewers[id].inputAt.count - 1)]
            if isShown {
                viewers[id].record.shown.append(
                    SimulatedRecord.Shown(
                        frame: frame, purpose: order.purpose, at: now, latency: latency, quality: order.quality,
                        scale: order.view.width / 1280))
            } else {
                viewers[id].record.skippedCount += 1
            }
            guard viewers[id].person.manner == .honest || viewers[id].person.manner == .lying else { continue }
            later(
                .shown(
                    frame: frame, isSkipped: !isShown, decode: .seconds(viewers[id].person.decodeSeconds),
                    latency: .seconds(latency)), id)
        }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
