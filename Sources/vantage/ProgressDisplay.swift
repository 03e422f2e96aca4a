// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// Shows the phases of long work on standard error: a moving bar on a terminal, one line per finished phase elsewhere.
/// Safe to call from any thread.
final class ProgressDisplay: Sendable {
    private struct State {
        var phase = ""
        var phaseStart = ContinuousClock.now
        var lastDraw = ContinuousClock.now
        var seconds: [(phase: String, seconds: Double)] = []
    }

    private let state = Mutex(State())
    private let isTerminal: Bool
    private let isQuiet: Bool

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1
    }

    /// - Parameter share: 0...1 of the phase.
    func update(_ phase: String, _ share: Double) {
        state.withLock { state in
            if state.phase != phase {
                finishPhase(&state)
                state.phase = phase
                state.phaseStart = .now
                if isTerminal { draw(state, share) }
            } else if isTerminal, ContinuousClock.now - state.lastDraw > .milliseconds(100) {
                state.lastDraw = .now
                draw(state, share)
            }
        }
    }

    /// Ends the last phase. Returns the seconds of each, in order.
    @discardableResult
    func finish() -> [(phase: String, seconds: Double)] {
        state.withLock { state in
            finishPhase(&state)
            state.phase = ""
            return state.seconds
        }
    }

    private func finishPhase(_ state: inout State) {
        if state.phase.isEmpty { return }
        let duration = ContinuousClock.now - state.phaseStart
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        state.seconds.append((state.phase, seconds))
        let label = ProgressDisplay.padded(state.phase)
        write((isTerminal ? "\r\u{1B}[K" : "") + "  \(label) \(String(format: "%7.2f s", seconds))\n")
    }

    private func draw(_ state: State, _ share: Double) {
        let width = 30
        let filled = Int(min(max(share, 0), 1) * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let elapsed = ContinuousClock.now - state.phaseStart
        let seconds = Double(elapsed.components.seconds)
        let rest = share > 0.02 && seconds >= 2 ? String(format: ", %.0f s left", seconds / share - seconds) : ""
        let label = ProgressDisplay.padded(state.phase)
        write("\r\u{1B}[K  \(label) \(bar) \(Int(share * 100)) %\(rest)")
    }

    private static func padded(_ phase: String) -> String {
        phase + String(repeating: " ", count: max(0, 18 - phase.count))
    }

    private func write(_ text: String) {
        if isQuiet { return }
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Prints to standard error.
func printError(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
