// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A TCP connection of a `SocketLoop`, for the loop's thread.
package final class Socket {
    /// Connected; called once, unless `onEnd` comes first.
    package var onOpen: () -> Void = {}
    /// What arrived, and when.
    package var onBytes: (_ bytes: [UInt8], _ now: Double) -> Void = { _, _ in }
    /// It is over, for this reason; called once, not after `close`.
    package var onEnd: (SocketError) -> Void = { _ in }
    /// Whether arriving bytes are taken; otherwise they wait in the kernel, and then at the peer.
    package var isReading = true

    private(set) var descriptor: Int32
    private var isConnected: Bool
    private var outbox: [UInt8] = []
    private var outboxStart = 0
    package private(set) var isClosed = false

    init(connectingTo address: SocketAddress, receiveByteCount: Int?) throws(SocketError) {
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        isConnected = false
        guard descriptor >= 0 else { throw .last("socket") }
        prepare(receiveByteCount: receiveByteCount)
        let status = address.bytes.withUnsafeBytes {
            Glibc.connect(
                descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(address.bytes.count))
        }
        if status != 0, errno != EINPROGRESS {
            let error = SocketError.last("connect")
            close()
            throw error
        }
    }

    /// The next peer that waits; nil: none does.
    init?(accepting listener: Int32) {
        descriptor = accept(listener, nil, nil)
        isConnected = true
        if descriptor < 0 { return nil }
        prepare(receiveByteCount: nil)
    }

    deinit { close() }

    private func prepare(receiveByteCount: Int?) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        if let receiveByteCount {
            var size = Int32(clamping: receiveByteCount)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    static func listeningDescriptor() throws(SocketError) -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            guard bind(descriptor, pointer, size) == 0, listen(descriptor, 512) == 0 else { return -1 }
            return getsockname(descriptor, pointer, &size)
        }
        guard status == 0 else {
            let error = SocketError.last("bind")
            Glibc.close(descriptor)
            throw error
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Sends at once what the kernel takes, the rest later, in order.
    package func send(_ bytes: [UInt8]) {
        guard !isClosed else { return }
        outbox += bytes
        if isConnected { flush() }
    }

    package var queuedByteCount: Int { outbox.count - outboxStart }

    /// Without a good-bye; nothing is called afterwards.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        (onOpen, onBytes, onEnd) = ({}, { _, _ in }, { _ in })
    }

    var events: Int16 {
        let reading = isConnected && isReading ? POLLIN : 0
        return Int16(reading | (!isConnected || queuedByteCount > 0 ? POLLOUT : 0))
    }

    func serve(_ events: Int16, _ buffer: inout [UInt8]) {
        if !isConnected { return finishConnecting() }
        if Int32(events) & POLLOUT != 0 { flush() }
        // A peer's end is noticed by reading; one that is not read waits.
        if isReading, Int32(events) & (POLLIN | POLLHUP | POLLERR) != 0 { read(&buffer) }
    }

    private func finishConnecting() {
        var status: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size)
        guard status == 0 else { return end(.code(status, "connect")) }
        isConnected = true
        onOpen()
        if !isClosed { flush() }
    }

    private func read(_ buffer: inout [UInt8]) {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return onBytes(Array(buffer[..<count]), SocketLoop.now) }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        end(count == 0 ? .closed : .last("receive"))
    }

    private func flush() {
        while outboxStart < outbox.count {
            let count = outbox.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress! + outboxStart, $0.count - outboxStart,
                    Int32(bitPattern: UInt32(MSG_NOSIGNAL)))
            }
            if count < 0 {
                if errno != EAGAIN, errno != EINTR { end(.last("send")) }
                break
            }
            outboxStart += count
        }
        if outboxStart == outbox.count || outboxStart > 1 << 20 {
            outbox.removeFirst(outboxStart)
            outboxStart = 0
        }
    }

    private func end(_ reason: SocketError) {
        let tell = onEnd
        close()
        tell(reason)
    }
}
