// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImageCoding
import JSONCoding
import ModelStorage
import StreamCore
import StreamService
import Testing

@Suite struct UploadTests {
    func upload(_ server: TestServer, _ name: String, _ body: [UInt8]) async throws -> SocketClient.Response {
        try await server.request("POST", "/api/v1/models?name=\(name)", body: body)
    }

    @Test func `an uploaded model is imported, listed and streamed`() async throws {
        let server = try TestServer()
        let body = TestModels.obj(size: 30)
        let answer = try await upload(server, "My%20Plate.obj", body)
        #expect(answer.status == 202)
        let events = try #require(answer.json?["events"]?.text)
        let steps = try await server.client().events("/\(events)")
        let last = try #require(steps.last)
        #expect(last["state"] == "done")
        #expect(last["name"] == "My Plate.obj")
        #expect(last["model"] == "my-plate")
        let model = try await server.request("GET", "/api/v1/models/my-plate")
        #expect(model.json?["triangleCount"] == 1800)
        #expect(model.json?["name"] == "My Plate")
        let thumbnail = try await server.request("GET", "/api/v1/models/my-plate/thumbnail")
        #expect(thumbnail.headers["content-type"] == "image/jpeg")
        let picture = try ImageDecoding.decode(thumbnail.body.rawSpan, maximumPixels: 1 << 20, channelCount: 3)
        #expect(picture.width == 256 && picture.height == 192)
        // The lower corner: what viewers show behind models, darker by a fortieth at the side.
        let corner = picture.pixels.suffix(3).map { Float($0) / 255 }
        for channel in 0..<3 {
            #expect(abs(corner[channel] - 0.975 * ViewerBackground.light.bottom[channel]) < 0.02)
        }
        let viewer = try await server.viewer("model=my-plate&protocol=1.0")
        var hasChunk = false
        while !hasChunk { if case .chunk = try await viewer.serverMessage() { hasChunk = true } }

        let again = try await upload(server, "other.obj", body)
        #expect(again.status == 200)
        #expect(again.json?["model"] == "my-plate")
        #expect(!server.folder.files.contains(".uploads") || uploads(server).isEmpty)

        #expect(try await server.request("DELETE", "/api/v1/models/my-plate").status == 204)
        #expect(try await server.request("GET", "/api/v1/models/my-plate").status == 404)
        #expect(try await viewer.closing().closeCode == 4410)
    }

    func uploads(_ server: TestServer) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: server.folder.file(".uploads"))) ?? []
    }

    @Test func `an uploaded archive is taken as it is`() async throws {
        let server = try TestServer()
        let answer = try await upload(server, "small.vantage", try TestModels.bytes(TestModels.small))
        let id = try #require(answer.json?["import"]?.text)
        try await eventually("it is done") { server.parts.imports.status(id)?.isFinished == true }
        #expect(server.parts.imports.status(id)?.model == "small")
        var bytes = try TestModels.bytes(TestModels.archive)
        bytes[200] ^= 1
        let damaged = try await upload(server, "damaged.vantage", bytes)
        let second = try #require(damaged.json?["import"]?.text)
        try await eventually("it is done") { server.parts.imports.status(second)?.isFinished == true }
        #expect(server.parts.imports.status(second)?.error?.code == .damagedModel)
        #expect(server.parts.store.entries.map(\.id) == ["small"])
    }

    @Test func `a chunk that was changed is found before the archive is listed`() async throws {
        let server = try TestServer()
        var bytes = try TestModels.bytes(TestModels.archive)
        let archive = try Archive(path: TestModels.archive)
        bytes[Int(archive.index.chunks[archive.index.chunks.count - 1].offset) + 5] ^= 0x40
        let answer = try await upload(server, "changed.vantage", bytes)
        let id = try #require(answer.json?["import"]?.text)
        try await eventually("it is done") { server.parts.imports.status(id)?.isFinished == true }
        #expect(server.parts.imports.status(id)?.error?.code == .damagedModel)
        #expect(server.parts.store.entries.isEmpty)
    }

    @Test func `equal files uploaded together make one model`() async throws {
        let server = try TestServer { $0.models.importsAtOnce = 3 }
        let body = TestModels.obj(size: 12)
        let answers = try await withThrowingTaskGroup(of: SocketClient.Response.self) { group in
            for number in 0..<6 { group.addTask { try await upload(server, "same\(number).obj", body) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { [200, 202].contains($0.status) })
        try await eventually("all are done") { server.parts.imports.statuses.allSatisfy(\.isFinished) }
        #expect(server.parts.store.entries.count == 1)
        let model = try #require(server.parts.store.entries.first?.id)
        #expect(server.parts.imports.statuses.allSatisfy { $0.model == model })
    }

    @Test(arguments: [
        ("%E6%A8%A1%E5%9E%8B.obj", "模型"), ("%D0%94%D0%B5%D1%82%D0%B0%D0%BB%D1%8C.obj", "деталь"),
        ("gr%C3%B6%C3%9Fe.obj", "grosse"),
    ])
    func `a model keeps its letters, and is found by whatever people call it`(name: String, id: String) async throws {
        let server = try TestServer()
        _ = try await upload(server, name, TestModels.obj(size: 2))
        try await eventually("it is listed") { !server.parts.store.entries.isEmpty }
        #expect(server.parts.store.entries.map(\.id) == [id])
        let shown = try #require(server.parts.store.entries.first?.name)
        for reference in [id, shown, id + ".vantage", shown.uppercased()] {
            let escaped = ModelName.escaped(reference)
            let answer = try await server.request("GET", "/api/v1/models/\(escaped)")
            #expect(answer.json?["id"]?.text == id, "\(reference)")
            let viewer = try await server.viewer("model=\(escaped)&protocol=1.0")
            _ = try await viewer.serverMessage()
        }
        #expect(try await server.request("DELETE", "/api/v1/models/\(ModelName.escaped(shown))").status == 204)
        #expect(server.parts.store.entries.isEmpty)
    }

    @Test(arguments: ["hello", "", "v 0 0 0\n", #"{"asset":{"version":"2.0"}}"#, "solid x\nendsolid x\n"])
    func `what is no model fails with a reason, and nothing of it stays`(text: String) async throws {
        let server = try TestServer()
        let answer = try await upload(server, "x.glb", Array(text.utf8))
        let id = try #require(answer.json?["import"]?.text)
        try await eventually("it is done") { server.parts.imports.status(id)?.isFinished == true }
        let status = try await server.request("GET", "/api/v1/imports/\(id)")
        #expect(status.json?["state"] == "failed")
        let message = try #require(status.json?["error"]?["message"]?.text)
        #expect(!message.isEmpty && !message.contains(server.folder.path))
        try await eventually("the upload is gone") { uploads(server).isEmpty }
        #expect(server.folder.files.filter { $0.hasSuffix(".vantage") }.isEmpty)
        #expect(try await server.request("DELETE", "/api/v1/imports/\(id)").status == 204)
        #expect(try await server.request("GET", "/api/v1/imports/\(id)").status == 404)
    }

    @Test func `an upload that breaks off leaves nothing`() async throws {
        let server = try TestServer()
        let client = try server.client()
        try await client.send(
            "POST /api/v1/models?name=a.obj HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n")
        try await client.send([UInt8](repeating: 32, count: 300_000))
        try await eventually("it has begun") { !uploads(server).isEmpty }
        try await client.kill()
        try await eventually("it is gone") { uploads(server).isEmpty }
        #expect(server.parts.imports.statuses.map(\.state) == [.failed])
    }

    @Test func `an upload beyond the limit is refused`() async throws {
        let server = try TestServer { $0.models.uploadByteLimit = 100_000 }
        let client = try server.client()
        try await client.send(
            "POST /api/v1/models?name=a.obj HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100001\r\n\r\n")
        let answer = try await client.request("GET", "/healthz")
        #expect(answer.status == 413)
        #expect(uploads(server).isEmpty)
    }

    @Test func `a server that takes no uploads says so`() async throws {
        let server = try TestServer { $0.models.canUpload = false }
        #expect(try await upload(server, "a.obj", TestModels.obj(size: 2)).status == 403)
        #expect(try await server.request("GET", "/api/v1/models").json?["canUpload"] == false)
    }

    @Test func `an upload can be cancelled`() async throws {
        let server = try TestServer()
        let client = try server.client()
        try await client.send(
            "POST /api/v1/models?name=a.obj HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n")
        try await client.send([UInt8](repeating: 32, count: 100_000))
        try await eventually("it has begun") { !server.parts.imports.statuses.isEmpty }
        let id = try #require(server.parts.imports.statuses.first?.id)
        #expect(try await server.request("DELETE", "/api/v1/imports/\(id)").status == 204)
        #expect(server.parts.imports.status(id)?.state == .failed)
        try await eventually("it is gone") { uploads(server).isEmpty }
        #expect(try await server.request("DELETE", "/api/v1/imports/unknown").status == 404)
    }

    @Test func `only so many uploads are on their way, and they take no import's place`() async throws {
        let server = try TestServer {
            $0.models.importLimit = 1
            $0.models.uploadLimit = 2
        }
        let client = try server.client()
        try await client.send(
            "POST /api/v1/models?name=a.obj HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n")
        try await client.send([32])
        try await eventually("it has begun") { !server.parts.imports.statuses.isEmpty }
        let answer = try await upload(server, "b.obj", TestModels.obj(size: 2))
        #expect(answer.status == 202)
        try await eventually("it is done") { server.parts.imports.statuses.contains { $0.state == .done } }
        let second = try server.client()
        try await second.send(
            "POST /api/v1/models?name=c.obj HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n")
        try await second.send([32])
        try await eventually("it has begun") {
            server.parts.imports.statuses.count { $0.state == .uploading } == 2
        }
        let refused = try await upload(server, "d.obj", TestModels.obj(size: 2))
        #expect(refused.status == 503)
        #expect(refused.headers["retry-after"] == "30")
    }
}
