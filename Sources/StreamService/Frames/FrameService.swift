// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import ChunkStreaming
import FrameStreaming
package import GPU
import JSONCoding
package import Logging
import PathNegotiation
import Synchronization

/// Pictures drawn by the server: for viewers of the server path, and single ones for whoever asks. Safe to use from any
/// thread; nothing here waits. The work is done by the render thread and the encoders, which end with this.
package final class FrameService: Sendable {
    let configuration: RendererConfiguration
    /// When it makes sense to try a model again that could not be drawn.
    private static let refusalSeconds = 30.0
    private let mailbox = RenderMailbox()
    private let state: RendererState
    private let thread: RenderThread?
    private let pictureCount = Atomic(0)

    /// Opens the device in the background, unless drawing is off.
    ///
    /// - Parameters:
    ///   - failures: for tests.
    ///   - cacheFile: keeps what the driver has compiled; nil: it is compiled each time.
    ///   - usesGPUPaths: works as on a GPU although the device is none, for tests; nil: as the device is.
    package init(
        configuration: RendererConfiguration, metrics: Metrics, clock: any ServiceClock, log: Logger,
        failures: FailureInjection = FailureInjection(), cacheFile: PipelineCacheFile? = .ofUser,
        usesGPUPaths: Bool? = nil
    ) {
        self.configuration = configuration
        let isOff = configuration.mode == .off
        state = RendererState(isOff ? .off("drawing is switched off (renderer.mode)") : .starting)
        thread =
            isOff
            ? nil
            : RenderThread(
                configuration: configuration, mailbox: mailbox, state: state, metrics: metrics, clock: clock, log: log,
                failures: failures, cacheFile: cacheFile, usesGPUPaths: usesGPUPaths)
        thread?.start()
    }

    deinit { mailbox.post(.stop) }

    /// What draws, for people.
    var description: String {
        switch state.value {
        case .ready(let device): device.name
        default: "this server"
        }
    }

    /// Whether viewers can be sent pictures now.
    package var availability: RendererAvailability { state.value }

    package var viewerCount: Int { state.viewerCount }
    package var facts: RenderFacts { state.facts }

    /// For `/api/v1/status`.
    var report: JSONValue {
        let facts = facts
        var fields: [String: JSONValue] = [
            "state": .string(availability.name), "viewers": .integer(viewerCount), "load": .number(facts.load),
            "scenes": .integer(facts.sceneCount), "gpuByteCount": .integer(facts.gpuByteCount),
            "gpuByteLimit": .integer(facts.gpuByteLimit), "losses": .integer(facts.lossCount),
        ]
        switch availability {
        case .off(let reason): fields["reason"] = .string(reason)
        case .unavailable(let reason, let retrySeconds):
            fields["reason"] = .string(reason)
            fields["retrySeconds"] = .integer(retrySeconds)
        case .ready(let device):
            fields["device"] = [
                "name": .string(device.name), "kind": .string(device.kind), "driver": .string(device.driver),
            ]
        case .starting: break
        }
        return .object(fields)
    }

    /// Has `tell` called whenever it becomes possible or impossible to draw.
    package func whenAvailabilityChanges(_ tell: @escaping @Sendable () -> Void) { state.whenChanged(tell) }

    /// Of a viewer's frames, some hundred milliseconds old; nil: it has none.
    func statistics(of viewer: Int) -> FrameStatistics? { state.statistics(of: viewer) }

    /// What can be drawn for one viewer more.
    var pathFacts: ServerFacts {
        let facts = facts
        return ServerFacts(
            state: state.value.pathState, hasRoom: viewerCount < configuration.viewerLimit, load: facts.load,
            isCPU: facts.isCPU, drawSeconds: facts.frameSeconds > 0 ? facts.frameSeconds : nil,
            encodeSeconds: facts.encodeSeconds > 0 ? facts.encodeSeconds : nil,
            frameByteCount: facts.frameByteCount > 0 ? facts.frameByteCount : nil,
            framesPerSecond: facts.framesPerSecond)
    }

    /// What can be drawn for a viewer, by what it is sent if it is.
    func pathFacts(of viewer: Int) -> ServerFacts {
        var result = pathFacts
        if let reason = refusal(of: viewer) {
            result.state = .unavailable(reason: reason, retrySeconds: FrameService.refusalSeconds)
        }
        guard let statistics = statistics(of: viewer) else { return result }
        result.hasRoom = true
        if statistics.sentFrameCount > 0 {
            result.drawSeconds = statistics.drawMilliseconds / 1000
            result.encodeSeconds = statistics.encodeMilliseconds / 1000
        }
        if statistics.frameByteCount > 0 { result.frameByteCount = Double(statistics.frameByteCount) }
        return result
    }

    /// Why the model that a viewer looks at cannot be drawn, although others can; nil: it can.
    func refusal(of viewer: Int) -> String? { state.refusal(of: viewer) }

    /// Waits until the device was looked for.
    package func waitUntilStarted() { state.waitUntilStarted() }

    /// - Throws: `noRenderer` when there is no device, after waiting until it was looked for.
    package func require() throws(ServiceError) {
        waitUntilStarted()
        guard case .ready = state.value else { throw ServiceError(.noRenderer, state.value.objection) }
    }

    /// Closes the device and waits for that, as every program must before it ends; viewers get nothing more.
    package func stop() {
        mailbox.post(.stop)
        thread?.waitUntilEnded()
    }

    /// - Throws: `noRenderer` or `full`, when a viewer cannot be sent pictures.
    func admit() throws(ServiceError) {
        switch state.value {
        case .off: throw ServiceError(.noRenderer, state.value.objection)
        case .unavailable(_, let retrySeconds):
            throw ServiceError(.noRenderer, state.value.objection, retrySeconds: retrySeconds)
        case .starting, .ready: break
        }
        guard state.viewerCount < configuration.viewerLimit else {
            throw ServiceError(
                .full, "\(configuration.viewerLimit) viewers are sent pictures (renderer.viewerLimit)",
                retrySeconds: 10)
        }
    }

    func enter(_ member: FrameMember, view: ViewUpdate) {
        state.viewerEntered()
        mailbox.post(.enter(member, view))
    }

    func leave(_ viewer: Int) {
        state.viewerLeft()
        mailbox.post(.leave(viewer))
    }

    func post(_ input: FrameInput, of viewer: Int) {
        mailbox.post(.input(viewer, input))
    }

    func inspect(_ viewer: Int, _ answer: @escaping @Sendable (JSONValue) -> Void) {
        mailbox.post(.inspect(viewer, answer))
    }

    /// Draws one picture, when nobody who moves needs the device. A task that is cancelled takes it out of the queue.
    ///
    /// - Parameter caller: whoever it is for: callers take turns, and one who asks for many has its own wait.
    /// - Throws: `noRenderer` without a device, also when it is lost meanwhile; `full` when too many wait or memory runs
    ///   out; `badRequest` for a picture that the device cannot draw; `ended` when it was cancelled.
    package func picture(
        _ request: PictureRequest, of model: ServedModel, caller: String = ""
    ) async throws(ServiceError) -> Picture {
        switch state.value {
        case .off: throw ServiceError(.noRenderer, state.value.objection)
        case .unavailable(_, let retrySeconds):
            throw ServiceError(.noRenderer, state.value.objection, retrySeconds: retrySeconds)
        case .starting, .ready: break
        }
        let number = pictureCount.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let task = PictureTask(number: number, caller: caller, request: request, model: model) {
                    continuation.resume(returning: $0)
                }
                if !mailbox.post(.picture(task)) { task.fail("the server is stopping") }
                // Cancelled before it was there to be taken back.
                if Task.isCancelled { mailbox.post(.cancelPicture(number)) }
            }
        } onCancel: {
            mailbox.post(.cancelPicture(number))
        }
        return try result.get()
    }
}

extension RendererAvailability {
    fileprivate var pathState: ServerFacts.State {
        switch self {
        case .ready: .ready
        case .starting: .starting
        case .off(let reason): .off(reason: reason)
        case .unavailable(let reason, let retrySeconds):
            .unavailable(reason: reason, retrySeconds: Double(retrySeconds))
        }
    }
}
