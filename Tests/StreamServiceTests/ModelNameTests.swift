// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import StreamService
import Testing

@Suite struct ModelNameTests {
    @Test(arguments: [
        ("engine", "engine"), ("Engine Größe (2)", "engine-grosse-2"), ("../../etc/passwd", "etc-passwd"),
        ("", "model"), ("...", "model"), ("名前", "名前"), ("モデル「が」2", "モデル-が-2"),
        ("Деталь №7 Й", "деталь-no7-й"),
        ("gro\u{308}\u{DF}e", "grosse"), ("模型 (1)", "模型-1"), ("\u{202E}evil\u{200B}x", "evil-x"), ("ＡＢ１", "ab1"),
        ("a__b", "a-b"), ("-a-", "a"), ("Ünï\u{0}x", "uni-x"),
        (String(repeating: "x", count: 500), String(repeating: "x", count: 64)),
    ])
    func `a slug is safe in addresses and file names`(text: String, slug: String) {
        #expect(ModelName.slug(text) == slug)
        #expect(ModelName.slug(slug) == slug, "an id is its own")
        #expect(ModelName.slug(text).utf8.count <= 64)
    }

    @Test func `long names in any script are cut between letters`() {
        let slug = ModelName.slug(String(repeating: "模", count: 100))
        #expect(slug == String(repeating: "模", count: 21))
    }

    @Test(arguments: [
        ("/a/b/engine.glb", "engine"), ("C:\\x\\engine.v2.glb", "engine.v2"), ("engine", "engine"),
        (".hidden", ".hidden"), ("", ""), ("/", ""),
    ])
    func `the base of a path has no folder and no last extension`(path: String, base: String) {
        #expect(ModelName.base(of: path) == base)
    }

    @Test(arguments: [
        ("Engine V2.glb", "Engine V2.glb"), ("../../etc/passwd", "passwd"), ("C:\\models\\a.obj", "a.obj"),
        ("..", "model"), ("", "model"), (".hidden", "hidden"), ("a\u{0}\nb", "ab"), ("名前.glb", "名前.glb"),
        (String(repeating: "é", count: 500), String(repeating: "é", count: 60)),
    ])
    func `a stranger's file name is made safe`(name: String, file: String) {
        #expect(ModelName.file(name) == file)
    }

    @Test func `a taken name gets the first free number`() {
        let taken: Set = ["a", "a-2", "a-3"]
        #expect(ModelName.unique("a", isTaken: taken.contains) == "a-4")
        #expect(ModelName.unique("b", isTaken: taken.contains) == "b")
    }
}
