// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Why a path cannot be served at all, whatever is wished.
struct PathObstacle: Equatable, Sendable {
    var code: PathReasonCode
    var refusal: PathRefusal.Code
    /// Without a full stop.
    var sentence: String
    /// It may pass.
    var isTemporary = false
}

extension PathInputs {
    /// Above this share of the device, nobody new gets pictures.
    static let admittedLoad = 0.95

    /// What stands against a path; nil if it can be served. The policy comes first: it does not pass.
    func obstacle(to path: ViewerPath) -> PathObstacle? {
        if !policy.allows(path) {
            return PathObstacle(
                code: .onlyPath, refusal: .forbidden,
                sentence: "\(policyName) does not permit the \(path.rawValue) path")
        }
        let technical = technicalObstacles(to: path)
        return technical.first { !$0.isTemporary } ?? technical.first
    }

    /// The same without policies, and without room or failures: what stops a path that is shown already.
    func breakage(of path: ViewerPath) -> PathObstacle? {
        (path.usesChunks ? clientObstacle : nil) ?? (path.usesPictures ? pictureObstacle ?? rendererObstacle : nil)
    }

    private func technicalObstacles(to path: ViewerPath) -> [PathObstacle] {
        var found: [PathObstacle?] = []
        if path.usesChunks { found.append(clientObstacle) }
        if path.usesPictures { found += [pictureObstacle, rendererObstacle, roomObstacle] }
        found += failures(of: path).map { failed, count in
            PathObstacle(
                code: .failed, refusal: .failed,
                sentence: "The \(failed.rawValue) path failed \(count == 1 ? "just now" : "\(count) times")",
                isTemporary: count < PathBlocks.countLimit)
        }
        return found.compactMap(\.self)
    }

    /// A path fails with its halves, unless it is shown and works.
    private func failures(of path: ViewerPath) -> [(ViewerPath, Int)] {
        let parts: [ViewerPath] = path == .hybrid && shown != .hybrid ? [.hybrid, .client, .server] : [path]
        return parts.compactMap { part in blocked[part].map { (part, $0) } }
    }

    var clientObstacle: PathObstacle? {
        if device?.hasWebGL2 == false {
            return PathObstacle(code: .noWebGL, refusal: .noWebGL, sentence: "This browser has no WebGL 2")
        }
        if device?.hasWebAssembly == false {
            return PathObstacle(
                code: .noWebAssembly, refusal: .noWebAssembly, sentence: "This browser does not run WebAssembly")
        }
        guard isContextLost else { return nil }
        return PathObstacle(
            code: .contextLost, refusal: .contextLost, sentence: "This device's graphics driver stopped working",
            isTemporary: true)
    }

    private var pictureObstacle: PathObstacle? {
        guard device?.canShowFrames == false else { return nil }
        return PathObstacle(
            code: .cannotShowFrames, refusal: .cannotShowFrames,
            sentence: "This browser cannot show the server's pictures")
    }

    var rendererObstacle: PathObstacle? {
        guard let server else {
            // Pictures that are served from the start say enough.
            if shown?.usesPictures ?? false { return nil }
            return renderer("The server's renderer has not answered yet", isTemporary: true)
        }
        switch server.state {
        case .ready: return nil
        case .starting: return renderer("The server's renderer is still starting", isTemporary: true)
        case .unavailable(let reason, let retry):
            let again = retry.flatMap { (0...86_400).contains($0) ? $0 : nil }
            let when = again.map { "it is tried again in \(PathSentences.number($0.rounded())) s" }
            return renderer("The server's renderer is not there", reason, when ?? "", isTemporary: true)
        case .off(let reason): return renderer("The server draws no pictures", reason, isTemporary: false)
        }
    }

    private func renderer(_ sentence: String, _ details: String..., isTemporary: Bool) -> PathObstacle {
        let details = details.filter { !$0.isEmpty }.joined(separator: "; ")
        return PathObstacle(
            code: .noRenderer, refusal: .noRenderer, sentence: details.isEmpty ? sentence : "\(sentence) (\(details))",
            isTemporary: isTemporary)
    }

    private var roomObstacle: PathObstacle? {
        guard !isSeated, let server, server.state == .ready else { return nil }
        if !server.hasRoom {
            return PathObstacle(
                code: .rendererFull, refusal: .full, sentence: "The server draws for as many viewers as it may",
                isTemporary: true)
        }
        guard server.load > PathInputs.admittedLoad else { return nil }
        let share = PathSentences.number((server.load * 100).rounded())
        return PathObstacle(
            code: .rendererFull, refusal: .full, sentence: "The server's renderer is busy (\(share) % is asked for)",
            isTemporary: true)
    }
}
