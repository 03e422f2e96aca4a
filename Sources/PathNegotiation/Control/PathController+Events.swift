// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

extension PathController {
    /// What was known before changes; nothing is decided yet.
    mutating func take(_ event: PathEvent, _ actions: inout [PathAction]) {
        switch event {
        case .device(let facts):
            let (checked, ignored) = facts.checked
            inputs.device = checked
            log.ignore(ignored, of: "device")
        case .link(let facts):
            let (checked, ignored) = facts.checked
            inputs.link = checked
            log.ignore(ignored, of: "link")
        case .server(let facts): inputs.server = facts.checked
        case .model(let facts): inputs.model = facts.checked
        case .measured(let measures): take(measures)
        case .wish(let wish): take(wish)
        case .policy(let policy): inputs.policy = policy
        case .shown(let number): acknowledge(number, &actions)
        case .failed(let number, let reason): fail(number, reason, &actions)
        case .progressed: progress()
        case .visible(let isVisible):
            self.isVisible = isVisible
            patience?.since = now
        case .tick: break
        }
    }

    private mutating func take(_ measures: ClientMeasures) {
        let (checked, ignored) = measures.checked
        log.ignore(ignored, of: "measures")
        refresh()
        measuring.take(checked, on: shown, inputs, at: now)
        if (checked.decodeBacklogByteCount ?? 0) > 0 { progress() }
    }

    /// The last wish wins; asking again is asking for another try.
    private mutating func take(_ wish: PathWish) {
        if let path = wish.path { blocks.lift(path, at: now) }
        inputs.wish = wish
        isWishNew = true
    }

    private mutating func progress() {
        if let patience, !patience.isOfPictures { self.patience?.since = now }
    }

    /// Fills in what is known only at this time.
    mutating func refresh() {
        blocks.advance(to: now)
        history.advance(to: now)
        measuring.apply(to: &inputs, at: now)
        inputs.shown = shown
        inputs.current = heading
        inputs.blocked = blocks.counts(at: now)
        inputs.isMeasuring = !isFinal && !inputs.isComplete && now < PathController.measuringSeconds
        inputs.isSeated = (shown?.usesPictures ?? false) || (target?.path.usesPictures ?? false)
    }

    /// What is prepared, or else shown.
    var heading: ViewerPath? { target?.path ?? shown }
}
