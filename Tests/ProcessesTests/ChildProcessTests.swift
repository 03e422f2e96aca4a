// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Processes
import Testing

@Suite struct ChildProcessTests {
    func shell(_ script: String, _ environment: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess(program: "/bin/sh", arguments: ["-c", script], environment: environment)
    }

    /// Everything the child says until it closes both outputs.
    func listen(_ child: ChildProcess) -> (output: String, errors: String) {
        var (output, errors): ([UInt8], [UInt8]) = ([], [])
        while true {
            switch child.next(within: 60_000) {
            case .output(let bytes): output += bytes
            case .errors(let bytes): errors += bytes
            case .quiet: break
            case .closed: return (String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self))
            }
        }
    }

    @Test func `a child hears what is sent and is heard on both outputs`() throws {
        let child = try shell("read line; echo \"got $line $WORD\"; echo oh >&2; exit 3", ["WORD": "x"])
        #expect(child.send(Array("hello\n".utf8)))
        let said = listen(child)
        #expect(said.output == "got hello x\n")
        #expect(said.errors == "oh\n")
        #expect(child.wait() == .code(3))
        #expect(child.wait() == .code(3), "the second time it is known")
    }

    @Test func `more than a pipe holds arrives whole`() throws {
        let child = try shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done")
        #expect(listen(child).output.utf8.count == 220_000)
        #expect(child.wait() == .code(0))
    }

    @Test func `a child has no descriptor but its three`() throws {
        // A descriptor that every careless exec would hand on.
        let leaked = dup(0)
        defer { close(leaked) }
        let child = try shell("ls /proc/$$/fd | sort -n | tr '\\n' ' '", ["PATH": "/usr/bin:/bin"])
        #expect(listen(child).output == "0 1 2 ")
    }

    @Test func `what a child started dies with it`() throws {
        let child = try shell("/bin/sleep 1000 & echo $!; wait", ["PATH": "/usr/bin:/bin"])
        guard case .output(let bytes) = child.next(within: 60_000) else { throw Silent() }
        let text = String(decoding: bytes, as: UTF8.self)
        let grandchild = try #require(pid_t(text.prefix { $0.isNumber }))
        child.kill()
        #expect(child.wait() == .signal(Int(SIGKILL)))
        // It holds the outputs until it is gone.
        #expect(listen(child).output == "")
        #expect(grandchild > 0)
    }

    struct Silent: Error {}

    @Test func `sending to one that has ended says so and ends nobody`() throws {
        let child = try shell("exit 0")
        _ = child.wait()
        #expect(!child.send([UInt8](repeating: 32, count: 1 << 20)))
    }

    @Test func `one that is not there is an error with its name`() {
        #expect {
            try ChildProcess(program: "/nowhere/at/all", arguments: [], environment: [:])
        } throws: {
            ($0 as? ProcessError)?.description == "/nowhere/at/all: No such file or directory (posix_spawn)"
        }
    }

    @Test func `one that says nothing is quiet, and gone with its object`() throws {
        var child: ChildProcess? = try shell("echo $$; exec /bin/sleep 1000")
        guard case .output(let bytes)? = child?.next(within: 60_000) else { throw Silent() }
        let process = try #require(pid_t(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber }))
        #expect(child?.next(within: 1) == .quiet)
        child = nil
        #expect(kill(process, 0) == -1 && errno == ESRCH, "killed and reaped")
    }
}
