// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Messages waiting to be written on one WebSocket, in four lanes. A value; its owner locks.
struct SendQueue {
    private var lanes = Array(repeating: Lane(), count: Priority.allCases.count)
    /// Payload bytes in the queue, and of the message being written what was not written yet.
    private(set) var byteCount = 0
    /// Messages not begun.
    private(set) var messageCount = 0

    /// First in, first out, without moving the rest at each step.
    private struct Lane {
        var messages: [OutgoingMessage?] = []
        var head = 0

        mutating func popFirst() -> OutgoingMessage? {
            while head < messages.count {
                defer { head += 1 }
                if let message = messages[head] {
                    messages[head] = nil
                    return message
                }
            }
            (messages, head) = ([], 0)
            return nil
        }

        mutating func append(_ message: OutgoingMessage) {
            if head > 32, head * 2 > messages.count {
                messages.removeFirst(head)
                head = 0
            }
            messages.append(message)
        }

        func index(ofKey key: UInt64) -> Int? { messages.indices.last { messages[$0]?.key == key } }
    }

    /// - Returns: By how many bytes the queue grew.
    mutating func append(_ message: OutgoingMessage, priority: Priority) -> Int {
        var growth = message.byteCount
        let lane = priority.rawValue
        if let key = message.key, let index = lanes[lane].index(ofKey: key), let old = lanes[lane].messages[index] {
            growth -= old.byteCount
            lanes[lane].messages[index] = message
        } else {
            lanes[lane].append(message)
            messageCount += 1
        }
        byteCount += growth
        return growth
    }

    /// Removes the message with `key` from the lane of `priority`.
    ///
    /// - Returns: Its byte count; nil if there is none, or it has begun to be written.
    mutating func withdraw(key: UInt64, priority: Priority) -> Int? {
        let lane = priority.rawValue
        guard let index = lanes[lane].index(ofKey: key), let message = lanes[lane].messages[index] else { return nil }
        lanes[lane].messages[index] = nil
        byteCount -= message.byteCount
        messageCount -= 1
        return message.byteCount
    }

    /// The next message to write. Its bytes count until `wrote` says otherwise.
    mutating func popFirst() -> OutgoingMessage? {
        for lane in lanes.indices {
            if let message = lanes[lane].popFirst() {
                messageCount -= 1
                return message
            }
        }
        return nil
    }

    mutating func wrote(byteCount written: Int) { byteCount -= written }

    /// Drops what waits in the lanes other than `control`.
    ///
    /// - Returns: How many bytes that were.
    mutating func dropAllButControl() -> Int { drop(lanes.indices.dropFirst()) }

    /// - Returns: How many bytes that were, counting a message that was being written.
    mutating func dropAll() -> Int {
        let dropped = byteCount
        _ = drop(lanes.indices)
        byteCount = 0
        return dropped
    }

    private mutating func drop(_ indices: Range<Int>) -> Int {
        var dropped = 0
        for lane in indices {
            for case let message? in lanes[lane].messages {
                dropped += message.byteCount
                messageCount -= 1
            }
            lanes[lane] = Lane()
        }
        byteCount -= dropped
        return dropped
    }
}
