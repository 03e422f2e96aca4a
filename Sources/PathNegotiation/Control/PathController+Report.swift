// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension PathController {
    /// The next time something may change by itself, in seconds; those that have passed wait for events.
    var deadline: Double? {
        var times = halves.times + measuring.times + blocks.times
        times += [history.calmAt, patience?.dueAt ?? .infinity]
        if isDecided {
            times += [changeAt, nextAwaitAt]
        } else {
            times += [PathController.linkSeconds, PathController.decisionSeconds]
        }
        if !isFinal { times.append(PathController.measuringSeconds) }
        if isWishNew { times.append(nextWishAt) }
        return times.filter { $0 > now && $0.isFinite }.min()
    }

    /// Everything that is known now.
    package var report: PathReport {
        let chooser = PathChooser(inputs)
        let costs = chooser.explainedCosts
        return PathReport(
            shown: shown, standing: standing.map { refreshed($0, chooser) },
            target: target.map { refreshed($0, chooser) },
            wish: inputs.wish, policy: inputs.policy,
            device: inputs.device, link: inputs.link, server: inputs.server, model: inputs.model,
            measures: inputs.measures, costs: costs,
            decisions: log.decisions.map {
                PathReport.Past(
                    decision: $0, secondsAgo: max(0, now - ($0.decidedAt - epoch).inSeconds))
            },
            refusals: log.refusals,
            dwellUntil: history.dwellUntil > now ? time(history.dwellUntil) : nil,
            bounceCount: history.bounceCount, blocked: blocks.untils(at: now).mapValues { time($0) },
            ignoredClaims: log.ignoredClaims, failure: failure, awaiting: awaiting?.reason)
    }

    /// A decision that would be made again for the same reason, with the numbers as they are known now.
    private func refreshed(_ decision: PathDecision, _ chooser: PathChooser) -> PathDecision {
        guard case .path(let choice) = chooser.verdict(), choice.path == decision.path, choice.code == decision.code
        else {
            return decision
        }
        var decision = decision
        decision.reason = choice.reason
        return decision
    }
}
