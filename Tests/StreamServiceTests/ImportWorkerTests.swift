// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamService
import Synchronization
import Testing

@Suite struct ImportWorkerTests {
    let folder = TestFolder()

    /// A worker whose program is a shell script.
    func worker(script: String) throws -> ImportWorker {
        let path = try folder.write("worker.sh", Array("#!/bin/sh\nread job\n\(script)\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        var worker = TestModels.worker
        worker.program = path
        return worker
    }

    func reason(
        _ worker: ImportWorker, _ file: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) -> ModelConversion.Failure? {
        do throws(ModelConversion.Failure) {
            _ = try worker.convert(
                file, to: folder.file("out.vantage"), progress: { _, _ in }, isCancelled: isCancelled)
            return nil
        } catch {
            return error
        }
    }

    func message(_ worker: ImportWorker, _ file: String = "x.glb") -> (code: ServiceError.Code, text: String)? {
        guard case .failed(let error)? = reason(worker, file) else { return nil }
        return (error.code, error.message)
    }

    @Test func `a worker makes the same archive as this process, and tells its progress`() throws {
        let file = try folder.write("plate.obj", TestModels.obj(size: 20))
        let phases = Mutex<[String]>([])
        let made = try TestModels.worker.convert(
            file, to: folder.file("worker.vantage"), progress: { phase, _ in phases.withLock { $0.append(phase) } },
            isCancelled: { false })
        try TestModels.conversion.run(
            file: file, archive: folder.file("here.vantage"), progress: { _, _ in }, isCancelled: { false })
        let bytes = try TestModels.bytes(folder.file("worker.vantage"))
        #expect(try bytes == TestModels.bytes(folder.file("here.vantage")))
        #expect(made.contentHash.count == 64)
        #expect(phases.withLock { $0.first == "reading" && $0.contains("writing") })
        let verified = try TestModels.worker.verify(
            folder.file("worker.vantage"), progress: { _, _ in }, isCancelled: { false })
        #expect(verified.contentHash == made.contentHash)
    }

    @Test func `what is wrong with a file is said as before`() throws {
        let file = try folder.write("x.obj", Array("v 0 0 0\nf 1 2 3\n".utf8))
        let failure = try #require(message(TestModels.worker, file))
        #expect(failure.code == .unsupported)
        #expect(failure.text.contains("line 2") && !failure.text.contains(folder.path))
        #expect(folder.files == ["x.obj"])
    }

    @Test(arguments: ["kill -SEGV $$", "kill -ILL $$", "exit 7", "exit 0", "echo no JSON; exit 0"])
    func `a worker that ends without a word is a file that cannot be read`(script: String) throws {
        let progress = #"echo '{"progress":{"phase":"sectors","fraction":0.5}}'"#
        let failure = try #require(message(try worker(script: progress + "\n" + script)))
        #expect(failure.code == .unsupported)
        #expect(failure.text.contains("could not be read") && failure.text.contains("making sectors"))
    }

    @Test(arguments: [
        "echo 'Fatal error: failed to allocate 99 bytes' >&2; kill -ABRT $$", "kill -KILL $$",
        "echo \"what():  std::bad_alloc\" >&2; exit 134",
    ])
    func `a worker out of memory names the setting`(script: String) throws {
        var worker = try worker(script: script)
        worker.memoryLimit = 300 << 20
        let failure = try #require(message(worker))
        #expect(failure.code == .tooLarge)
        #expect(failure.text.contains("300 MiB") && failure.text.contains("models.importMemoryLimit"))
    }

    @Test func `a worker gets no more memory than it may use`() throws {
        var worker = TestModels.worker
        worker.memoryLimit = 12 << 20
        let file = try folder.write("large.obj", TestModels.obj(size: 250))
        let failure = try #require(message(worker, file))
        #expect(failure.code == .tooLarge)
        #expect(failure.text.contains("models.importMemoryLimit"))
    }

    @Test func `a worker without progress is ended, however busy it is`() throws {
        let progress = #"echo '{"progress":{"phase":"reading","fraction":0.5}}'"#
        for script in ["sleep 1000", "while true; do \(progress); done", "while true; do echo x; done"] {
            var worker = try worker(script: script)
            worker.stallLimit = .milliseconds(200)
            let failure = try #require(message(worker))
            #expect(failure.code == .tooLarge && failure.text.contains("models.importStallSeconds"), "\(script)")
        }
    }

    @Test func `a worker that goes on for ever is ended`() throws {
        var worker = try worker(
            script: #"i=0; while true; do i=$((i+1)); echo "{\"progress\":{\"phase\":\"p$i\",\"fraction\":0}}"; done"#)
        worker.timeLimit = .milliseconds(200)
        let failure = try #require(message(worker))
        #expect(failure.code == .tooLarge && failure.text.contains("models.importSeconds"))
    }

    @Test func `a line without end is not listened to for ever`() throws {
        let worker = try worker(script: "cat /dev/zero")
        #expect(message(worker)?.code == .unsupported)
    }

    @Test func `a cancelled worker is gone`() throws {
        let worker = try worker(script: "echo $$ > \(folder.file("pid")); exec sleep 1000")
        let path = folder.file("pid")
        let failure = reason(worker, "x.glb", isCancelled: { FileManager.default.fileExists(atPath: path) })
        #expect(failure == .cancelled)
    }

    @Test func `a program that is not there is an error, not the end`() throws {
        var worker = TestModels.worker
        worker.program = folder.file("missing")
        #expect(message(worker)?.code == .failed)
    }
}
