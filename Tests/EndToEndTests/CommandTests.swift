// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The program as people and scripts meet it.
@Suite struct CommandTests {
    @Test(arguments: ["import", "inspect", "verify", "preview", "sample"])
    func `every command explains itself`(command: String) throws {
        let outcome = try Program().run(command, "--help")
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.contains("USAGE: vantage \(command)"))
        #expect(outcome.output.contains("OVERVIEW:"))
    }

    @Test func `the program lists its commands and its version`() throws {
        let program = try Program()
        let help = try program.run("--help")
        for command in ["import", "inspect", "verify", "preview", "sample"] { #expect(help.output.contains(command)) }
        let version = try program.run("--version")
        #expect(version.code == 0 && version.output.split(separator: ".").count == 3)
        #expect(try program.run("imprt").code == 64)
    }

    @Test func `a GLB file becomes a sound archive that can be inspected and drawn`() throws {
        let program = try Program()
        try program.write("cube.glb", cubeGLB())
        let imported = try program.run("import", "cube.glb")
        #expect(imported.code == 0, "\(imported.errors)")
        #expect(imported.output.contains("cube.vantage") && imported.output.contains("12 triangles"))
        #expect(program.files == ["cube.glb", "cube.vantage"])

        let verified = try program.run("verify", "cube.vantage", "--json")
        #expect(verified.code == 0)
        #expect(try verified.json()["isSound"] as? Bool == true)

        let inspected = try program.run("inspect", "cube.vantage", "--json")
        #expect(inspected.code == 0)
        #expect(try !inspected.json().isEmpty)
        #expect(try program.run("inspect", "cube.vantage").output.contains("a cube"))

        let drawn = try program.run("preview", "cube.vantage", "-o", "p.png", "--width", "64", "--height", "48")
        #expect(drawn.code == 0)
        #expect(try program.bytes("p.png").prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
    }

    @Test func `the JSON report of an import has every field`() throws {
        let program = try Program()
        #expect(try program.run("sample", "scan", "--triangles", "5000", "-o", "stone.ply", "-q").code == 0)
        let outcome = try program.run("import", "stone.ply", "--json", "--threads", "2")
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        let report = try outcome.json()
        let expected: Set<String> = [
            "source", "archive", "format", "contentHash", "triangles", "uniqueTriangles", "vertices", "parts",
            "geometries", "instances", "materials", "textures", "levels", "nodes", "sectors", "proxies", "chunks",
            "sourceBytes", "archiveBytes", "bytesPerTriangle", "trianglesPerSecond", "secondsTotal",
            "secondsPerPhase", "peakMemoryBytes", "warnings",
        ]
        #expect(expected.isSubset(of: Set(report.keys)), "\(expected.subtracting(report.keys)) missing")
        #expect((report["contentHash"] as? String)?.count == 64)
        #expect((report["triangles"] as? Int ?? 0) > 4000 && report["instances"] as? Int == 1)
        #expect(report["archiveBytes"] as? Int == (try program.bytes("stone.vantage").count))
        #expect((report["peakMemoryBytes"] as? Int ?? 0) > 1 << 20)
        #expect((report["secondsPerPhase"] as? [String: Double])?["reading"] != nil)
    }

    @Test func `several files go into a folder`() throws {
        let program = try Program()
        try program.write("a.glb", cubeGLB())
        try program.write("b.glb", cubeGLB())
        try FileManager.default.createDirectory(atPath: program.path("out"), withIntermediateDirectories: false)
        let outcome = try program.run("import", "a.glb", "b.glb", "-o", "out", "--json")
        #expect(outcome.code == 0)
        let reports = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]]
        #expect(reports?.map { $0["archive"] as? String } == ["out/a.vantage", "out/b.vantage"])
        #expect(Set(reports?.compactMap { $0["contentHash"] as? String } ?? []).count == 2, "names differ")
        #expect(try program.run("verify", "out/a.vantage", "out/b.vantage").code == 0)
        #expect(try program.run("import", "a.glb", "b.glb", "-o", "no-folder").code == 64)
    }

    @Test func `one bad file among several does not stop the others`() throws {
        let program = try Program()
        try program.write("bad.glb", Data("nonsense".utf8))
        try program.write("good.glb", cubeGLB())
        let outcome = try program.run("import", "bad.glb", "good.glb")
        #expect(outcome.code == 1 && outcome.errors.contains("bad.glb"))
        #expect(program.files == ["bad.glb", "good.glb", "good.vantage"])
    }

    @Test(arguments: [
        ["import", "x.glb", "--threads", "0"], ["import", "x.glb", "--threads", "-1"], ["import"],
        ["import", "x.glb", "--memory-limit", "1MiB"], ["import", "x.glb", "--unit", "parsec"],
        ["import", "x.glb", "--up", "w"], ["verify", "x.vantage", "--threads", "0"],
        ["preview", "x.vantage", "-o", "p.png", "--width", "0"], ["sample", "teapot"],
        ["sample", "scan", "--triangles", "5"],
    ])
    func `options that make no sense are refused with the usage`(arguments: [String]) throws {
        let program = try Program()
        let outcome = try program.start(arguments).finish()
        #expect(outcome.code == 64 && outcome.errors.contains("Error:") && outcome.errors.contains("Usage:"))
        #expect(program.files == [])
    }
}

/// What happens when things go wrong.
@Suite struct FailureTests {
    @Test func `a file that is no model fails with its name and what to do`() throws {
        let program = try Program()
        try program.write("letter.glb", Data("Dear reader, this is no model.".utf8))
        try program.write("empty.stl", Data())
        for (file, remedy) in [("letter.glb", "export"), ("empty.stl", "empty"), ("missing.obj", "No such file")] {
            let outcome = try program.run("import", file)
            #expect(outcome.code == 1 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("error: ") && outcome.errors.contains(file))
            #expect(outcome.errors.contains(remedy), "\(outcome.errors)")
        }
        #expect(program.files == ["empty.stl", "letter.glb"])
    }

    @Test func `an existing archive stays when an import fails`() throws {
        let program = try Program()
        try program.write("cube.glb", cubeGLB())
        #expect(try program.run("import", "cube.glb").code == 0)
        let before = try program.bytes("cube.vantage")
        try program.write("cube.glb", cubeGLB().dropLast(20))
        #expect(try program.run("import", "cube.glb").code == 1)
        #expect(try program.bytes("cube.vantage") == before)
        #expect(program.files == ["cube.glb", "cube.vantage"])
    }

    @Test func `an output that cannot be written fails`() throws {
        let program = try Program()
        try program.write("cube.glb", cubeGLB())
        let outcome = try program.run("import", "cube.glb", "-o", "nowhere/cube.vantage")
        #expect(outcome.code == 1 && outcome.errors.contains("nowhere"))
        #expect(program.files == ["cube.glb"])
    }

    @Test func `a damaged archive is found wherever the damage is`() throws {
        let program = try Program()
        try program.write("cube.glb", cubeGLB())
        #expect(try program.run("import", "cube.glb").code == 0)
        let whole = try program.bytes("cube.vantage")
        // Header, a chunk, the index or description at the end; then cut short, longer, and another file.
        for place in [9, 30, 120, 65_540, 65_700, whole.count - 5, whole.count - 900] {
            var damaged = whole
            damaged[place] ^= 0x10
            try program.write("damaged.vantage", damaged)
            let outcome = try program.run("verify", "damaged.vantage")
            #expect(outcome.code == 1, "a flipped bit at byte \(place) of \(whole.count)")
        }
        for bytes in [whole.dropLast(1), whole + [0], whole.prefix(100), Data(), cubeGLB()] {
            try program.write("damaged.vantage", Data(bytes))
            for command in [["verify"], ["inspect"], ["preview", "-o", "p.png"]] {
                let outcome = try program.start([command[0], "damaged.vantage"] + command.dropFirst()).finish()
                #expect(outcome.code == 1, "\(command)")
                #expect((outcome.errors + outcome.output).contains("damaged.vantage"))
            }
        }
        #expect(!program.files.contains("p.png"))
        #expect(try program.run("verify", "cube.vantage", "damaged.vantage").code == 1)
        let report = try program.run("verify", "damaged.vantage", "--json")
        #expect(try report.json()["isSound"] as? Bool == false)
        #expect(report.code == 1)
    }

    // Names the file first, then each phase when it is done: reading, and building levels.
    @Test(arguments: ["stone.ply", "reading "])
    func `an interrupted import leaves nothing`(sign: String) throws {
        let program = try Program()
        #expect(try program.run("sample", "scan", "--triangles", "150000", "-o", "stone.ply", "-q").code == 0)
        let running = try program.start(["import", "stone.ply"])
        running.waitForErrors(containing: sign)
        #expect(running.process.isRunning)
        running.process.interrupt()
        let outcome = running.finish()
        #expect(outcome.code == 130 && outcome.errors.contains("interrupted"))
        #expect(program.files == ["stone.ply"])
    }
}
