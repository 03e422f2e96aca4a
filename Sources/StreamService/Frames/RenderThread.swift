// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import FrameStreaming
import GPU
import Logging
import Rendering

/// The thread that owns the device and the scheduler: takes in what viewers say, draws what the scheduler orders, hands
/// pixels to the encoders, and sends what they made of them when the scheduler says so.
///
/// Everything here is of this thread alone but `mailbox` and `state`. It waits in one place, `run`; while the device
/// works it looks every quarter of a millisecond whether a frame is done.
final class RenderThread: @unchecked Sendable {
    let configuration: RendererConfiguration
    let mailbox: RenderMailbox
    let state: RendererState
    let metrics: Metrics
    let clock: any ServiceClock
    let log: Logger
    let failures: FailureInjection
    /// Where what the driver compiled is kept; nil: nowhere.
    let cacheFile: PipelineCacheFile?
    /// Works as on a GPU where the device is none, for tests.
    let usesGPUPaths: Bool?
    let encoders: EncodePool
    let decoders: DecodePool
    let picks = WorkQueue("picks")
    /// Encodes single pictures, which may take seconds: frames wait for none of them.
    let pictureEncoding = WorkQueue("pictures")
    let files = WorkQueue("files")

    var scheduler = FrameScheduler()
    var members: [Int: Member] = [:]
    var scenes: [String: Scene] = [:]
    var drawings: [Drawing] = []
    var pictures: PictureQueue<PictureTask>
    var picture: OpenPicture?
    var isPictureEncoding = false
    /// From when on a picture's next piece may hold up a frame, when to ask again whether it may be drawn, and when memory
    /// is given back.
    var pieceOverdueAt: ContinuousClock.Instant?
    var pictureAskAt: ContinuousClock.Instant?
    var pictureRestAt: ContinuousClock.Instant?
    var renderer: FrameRenderer?
    var recovery = DeviceRecovery()
    var facts = RenderFacts()
    /// Chunks were decoded since scenes were last loaded.
    var hasDecoded = false
    /// Drawings whose pixels are being encoded.
    var held: [Int: (frame: RenderedFrame, renderer: FrameRenderer)] = [:]
    /// When what the driver has compiled is to be kept; nil: nothing was drawn since.
    var cacheSaveAt: ContinuousClock.Instant?
    var savedCacheByteCount = 0
    /// Of the device that was lost last.
    var keptPipelines: [UInt8] = []
    var learned: FrameRenderer.Learned?
    private var isStopping = false
    /// When statistics were last let out, and seconds between that at least.
    private var publishedAt: ContinuousClock.Instant
    private static let publishInterval = 0.1
    private var drawingCount = 0
    private let ended = DispatchSemaphore(value: 0)

    init(
        configuration: RendererConfiguration, mailbox: RenderMailbox, state: RendererState, metrics: Metrics,
        clock: any ServiceClock, log: Logger, failures: FailureInjection, cacheFile: PipelineCacheFile?,
        usesGPUPaths: Bool?
    ) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.state = state
        self.metrics = metrics
        self.clock = clock
        self.log = log
        self.failures = failures
        publishedAt = clock.now
        pictures = PictureQueue(limit: configuration.pictureLimit)
        self.cacheFile = cacheFile
        self.usesGPUPaths = usesGPUPaths
        let cores = ProcessInfo.processInfo.activeProcessorCount
        decoders = DecodePool(threadCount: max(1, cores - 1), whenDecoded: { mailbox.post(.decoded) })
        encoders = EncodePool(
            threadCount: configuration.encodeThreads == 0 ? max(1, cores - 1) : configuration.encodeThreads)
    }

    func start() {
        let thread = Thread { [self] in
            run()
            ended.signal()
        }
        thread.name = "vantage.render"
        thread.start()
    }

    /// Waits until the device is closed after `.stop` and no thread works any more: neither the driver's code nor what
    /// programs take down as they end may go while it is used.
    func waitUntilEnded() {
        ended.wait()
        ended.signal()
    }

    private func run() {
        openDevice()
        while !isStopping {
            let commands = mailbox.take(within: wait)
            for command in commands { perform(command) }
            if !commands.isEmpty || isSomethingDue { work() }
        }
        close()
    }

    /// Seconds until something is due; nil: nothing is.
    private var wait: Double? {
        // A frame that the device finishes wakes nobody.
        if !drawings.isEmpty { return 0.000_25 }
        return deadline.map { max(0, ($0 - clock.now).inSeconds) }
    }

    /// A frame is done, or time has come for something.
    private var isSomethingDue: Bool {
        if let renderer, drawings.contains(where: { renderer.isFinished($0.pending) }) { return true }
        return deadline.map { $0 <= clock.now } ?? drawings.isEmpty
    }

    private var deadline: ContinuousClock.Instant? {
        [
            askAgainAt, renderer == nil ? recovery.retryAt : nil, sceneDeadline, cacheSaveAt, pictureAskAt,
            pictureRestAt, picture.flatMap { $0.tiled == nil ? $0.deadline : nil },
        ].compactMap(\.self).min()
    }

    /// When the scheduler wants to be asked again.
    private var askAgainAt: ContinuousClock.Instant?

    private func perform(_ command: RenderCommand) {
        switch command {
        case .enter(let member, let view): enter(member, view)
        case .leave(let viewer): leave(viewer)
        case .input(let viewer, let input): take(input, of: viewer)
        case .inspect(let viewer, let answer): answer(report(of: viewer))
        case .picture(let task): begin(task)
        case .cancelPicture(let number): cancelPicture(number)
        case .pictureEncoded: pictureWasEncoded()
        case .encoded(let frame): take(frame)
        case .released(let drawing): release(drawing)
        case .picked(let viewer, let message): answer(message, to: viewer)
        case .decoded: hasDecoded = true
        case .stop: isStopping = true
        }
    }

    /// One round: whatever is possible now.
    private func work() {
        if renderer == nil, recovery.isDue(at: clock.now) { openDevice() }
        finishDrawings()
        updateScenes()
        askAgainAt = nil
        while true {
            let turn = scheduler.next(at: clock.now)
            for action in turn.actions { perform(action) }
            guard let order = turn.order else {
                askAgainAt = turn.askAgainAt
                break
            }
            draw(order)
        }
        // Single pictures take what is left.
        drawPicture()
        if let due = pictureRestAt, clock.now >= due { restPictures() }
        if let due = cacheSaveAt, clock.now >= due { savePipelines(waits: false) }
        publish()
    }

    func nextDrawingNumber() -> Int {
        drawingCount += 1
        return drawingCount
    }

    private func publish() {
        facts.sceneCount = scenes.count
        facts.load = scheduler.utilization
        publishStatistics()
        state.set(facts)
    }

    /// Of each viewer, now and then: they decide who draws.
    private func publishStatistics() {
        let now = clock.now
        guard (now - publishedAt).inSeconds >= RenderThread.publishInterval else { return }
        publishedAt = now
        var all: [Int: FrameStatistics] = [:]
        for viewer in members.keys { all[viewer] = scheduler.statistics(of: viewer, at: now) }
        state.set(all)
        let moving = all.values.filter { $0.frameByteCount > 0 }
        facts.isCPU = renderer?.device.kind == .cpu
        facts.framesPerSecond = 1000 / frameMilliseconds
        guard !moving.isEmpty else { return }
        let count = Double(moving.count)
        facts.frameSeconds = moving.reduce(0) { $0 + $1.drawMilliseconds } / count / 1000
        facts.encodeSeconds = moving.reduce(0) { $0 + $1.encodeMilliseconds } / count / 1000
        facts.frameByteCount = moving.reduce(0) { $0 + Double($1.frameByteCount) } / count
    }

    /// Lets go of the device when neither it nor an encoder works any more.
    private func close() {
        decoders.shutDown()
        let reason = "the server is stopping"
        while let drawing = drawings.popLast() {
            _ = try? drawing.renderer.finish(drawing.pending)
        }
        while !held.isEmpty || isPictureEncoding {
            for command in mailbox.take(within: nil) {
                switch command {
                case .encoded(let frame): if let drawing = frame.drawing { release(drawing) }
                case .released(let drawing): release(drawing)
                case .picture(let task): task.fail(reason)
                case .pictureEncoded: isPictureEncoding = false
                default: break
                }
            }
        }
        for command in mailbox.close() { if case .picture(let task) = command { task.fail(reason) } }
        failPictures(reason)
        for viewer in members.keys { dropPart(of: viewer) }
        scenes = [:]
        savePipelines(waits: true)
        // The threads' jobs hold frames, and those the device: the last of them must not go when the program ends.
        encoders.shutDown()
        renderer = nil
        decoders.waitUntilIdle()
        for queue in [picks, files, pictureEncoding] { queue.waitUntilIdle() }
    }
}
