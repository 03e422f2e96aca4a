// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import JSONCoding
import Synchronization
import Transport

/// The loop thread's end of an upload.
final class ModelUploadSink: UploadSink {
    private let upload: ModelUpload
    private let request = Mutex<Transport.Upload?>(nil)

    init(upload: ModelUpload) { self.upload = upload }

    func begin(_ upload: Transport.Upload) { request.withLock { $0 = upload } }

    func write(_ bytes: [UInt8]) {
        let request = request.withLock { $0 }
        if !upload.append(bytes, onRelief: { request?.resume() }) { request?.pause() }
    }

    func finish() {
        let request = request.withLock { $0 }
        upload.finish { [id = upload.id] result in
            switch result {
            case .success(.known(let model)): request?.reply(HTTPResponse(["model": .string(model)]))
            case .success(.queued):
                let events = "api/v1/imports/\(id)/events"
                request?.reply(HTTPResponse(["import": .string(id), "events": .string(events)], status: 202))
            case .failure(let error): request?.reply(HTTPResponse(error))
            }
        }
    }

    func cancelled() { upload.abort(ServiceError(.badRequest, "the upload broke off, or is larger than allowed")) }
}
