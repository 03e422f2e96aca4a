// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension PathChooser {
    /// What is wrong with a path that is shown, as measured or predicted: the code and a sentence. nil: nothing.
    func complaint(about path: ViewerPath?) -> (code: PathReasonCode, sentence: String)? {
        switch path {
        case .client: clientComplaint()
        case .hybrid:
            costs.client.flatMap {
                $0.coarseFramesPerSecond < PathChooser.coarseRate.leave ? slow($0.coarseFramesPerSecond) : nil
            }
        case .server:
            costs.server.flatMap {
                $0.latencySeconds > PathChooser.latencySeconds
                    ? (.latency, "The server's pictures come \(PathSentences.milliseconds($0.latencySeconds)) late")
                    : nil
            }
        case nil: nil
        }
    }

    private func clientComplaint() -> (code: PathReasonCode, sentence: String)? {
        guard let cost = costs.client else { return nil }
        if inputs.isMemoryShort { return (.memory, "This device has too little graphics memory for this view") }
        return cost.framesPerSecond < PathChooser.clientRate.leave ? slow(cost.framesPerSecond) : nil
    }

    private func slow(_ framesPerSecond: Double) -> (code: PathReasonCode, sentence: String) {
        (.clientSlow, "This device draws this view at only \(PathSentences.rate(framesPerSecond))")
    }

    /// The choice when several paths can be and nothing but costs decides.
    func byCosts() -> PathChoice {
        let complaint = complaint(about: inputs.current)
        // Whoever leaves a bad path does not ask for a margin.
        let margin = inputs.current == nil || complaint != nil ? 1 : PathChooser.headroom
        var choice = saving(margin) ?? fastClient(margin) ?? coarseClient(margin) ?? cheaper(margin)
        if let complaint, choice.path != inputs.current {
            choice.code = complaint.code
            choice.reason = "\(complaint.sentence), so \(PathSentences.doing(choice.path))."
        }
        return choice
    }

    private func saving(_ margin: Double) -> PathChoice? {
        guard inputs.device?.savesData == true, has(.hybrid), let model = inputs.model,
            model.cutByteCount > PathChooser.savedByteCount / (inputs.current == .hybrid ? margin : 1),
            canMoveCoarsely(margin)
        else { return nil }
        let bytes = PathSentences.bytes(model.cutByteCount)
        return PathChoice(
            path: .hybrid, code: .savesData,
            reason: "Saving data spares the \(bytes) of this view: \(PathSentences.doing(.hybrid)).")
    }

    private func fastClient(_ margin: Double) -> PathChoice? {
        guard has(.client), isClientFast(margin), let cost = costs.client, let model = inputs.model else { return nil }
        // Until the link is measured it is taken for a middling one.
        let arrive = inputs.link.bytesPerSecond == nil ? "should arrive" : "arrive"
        let arrival =
            cost.usableSeconds == 0
            ? "they are there" : "they \(arrive) within \(PathSentences.seconds(cost.usableSeconds))"
        let triangles = PathSentences.triangles(model.cutTriangleCount)
        let rate = PathSentences.rate(cost.framesPerSecond)
        let isKnown = cost.isMeasured || inputs.device?.trianglesPerSecond != nil
        let verb = isKnown ? "draws" : "should draw"
        return PathChoice(
            path: .client, code: .clientFast,
            reason: "This device \(verb) the \(triangles) of this view at \(rate), and \(arrival).")
    }

    private func isClientFast(_ margin: Double) -> Bool {
        guard let cost = costs.client, cost.fits else { return false }
        if inputs.current == .client { return cost.framesPerSecond >= PathChooser.clientRate.leave }
        return cost.framesPerSecond >= PathChooser.clientRate.enter * margin
            && cost.usableSeconds <= PathChooser.usableSeconds / margin
    }

    private func canMoveCoarsely(_ margin: Double) -> Bool {
        guard let cost = costs.client else { return false }
        let needed =
            inputs.current == .hybrid ? PathChooser.coarseRate.leave : PathChooser.coarseRate.enter * margin
        return cost.coarseFits && cost.coarseFramesPerSecond >= needed
    }

    private func coarseClient(_ margin: Double) -> PathChoice? {
        guard has(.hybrid), canMoveCoarsely(margin), let cost = costs.client, let model = inputs.model else {
            return nil
        }
        let isSlowToArrive = cost.usableSeconds > PathChooser.usableSeconds
        let isLarge = !cost.fits || cost.framesPerSecond < PathChooser.clientRate.enter
        let why =
            isLarge || !isSlowToArrive
            ? "This view has \(PathSentences.triangles(model.cutTriangleCount)), which this device would draw at "
                + "\(PathSentences.rate(cost.framesPerSecond))"
            : "The \(PathSentences.bytes(model.cutByteCount)) of this view would arrive within "
                + PathSentences.seconds(cost.usableSeconds)
        return PathChoice(
            path: .hybrid, code: isSlowToArrive && !isLarge ? .linkSlow : .modelLarge,
            reason: "\(why), so \(PathSentences.doing(.hybrid)).")
    }

    /// The lower of the server's latency and the client's, each in milliseconds.
    private func cheaper(_ margin: Double) -> PathChoice {
        guard let client = costs.client, let server = costs.server else {
            return PathChoice(path: candidates[0], code: .undecided, reason: "Nothing is known about the costs.")
        }
        let whole = client.fits ? PathChooser.latency(client.framesPerSecond) : .infinity
        let coarse = PathChooser.latency(client.coarseFramesPerSecond) + PathChooser.coarsePenalty
        // A client that is not soon usable shows a coarse cut for long.
        let isUsable = client.usableSeconds <= PathChooser.usableSeconds || inputs.current == .client
        var clientScore = isUsable ? min(whole, coarse) : coarse
        var serverScore = server.latencySeconds * 1000
        if inputs.current == .client { clientScore /= margin }
        if inputs.current == .server { serverScore /= margin }
        let picturePath: ViewerPath = has(.server) ? .server : .hybrid
        let isServerBetter = serverScore < clientScore || !has(.client)
        let drawn = "This device would draw a coarse view at \(PathSentences.rate(client.coarseFramesPerSecond))"
        let sent = "the server's pictures come \(PathSentences.milliseconds(server.latencySeconds)) after the input"
        let path = isServerBetter ? picturePath : .client
        return PathChoice(
            path: path, code: isServerBetter ? weakness(client) : .serverSlow,
            reason: "\(drawn) and \(sent), so \(PathSentences.doing(path)).")
    }

    private func weakness(_ client: ClientCost) -> PathReasonCode {
        if client.coarseFramesPerSecond < PathChooser.coarseRate.enter { return .clientSlow }
        return client.fits && client.usableSeconds > PathChooser.usableSeconds ? .linkSlow : .modelLarge
    }

    /// Leaving the server path for another is worth it: the client's frames come sooner.
    var isClientSooner: Bool {
        guard let client = costs.client, let server = costs.server else { return costs.client != nil }
        return PathChooser.latency(client.coarseFramesPerSecond) < server.latencySeconds * 1000
    }

    /// Milliseconds from input to a picture that the client draws: input waits for half a frame.
    private static func latency(_ framesPerSecond: Double) -> Double { 1500 / max(framesPerSecond, 0.01) }
}
