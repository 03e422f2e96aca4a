// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import CWebSockets
import Glibc
import Synchronization

/// The certificate that new connections get, and its renewal: programs that renew certificates replace the files of a
/// running server. Safe from any thread.
final class CertificateStore: Sendable {
    private struct State {
        var certificate: ServerCertificate
        /// Of the files when they were last looked at, also if they were not usable.
        var stamps: [Stamp]
    }

    /// What changes when a file is replaced or written.
    private struct Stamp: Equatable {
        var device: UInt
        var inode: UInt
        var byteCount: Int
        var seconds: Int
        var nanoseconds: Int

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, byteCount) = (status.st_dev, status.st_ino, status.st_size)
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    let files: TLSFiles
    private let state: Mutex<State>

    /// - Throws: `unreadableFile` or `unusableCertificate`.
    init(_ files: TLSFiles) throws(TransportError) {
        self.files = files
        // Before the files are read, so that no later change is missed.
        let stamps = Self.stamps(files)
        state = Mutex(State(certificate: try ServerCertificate(files), stamps: stamps))
    }

    var current: ServerCertificate { state.withLock { $0.certificate } }

    /// Reads the files if they have changed. Blocks.
    ///
    /// - Returns: What people should know; nil if nothing has changed.
    func renew() -> ListenerNotice? {
        let stamps = Self.stamps(files)
        let isNew = state.withLock { state in
            defer { state.stamps = stamps }
            return state.stamps != stamps
        }
        guard isNew else { return nil }
        do throws(TransportError) {
            let renewed = try ServerCertificate(files)
            state.withLock { $0.certificate = renewed }
            return .certificateRenewed(path: files.certificatePath)
        } catch {
            return .certificateRefused(error)
        }
    }

    /// Has the connections of libwebsockets' context ask for the current certificate; this object must outlive it.
    func serve(_ context: OpaquePointer) {
        SSL_CTX_set_cert_cb(
            context,
            { session, store in
                guard let session, let store else { return 0 }
                let certificate = Unmanaged<CertificateStore>.fromOpaque(store).takeUnretainedValue().current
                return certificate.present(in: session) ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func stamps(_ files: TLSFiles) -> [Stamp] {
        [files.certificatePath, files.keyPath].compactMap { Stamp(path: $0) }
    }
}
