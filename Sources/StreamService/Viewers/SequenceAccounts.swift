// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Which numbered messages a viewer was sent. A damaged chunk takes a number that never arrives; it counts as
/// acknowledged together with the message before it.
struct SequenceAccounts {
    private var last: UInt32 = 0
    private var acknowledged: UInt32 = 0
    /// Ascending; beyond `acknowledged`.
    private var missing: [UInt32] = []

    mutating func sent(_ sequence: UInt32) { last = sequence }

    /// - Returns: what counts as acknowledged now, if the viewer has nothing else to acknowledge.
    mutating func skipped(_ sequence: UInt32) -> UInt32? {
        last = sequence
        missing.append(sequence)
        let before = acknowledged
        advance()
        return acknowledged > before ? acknowledged : nil
    }

    /// - Returns: what counts as acknowledged now; nil when the viewer names a message that was never sent.
    mutating func acknowledge(_ sequence: UInt32) -> UInt32? {
        guard sequence <= last else { return nil }
        // An older one changes nothing, but it is no mistake either.
        if sequence < acknowledged { return sequence }
        acknowledged = sequence
        advance()
        return acknowledged
    }

    private mutating func advance() {
        missing.removeAll { $0 <= acknowledged }
        while let next = missing.first, next == acknowledged + 1 {
            acknowledged = next
            missing.removeFirst()
        }
    }
}
