// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Transport

@Suite struct WebSocketParserTests {
    /// All events but `frame`.
    func events(
        _ bytes: [UInt8], pieceByteCount: Int = .max, allowsText: Bool = true, maximumByteCount: Int = 1000
    ) throws(WebSocketViolation) -> [WebSocketParser.Event] {
        var parser = WebSocketParser(maximumByteCount: maximumByteCount, tooLargeCode: 4413, allowsText: allowsText)
        var events: [WebSocketParser.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceByteCount))
            rest = rest.dropFirst(piece.count)
            let result = piece.withUnsafeBytes { buffer in
                Result<[WebSocketParser.Event], WebSocketViolation> { () throws(WebSocketViolation) in
                    var input = buffer
                    var found: [WebSocketParser.Event] = []
                    while let event = try parser.next(&input) { found.append(event) }
                    return found
                }
            }
            events += try result.get().filter { $0 != .frame }
        }
        return events
    }

    func violation(_ bytes: [UInt8], allowsText: Bool = true) -> UInt16? {
        do throws(WebSocketViolation) {
            _ = try events(bytes, allowsText: allowsText)
            return nil
        } catch {
            return error.code
        }
    }

    func frame(_ opcode: UInt8, _ text: String, isFinal: Bool = true) -> [UInt8] {
        TestClient.frame(opcode, Array(text.utf8), isFinal: isFinal)
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13, .max])
    func `messages are unmasked and joined, in whatever pieces they come`(pieceByteCount: Int) throws {
        let long = (0..<700).map { UInt8($0 & 0xff) }
        let bytes =
            TestClient.frame(2, long) + frame(1, "hé", isFinal: true) + frame(2, "one ", isFinal: false)
            + frame(9, "ping") + frame(0, "two ", isFinal: false) + frame(10, "") + frame(0, "three") + frame(2, "")
        let found = try events(bytes, pieceByteCount: pieceByteCount)
        #expect(
            found == [
                .message(long, isText: false), .message(Array("hé".utf8), isText: true), .ping(Array("ping".utf8)),
                .pong, .message(Array("one two three".utf8), isText: false), .message([], isText: false),
            ])
    }

    @Test func `a close brings its code and reason`() throws {
        #expect(try events(TestClient.closeFrame(4001, "done")) == [.close(code: 4001, reason: "done")])
        #expect(try events(frame(8, "")) == [.close(code: nil, reason: "")])
    }

    @Test(
        arguments: [
            ([0x82, 0x01, 0x61], 1002), ([0xc2, 0x80, 0, 0, 0, 0], 1002), ([0x83, 0x80, 0, 0, 0, 0], 1002),
            ([0x09, 0x80, 0, 0, 0, 0], 1002), ([0x89, 0xfe, 0, 0], 1002), ([0x80, 0x80, 0, 0, 0, 0], 1002),
            ([0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80], 1002), ([0x88, 0x81, 0, 0, 0, 0, 3], 1002),
            ([0x88, 0x82, 0, 0, 0, 0, 3, 0xed], 1002), ([0x88, 0x83, 0, 0, 0, 0, 3, 0xe8, 0xff], 1002),
            ([0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
            ([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 4413),
            ([0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0], 4413),
        ] as [([UInt8], UInt16)])
    func `a frame that breaks the rules is refused with its code`(bytes: [UInt8], code: UInt16) {
        #expect(violation(bytes) == code)
    }

    @Test func `text is refused where only binary is allowed`() {
        #expect(violation(frame(1, "x"), allowsText: false) == 1003)
    }

    @Test func `fragments together may not exceed the maximum`() {
        let half = TestClient.frame(2, [UInt8](repeating: 0, count: 600), isFinal: false)
        let rest = TestClient.frame(0, [UInt8](repeating: 0, count: 600))
        #expect(violation(half + rest) == 4413)
    }

    @Test func `what is found does not depend on how the bytes are cut`() throws {
        let bytes =
            frame(2, "one", isFinal: false) + frame(9, "p") + frame(0, "") + frame(1, "two") + frame(10, "")
            + TestClient.closeFrame(1000, "bye")
        var results = 0
        func outcome(_ bytes: [UInt8], cut: Int) -> String {
            var parser = WebSocketParser(maximumByteCount: 1000, tooLargeCode: 4413, allowsText: true)
            var found = ""
            do throws(WebSocketViolation) {
                for part in [Array(bytes[..<cut]), Array(bytes[cut...])] {
                    var rest = part[...]
                    while !rest.isEmpty {
                        let step = Array(rest).withUnsafeBytes { buffer in
                            Result<(WebSocketParser.Event?, Int), WebSocketViolation> { () throws(WebSocketViolation) in
                                var input = buffer
                                return (try parser.next(&input), input.count)
                            }
                        }
                        let (event, left) = try step.get()
                        found += event.map { "\($0);" } ?? ""
                        rest = rest.suffix(left)
                    }
                }
            } catch {
                found += "\(error)"
            }
            results += 1
            return found
        }
        mutate(bytes, rounds: 200, seed: 21) { damaged in
            let whole = outcome(damaged, cut: damaged.count)
            for cut in 0..<damaged.count where outcome(damaged, cut: cut) != whole {
                Issue.record("cut at \(cut): \(damaged.hex)")
            }
        }
        #expect(results > 5000)
    }

    @Test func `damaged frames never give more than came, and nothing traps`() {
        let bytes = frame(2, "one", isFinal: false) + frame(9, "p") + frame(0, "two") + TestClient.closeFrame(1000)
        for length in 0...bytes.count { _ = try? events(Array(bytes[..<length])) }
        var excessCount = 0
        mutate(bytes, rounds: 5000, seed: 11) { damaged in
            let found = (try? events(damaged)) ?? []
            let byteCount = found.reduce(0) { if case .message(let message, _) = $1 { $0 + message.count } else { $0 } }
            if byteCount > damaged.count { excessCount += 1 }
        }
        #expect(excessCount == 0)
    }
}

@Suite struct WebSocketHandshakeTests {
    @Test func `the key is answered as the standard's example says`() {
        #expect(WebSocketHandshake.acceptValue("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        arguments: [
            (nil, "h:1", true), ("http://h:1", "h:1", true), ("http://H:1", "h:1", true), ("http://h", "h", true),
            ("http://h", "h:80", true), ("https://h", "h:443", true), ("https://h", "h", true),
            ("https://h:443", "h", true), ("https://h", "h:80", false), ("https://h:8443", "h", false),
            ("http://h", "h:443", false), ("http://[::1]:8", "[::1]:8", true),
            ("http://[::1]", "[::1]", true), ("http://h:2", "h:1", false), ("http://evil", "h:1", false),
            ("null", "h:1", false), ("http://h:1.evil", "h:1", false), ("", "", false), ("http://", "", false),
            ("https://models.example.org", "h:1", true), ("file://h:1", "h:1", false),
        ] as [(String?, String, Bool)])
    func `a page may connect to its own host, or if it is on the list`(origin: String?, host: String, isAllowed: Bool) {
        let isSecure = host.hasSuffix(":443")
        let rule = OriginRule(listed: ["https://models.example.org"], isSecure: isSecure)
        #expect((origin.map { rule.isListed($0) || rule.isOwn($0, host: host) } ?? true) == isAllowed)
        #expect(OriginRule(listed: ["*"], isSecure: isSecure).isListed(origin ?? ""))
    }
}

@Suite struct TokenBucketTests {
    @Test func `what came during a stall is excused once`() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 10, capacity: 20, now: start)
        bucket.excuse(.seconds(3))
        let results = [(30, true), (20, true), (1, false)].map { count, expected in
            bucket.take(count, now: start) == expected
        }
        #expect(results == [true, true, true])
    }

    @Test func `bursts are allowed up to the capacity, and the rate after that`() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 10, capacity: 20, now: start)
        for (count, milliseconds, isTaken) in [
            (20, 0, true), (1, 0, false), (5, 500, true), (1, 500, false), (21, 100_000, false), (20, 100_000, true),
        ] {
            let result = bucket.take(count, now: start + .milliseconds(milliseconds))
            #expect(result == isTaken)
        }
    }
}
