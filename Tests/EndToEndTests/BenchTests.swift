// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `vantage bench` as people and scripts meet it. How fast anything is is not tested.
@Suite struct BenchTests {
    static let thresholds = #"""
        {"rules": [{"kind": "client", "metric": "firstPictureBytes", "MOST": 40},
                   {"kind": "client", "metric": "waste", "most": 100}]}
        """#

    @Test func `a server is started, measured and ended; reports are written and can be compared`() throws {
        let program = try Program()
        #expect(try program.run("sample", "scan", "--triangles", "20000", "-o", "stone.ply", "-q").code == 0)
        #expect(try program.run("import", "stone.ply").code == 0)
        let kept = Self.thresholds.replacingOccurrences(of: "MOST", with: "most")
        try program.write("kept.json", Data(kept.utf8))
        let outcome = try program.run(
            "bench", "client", "stone.vantage", "--path", "teleport", "--link", "rate=50,rtt=10", "--seconds", "2",
            "--repeats", "1", "--size", "320x180", "--json", "a.json", "--html", "a.html", "--check", "kept.json", "-q")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("| first picture, KB"))
        #expect(outcome.output.contains("ok      client · stone · teleport · rate=50,rtt=10: first picture"))
        let page = String(decoding: try program.bytes("a.html"), as: UTF8.self)
        #expect(page.contains("<svg") && page.contains("Error over bytes"))
        let compared = try program.run("bench", "compare", "a.json", "a.json")
        #expect(compared.code == 0 && compared.output.contains("first picture: "))
    }

    @Test func `a broken threshold has an exit code of its own`() throws {
        let program = try Program()
        #expect(try program.run("sample", "scan", "--triangles", "5000", "-o", "stone.ply", "-q").code == 0)
        #expect(try program.run("import", "stone.ply").code == 0)
        let rule =
            #"{"rules": [{"kind": "simulated", "metric": "firstPictureBytes", "most": 0.001, "why": "too much"}]}"#
        try program.write("t.json", Data(rule.utf8))
        let outcome = try program.run(
            "bench", "client", "stone.vantage", "--simulate", "--rates", "20", "--round-trips", "40", "--check",
            "t.json", "-q")
        #expect(outcome.code == 2)
        #expect(outcome.output.contains("BROKEN  simulated · stone · whole") && outcome.output.contains("too much"))
    }

    @Test(arguments: [
        (["client"], 64, "name archives or model files"), (["client", "x.vantage"], 1, "x.vantage: no such file"),
        (["client", "x.vantage", "--link", "5g"], 64, "no link is called"),
        (["client", "x.vantage", "--link", "rate=0"], 64, "rate goes from"),
        (["client", "x.vantage", "--path", "loop"], 64, "no path is called"),
        (["client", "--url", "https://x"], 64, "does not speak https"),
        (["client", "--url", "http://127.0.0.1:1"], 1, "cannot be reached"),
        (["server", "x.vantage", "--viewers", "0"], 64, "--viewers goes from"),
        (["load", "x.vantage", "--most", "0"], 64, "--most goes from"), (["compare", "a", "b"], 1, "a cannot be read"),
    ])
    func `mistakes are named`(arguments: [String], code: Int, text: String) throws {
        let outcome = try Program().start(["bench"] + arguments).finish()
        #expect(outcome.code == Int32(code))
        #expect((outcome.errors + outcome.output).contains(text), "\(outcome.errors)")
    }
}
