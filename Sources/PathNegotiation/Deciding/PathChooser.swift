// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What is best for a viewer.
enum PathVerdict: Equatable, Sendable {
    case path(PathChoice)
    /// Nothing can be drawn now; this path is expected to become possible.
    case waiting(PathChoice)
    /// Paths that failed are tried again later; nothing until then.
    case later
    case impossible(PathRefusal)
}

struct PathChoice: Equatable, Sendable {
    var path: ViewerPath
    var code: PathReasonCode
    /// A sentence.
    var reason: String
}

/// Chooses a viewer's path from predicted costs, not from flags. Pure.
///
/// In this order: the policy, the wish, what cannot be, what should not be (drawing with a processor, a driver that is
/// lost again and again, memory), the client if it is fast and soon usable, both if the client can draw a coarse cut
/// while the view moves, and the lower of what both cost. A path that is shown is kept until it no longer does, and
/// another must be better by `headroom`: that is half of what prevents going back and forth; `SwitchHistory` is the
/// rest.
struct PathChooser: Sendable {
    static let headroom = 1.3
    /// Frames per second that make the client path good, and those below which it is left.
    static let clientRate = (enter: 30.0, leave: 24.0)
    static let coarseRate = (enter: 24.0, leave: 18.0)
    /// Until the client's cut is there.
    static let usableSeconds = 1.5
    /// Above this the server path is too slow to be kept if there is better.
    static let latencySeconds = 0.3
    /// What a coarse picture is worth, as milliseconds of latency.
    static let coarsePenalty = 100.0
    /// What a person who saves data is not sent.
    static let savedByteCount = 4e6

    let inputs: PathInputs
    let costs: PathCosts
    let candidates: [ViewerPath]

    init(_ inputs: PathInputs) {
        self.inputs = inputs
        candidates = ViewerPath.allCases.filter { inputs.obstacle(to: $0) == nil }
        costs = PathCosts(
            client: inputs.clientObstacle == nil ? PathCostModel.client(inputs) : nil,
            server: inputs.rendererObstacle == nil ? PathCostModel.server(inputs) : nil)
    }

    /// The costs, with what stands against each path.
    var explainedCosts: PathCosts {
        var explained = costs
        explained.whyNoClient = inputs.obstacle(to: .client).map { $0.sentence + "." }
        explained.whyNoServer = inputs.obstacle(to: .server).map { $0.sentence + "." }
        return explained
    }

    func has(_ path: ViewerPath) -> Bool { candidates.contains(path) }

    // MARK: Verdict

    func verdict() -> PathVerdict {
        guard let first = candidates.first else { return withoutCandidates() }
        if let asked = inputs.wish.path, has(asked) {
            return .path(
                PathChoice(path: asked, code: .asked, reason: "As asked, \(PathSentences.doing(asked))."))
        }
        if candidates.count == 1 { return .path(only(first)) }
        return .path(softObstacle() ?? undecided() ?? byCosts())
    }

    private func withoutCandidates() -> PathVerdict {
        let allowed = ViewerPath.allCases.filter { inputs.policy.allows($0) }
        let obstacles = allowed.map { ($0, inputs.obstacle(to: $0)) }
        let hopeful = obstacles.filter { $0.1?.isTemporary ?? false }
        // Whoever shows nothing yet is told to come again rather than kept in front of an empty page.
        let awaited = hopeful.filter { $0.1?.code != .failed && ($0.1?.code != .rendererFull || inputs.shown != nil) }
        // The server's picture is what all others that use the renderer need too.
        if let (path, obstacle) = awaited.last(where: { $0.0 != .hybrid }) ?? awaited.first, let obstacle {
            let reason = "\(obstacle.sentence); what is shown stays until that has passed."
            return .waiting(PathChoice(path: path, code: obstacle.code, reason: reason))
        }
        if hopeful.contains(where: { $0.1?.code == .failed }) { return .later }
        return .impossible(refusal((hopeful + obstacles).compactMap(\.1)))
    }

    private func refusal(_ obstacles: [PathObstacle]) -> PathRefusal {
        guard let worst = obstacles.first else {
            let source = inputs.policyName
            return PathRefusal(wish: inputs.wish, code: .forbidden, reason: "\(source) permits no path at all.")
        }
        var sentences: [String] = []
        for obstacle in obstacles where !sentences.contains(obstacle.sentence) { sentences.append(obstacle.sentence) }
        return PathRefusal(
            wish: inputs.wish, code: worst.refusal,
            reason: "The model cannot be shown: \(sentences.joined(separator: "; ")).")
    }

    /// The only path that can be: because of a policy, or because of what the device or the server cannot do.
    private func only(_ path: ViewerPath) -> PathChoice {
        let others: [ViewerPath] = path == .client ? [.server, .hybrid] : path == .server ? [.client, .hybrid] : []
        let obstacles = others.compactMap { inputs.obstacle(to: $0) }
        guard let obstacle = obstacles.first(where: { $0.code != .onlyPath }) ?? obstacles.first else {
            let source = inputs.policyName
            return PathChoice(
                path: path, code: .onlyPath, reason: "\(source) permits only this: \(PathSentences.doing(path)).")
        }
        return PathChoice(
            path: path, code: obstacle.code, reason: "\(obstacle.sentence), so \(PathSentences.doing(path)).")
    }

    // MARK: What should not be

    /// The client could draw, but should not if the server can.
    private func softObstacle() -> PathChoice? {
        guard let preferred = has(.server) ? .server : has(.hybrid) ? ViewerPath.hybrid : nil,
            let (code, sentence) = clientWeakness()
        else { return nil }
        return PathChoice(path: preferred, code: code, reason: "\(sentence), so \(PathSentences.doing(preferred)).")
    }

    private func clientWeakness() -> (PathReasonCode, String)? {
        if inputs.device?.drawsWithProcessor == true {
            return (.softwareRenderer, "This browser draws WebGL with the processor")
        }
        if inputs.losesContexts {
            return (.contextLost, "This device's graphics driver stopped working more than once")
        }
        guard let client = costs.client, !client.coarseFits else { return nil }
        let (need, limit) = (PathSentences.bytes(client.coarseGPUByteCount), PathSentences.bytes(client.gpuByteLimit))
        return (.memory, "Even the coarsest view needs \(need) of graphics memory and this device has \(limit)")
    }

    private func undecided() -> PathChoice? {
        let isMeasuring = inputs.isMeasuring && has(.server)
        guard inputs.device == nil || isMeasuring || costs.client == nil || costs.server == nil else { return nil }
        let kept = inputs.current ?? inputs.shown
        let path = kept.flatMap { has($0) ? $0 : nil } ?? (has(.server) ? .server : candidates[0])
        let missing =
            inputs.device == nil
            ? "The browser has not said yet what it can"
            : isMeasuring ? "What this device can draw is still being measured" : "The model is not known yet"
        return PathChoice(path: path, code: .undecided, reason: "\(missing); meanwhile \(PathSentences.doing(path)).")
    }
}
