// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// What became known, happened or is asked for.
package enum PathEvent: Equatable, Sendable {
    case device(DeviceFacts)
    case link(LinkFacts)
    case server(ServerFacts)
    case model(ModelFacts)
    /// About once a second, for the path that is shown.
    case measured(ClientMeasures)
    case wish(PathWish)
    case policy(PathPolicy)
    /// The viewer shows the path of the decision of this number.
    case shown(number: Int)
    /// The viewer or the server cannot do what the decision of this number says; 0: the path served from the start.
    case failed(number: Int, reason: String)
    /// Chunks for the path that is being prepared still arrive. Without this one, a client path that fills for long is
    /// given up when much more time has passed than was predicted.
    case progressed
    /// Whether anybody can see the viewer, as is assumed at first. A hidden one shows nothing new, and has not failed.
    case visible(Bool)
    /// Time has passed: `nextDeadline` is due.
    case tick
}

/// What to do, in this order.
package enum PathAction: Equatable, Sendable {
    /// Serve this path beside the one that is shown, and tell the viewer. A preparation of the same path that is under
    /// way goes on under the new number. If the path is the one that is shown, the viewer is only told the reason, and
    /// acknowledges with `shown` at once.
    case begin(PathDecision)
    /// The old path may stop now. What was loaded for it is kept until `forget`.
    case finish(ViewerPath)
    /// A preparation is not wanted any more: what only this path needs stops, and the viewer is told under `newNumber` to
    /// stay with what it shows.
    case cancel(number: Int, path: ViewerPath, newNumber: Int)
    /// Drop what was loaded for drawing by the client (`client`) or by the server (`server`); never `hybrid`. A minute
    /// after it was used last.
    case forget(ViewerPath)
    /// Tell the viewer that its wish is not fulfilled. What is served is decided as if it had none.
    case refuse(PathRefusal)
    /// Nothing can be served: close the connection with this sentence. Nothing comes after it.
    case fail(PathRefusal)
}
