// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Glibc

/// A file descriptor that is closed with this value, unless it was given away.
struct OwnedDescriptor: ~Copyable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// The caller closes it from now on.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}

/// Opens sockets that listen. libwebsockets could do it, but says neither why it failed nor how to stop.
enum ListeningSockets {
    /// - Returns: Descriptors that the caller owns, and the port they share.
    static func open(host: String, port: Int) throws(TransportError) -> (descriptors: [Int32], port: Int) {
        guard 0...65535 ~= port else { throw .invalidPort(port) }
        guard host == "localhost" else {
            let socket = try listen(host: host, port: port)
            let bound = try boundPort(socket.number)
            return ([socket.release()], bound)
        }
        // The second family may be absent; and a free port may be free in one family only.
        for _ in 0..<16 {
            let first = try listen(host: "127.0.0.1", port: port)
            let bound = try boundPort(first.number)
            do throws(TransportError) {
                let second = try listen(host: "::1", port: bound)
                return ([first.release(), second.release()], bound)
            } catch .portTaken where port == 0 {
                continue
            } catch .portTaken {
                throw .portTaken(host: "::1", port: port)
            } catch {
                return ([first.release()], bound)
            }
        }
        throw .system(call: "bind", message: "no port is free on both 127.0.0.1 and ::1")
    }

    private static func listen(host: String, port: Int) throws(TransportError) -> OwnedDescriptor {
        var address = try SocketAddress(host: host, port: UInt16(port))
        let number = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw systemError("socket") }
        let descriptor = OwnedDescriptor(number)
        setNonblocking(number)
        // Connections of a listener that just ended do not keep the port.
        setOption(number, SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 { setOption(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, host == "::" ? 0 : 1) }
        guard address.withPointer({ bind(number, $0, $1) }) == 0 else { throw bindError(host: host, port: port) }
        guard Glibc.listen(number, 1024) == 0 else {
            throw errno == EADDRINUSE ? .portTaken(host: host, port: port) : systemError("listen")
        }
        return descriptor
    }

    private static func boundPort(_ descriptor: Int32) throws(TransportError) -> Int {
        guard let address = SocketAddress(localOf: descriptor) else { throw systemError("getsockname") }
        return Int(address.port)
    }

    private static func bindError(host: String, port: Int) -> TransportError {
        switch errno {
        case EADDRINUSE: .portTaken(host: host, port: port)
        case EACCES: .portNotPermitted(port: port)
        case EADDRNOTAVAIL, EAFNOSUPPORT: .addressNotHere(host: host)
        default: systemError("bind")
        }
    }

    private static func systemError(_ call: String) -> TransportError {
        .system(call: call, message: String(cString: strerror(errno)))
    }

    static func setNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// An IPv4 or IPv6 address with a port.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)

    var family: Int32 { Int32(storage.ss_family) }

    /// - Parameter host: A literal; names are not looked up.
    init(host: String, port: UInt16) throws(TransportError) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            withUnsafeBytes(of: &v4) { store($0) }
        } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            withUnsafeBytes(of: &v6) { store($0) }
        } else {
            throw .notAnAddress(host: host)
        }
    }

    init?(localOf descriptor: Int32) {
        guard withMutablePointer({ getsockname(descriptor, $0, $1) }) == 0 else { return nil }
    }

    /// Accepts a connection that does not block, and that programs this one starts do not inherit.
    ///
    /// - Returns: Its descriptor, or -1 with `errno`.
    static func accept(on descriptor: Int32) -> (connection: Int32, peer: SocketAddress) {
        var address = SocketAddress()
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let connection = address.withMutablePointer { accept4(descriptor, $0, $1, flags) }
        return (connection, address)
    }

    private init() {}

    private mutating func store(_ bytes: UnsafeRawBufferPointer) {
        withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: bytes) }
        byteCount = socklen_t(bytes.count)
    }

    mutating func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        let byteCount = byteCount
        return withUnsafeBytes(of: &storage) { bytes in
            body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, byteCount)
        }
    }

    private mutating func withMutablePointer<R>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> R
    ) -> R {
        var count = byteCount
        defer { byteCount = count }
        return withUnsafeMutableBytes(of: &storage) { bytes in
            body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, &count)
        }
    }

    var port: UInt16 {
        var copy = storage
        // The port is at the same place in both families.
        return withUnsafeBytes(of: &copy) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }

    /// The 4 or 16 bytes of the address; an IPv4 address inside IPv6 gives 4.
    private var addressBytes: [UInt8] {
        var copy = storage
        return withUnsafeBytes(of: &copy) { bytes in
            guard family == AF_INET6 else { return Array(bytes[4..<8]) }
            let address = Array(bytes[8..<24])
            let isMapped = address.prefix(10).allSatisfy { $0 == 0 } && address[10] == 0xff && address[11] == 0xff
            return isMapped ? Array(address.suffix(4)) : address
        }
    }

    /// Without the port.
    var text: String {
        let bytes = addressBytes
        var buffer = [CChar](repeating: 0, count: 64)
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count))
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var textWithPort: String { addressBytes.count == 4 ? "\(text):\(port)" : "[\(text)]:\(port)" }

    var isLoopback: Bool {
        let bytes = addressBytes
        return bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}
